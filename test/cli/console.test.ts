import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { consoleAddress } from '../../src/cli/access/aws-sign-in.ts';
import { approve, ask } from '../http/story.ts';
import { type BrowserStandIn, browserStandIn } from './browser-stand-in.ts';
import { type CliWorld, type Given, startCliWorld } from './harness.ts';
import { type SignInStandIn, startSignInStandIn } from './sign-in-stand-in.ts';

let world: CliWorld;
let aws: SignInStandIn;
let grant: string;

beforeAll(async () => {
  [world, aws] = await Promise.all([startCliWorld(), startSignInStandIn()]);
});
afterAll(() => Promise.all([world.stop(), aws.stop()]));

beforeEach(async () => {
  if (grant !== undefined) await world.people.maya.post(`/v1/grants/${grant}/end`);
  const { request } = await ask(world, { entitlement: 'ledger' });
  grant = (await approve(world.people.tomas, request)).grants[0].grant;
});

const withStandIn = (more: Readonly<Record<string, string>> = {}) => ({
  COUNTERSIGN_AWS_SIGNIN_URL: aws.endpoint,
  ...more,
});
const opening = (given: Given = {}, ...words: readonly string[]) =>
  world.runCli('maya', ['console', 'ledger', ...words], {
    answers: [() => world.people.maya.code()],
    environment: withStandIn(),
    ...given,
  });

const logged = async (): Promise<string> => {
  const bytes: string[] = [];
  const size = (await world.broker.store.head())?.size ?? 0;
  for await (const entry of world.broker.store.entries(0, size)) bytes.push(Buffer.from(entry).toString());
  return bytes.join('\n');
};

async function browserAt(script: string): Promise<BrowserStandIn> {
  const browser = browserStandIn((await world.machineOf('maya')).home, script);
  return { ...browser, environment: withStandIn(browser.environment) };
}
const visit = `${process.execPath} -e 'fetch(process.argv[1]).then((page) => page.text())' "$1" &`;

test('where there is no browser the address is the result, and it opens the console under that session', async () => {
  const ran = await opening();
  expect(ran.code).toBe(0);
  const url = new URL(ran.stdout.trim());
  expect(await (await fetch(url)).text()).toBe('the console');
  const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
  const [session] = items[0].sessions;
  expect(aws.consoles.at(-1)).toMatchObject({
    destination: 'https://console.aws.amazon.com/console/home?region=eu-west-1',
    issuer: `${world.url}/access`,
  });
  expect(session.phase).toBe('opened');
  expect(ran.stderr).toContain(`countersign end ${grant}`);
  expect(ran.stderr).toMatch(/does not close a console that is open: it lasts until (?:\S+ )?\d\d:\d\d/);
  expect(aws.faults).toEqual([]);
});

test('the token and the credentials reach no entry, no log line of the broker, and nothing but the result', async () => {
  const ran = await opening();
  const token = new URL(ran.stdout).searchParams.get('SigninToken') ?? 'none';
  expect(aws.tokens).toContain(token);
  const elsewhere = [ran.stderr, ...world.lines, await logged()].join('\n');
  for (const secret of [...aws.tokens, ...world.sts.secrets]) expect(elsewhere).not.toContain(secret);
});

test('a browser is handed an address of this machine that serves once; the secret is on no command line', async () => {
  const browser = await browserAt(visit);
  const before = aws.consoles.length;
  const ran = await opening({ environment: browser.environment });
  expect(ran.stdout).toBe('The console is open in your browser.\n');
  await expect.poll(() => aws.consoles.length).toBe(before + 1);
  const [address = ''] = browser.seen();
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}$/);
  // Whoever read it there comes too late.
  await expect(fetch(address)).rejects.toThrow();
});

test('a page that came under another name, or by another path, gets nothing', async () => {
  const browser = await browserAt(
    `${process.execPath} -e '
      const [url] = process.argv.slice(1);
      const { request } = require("node:http");
      const ask = (more, path) => new Promise((done) => {
        const { port, pathname } = new URL(url);
        request({ port, host: "127.0.0.1", path: path ?? pathname, ...more }, (a) => { a.resume(); done(a.statusCode); }).end();
      });
      (async () => {
        const told = [await ask({ headers: { host: "evil.example" } }), await ask({}, "/"), await ask({ method: "POST" })];
        require("node:fs").writeFileSync(process.argv[2], told.join());
        await ask({});
      })();
    ' "$1" "$(dirname "$0")/told" &`,
  );
  const before = aws.consoles.length;
  expect((await opening({ environment: browser.environment })).code).toBe(0);
  expect(readFileSync(join(browser.folder, 'told'), 'utf8')).toBe('404,404,404');
  expect(aws.consoles.length).toBe(before);
});

test.each([['--no-open'], ['--json']])('%s prints the address and opens nothing', async (option) => {
  const browser = await browserAt(visit);
  const words = option === '--json' ? ['--json', 'console', 'ledger'] : ['console', 'ledger', option];
  const ran = await world.runCli('maya', words, {
    environment: browser.environment,
    answers: [() => world.people.maya.code()],
  });
  const url = option === '--json' ? JSON.parse(ran.stdout).url : ran.stdout;
  expect(url).toContain('Action=login');
  expect(browser.seen()).toEqual([]);
});

test.each([
  ['a refusal', 400, 'Invalid credentials', undefined],
  ['a redirect', 302, '', 'http://127.0.0.1:9/elsewhere'],
  ['something that is no token', 200, '{"SigninToken":""}', undefined],
  ['no JSON', 200, '<html>', undefined],
] as const)(
  '%s in the place of a token ends it, and repeats nothing of the answer',
  async (_, status, body, to) => {
    aws.answerOnce(status, body, to);
    const ran = await opening();
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain('AWS gave no address of its console');
    expect(ran.stderr).not.toContain('Invalid credentials');
  },
);

test('credentials are sent to no address that others can read on the way', async () => {
  const ran = await opening({
    environment: { COUNTERSIGN_AWS_SIGNIN_URL: 'http://signin.example/federation' },
  });
  expect([ran.code, ran.stdout]).toEqual([2, '']);
});

test('an entitlement on a service of one’s own has no console, which is said before anything is asked or opened', async () => {
  const ran = await world.runCli('maya', ['console', 'repair'], { answers: [] });
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('repair has no console');
});

test.each([
  ['eu-west-1', 'signin.aws.amazon.com', 'console.aws.amazon.com'],
  ['cn-north-1', 'signin.amazonaws.cn', 'console.amazonaws.cn'],
  ['us-gov-west-1', 'signin.amazonaws-us-gov.com', 'console.amazonaws-us-gov.com'],
])('%s has its own places: %s, %s', async (region, host, console) => {
  const asked: string[] = [];
  const real = globalThis.fetch;
  globalThis.fetch = async (input) => {
    asked.push(String(input));
    return Response.json({ SigninToken: 'token' });
  };
  try {
    const credentials = {
      kind: 'aws',
      access_key_id: 'A',
      secret_access_key: 'S',
      session_token: 'T',
      region,
    } as const;
    const url = new URL(await consoleAddress({ credentials, issuer: 'https://b.example', environment: {} }));
    expect([asked, url.host, new URL(url.searchParams.get('Destination') ?? '').host]).toEqual([
      [`https://${host}/federation`],
      host,
      console,
    ]);
  } finally {
    globalThis.fetch = real;
  }
});
