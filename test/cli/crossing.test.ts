import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { approve, ask, introspect, openTicket } from '../http/story.ts';
import { flowsPolicy, never, once, requestIn } from './flows-policy.ts';
import { type CliWorld, machineAt, type Ran, startCliWorld } from './harness.ts';

let world: CliWorld;
const runtime = mkdtempSync(join(tmpdir(), 'countersign-runtime-'));
const environment = { XDG_RUNTIME_DIR: runtime };

beforeAll(async () => {
  world = await startCliWorld({ policy: flowsPolicy, chained: true });
});
afterAll(() => world.stop());
afterEach(async () => {
  world.sts.behave({ kind: 'answer' });
  const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
  for (const { grant } of items) await world.people.maya.post(`/v1/grants/${grant}/end`);
});

const node = process.execPath;
const minutes = (count: number) => count * 60_000;

/** What the command prints whenever it changes, until it has printed so many lines. */
const watching = (look: string, lines: number, most = 300): readonly string[] => [
  node,
  '-e',
  `const look = async () => { ${look} };
   let last, count = 0, tries = 0;
   const turn = async () => {
     const now = await look();
     if (now !== last) { last = now; console.log(now); count += 1; }
     if (count < ${lines} && ++tries < ${most}) setTimeout(turn, 50);
   };
   turn();`,
];

const readTokenFile = "return require('node:fs').readFileSync(process.env.COUNTERSIGN_TOKEN_FILE, 'utf8');";
const askEndpoint = `
  const answer = await fetch(process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI, {
    headers: { authorization: process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN },
  });
  const told = await answer.json();
  return answer.ok ? told.AccessKeyId + ' ' + told.Expiration : answer.status + ' ' + told.message;`;

interface Crossing {
  readonly entitlement: string;
  readonly duration?: string;
  readonly command: readonly string[];
  readonly more?: readonly string[];
  /** Told all that the command has printed so far. */
  readonly onStdout?: (soFar: string) => void;
  readonly onStderr?: (soFar: string) => void;
}

/** Maya asks, for half an hour if nothing is said, Tomas signs, and the command runs. */
async function runFor({
  entitlement,
  duration = '30m',
  command,
  more = [],
  ...hooks
}: Crossing): Promise<Ran> {
  const decide = once(/^asked /m, (soFar) => approve(world.people.tomas, requestIn(soFar)));
  return world.runCli(
    'maya',
    ['exec', entitlement, '-d', duration, '-r', 'export is stuck', ...more, '--', ...command],
    {
      environment,
      answers: [() => world.people.maya.code(), never],
      onStdout: hooks.onStdout ?? (() => undefined),
      onStderr: (soFar) => {
        decide(soFar);
        hooks.onStderr?.(soFar);
      },
    },
  );
}

/** In another terminal of hers, and Tomas signs that too. */
async function extend(entitlement: string): Promise<void> {
  const words = [
    'request',
    entitlement,
    '--extend',
    '-d',
    '20m',
    '-r',
    'takes longer',
    '--no-wait',
    '--totp-stdin',
  ];
  const ran = await world.runCli('maya', words, { environment, stdin: world.people.maya.code() });
  await approve(world.people.tomas, requestIn(ran.stdout));
}

const linesOf = (soFar: string): readonly string[] => soFar.trim().split('\n');

test('a token in the file is followed by the extension’s at the old end; the command was never restarted', async () => {
  const files: (readonly string[])[] = [];
  const ran = await runFor({
    entitlement: 'exports',
    more: ['--target', 'shop-prod', '--param', 'batch=1'],
    command: watching(readTokenFile, 2),
    onStdout: once(/./, async () => {
      files.push(readdirSync(runtime));
      world.clock.advance(minutes(20));
      await extend('exports');
      world.clock.advance(minutes(9));
    }),
    onStderr: once(/will go on at/, () => world.clock.advance(minutes(2))),
  });
  expect(ran.code, ran.stderr).toBe(0);
  const [before = '', after = ''] = linesOf(ran.stdout);
  expect((await introspect(world, before)).body.active).toBe(false);
  const told = (await introspect(world, after)).body;
  expect(told).toMatchObject({ active: true, aud: 'https://shop.example' });
  expect(ran.stderr).toMatch(
    /^countersign: will go on at (?:\S+ )?\d\d:\d\d +g-\w+$[\s\S]*^countersign: goes on until (?:\S+ )?\d\d:\d\d +g-\w+$/m,
  );
  expect(ran.stderr).toMatch(
    new RegExp(`stays open until (?:\\S+ )?\\d\\d:\\d\\d; when done: +countersign end ${told.grant}`),
  );
  expect(files).toEqual([[expect.stringMatching(/^countersign-/)]]);
  expect(readdirSync(runtime)).toEqual([]);
});

test.each([8_000, -8_000])(
  'a machine whose clock is %i ms off crosses over by the broker’s',
  async (offMs) => {
    const { home } = await world.machineOf('maya');
    const off = machineAt(home, { nowMs: () => world.clock.nowMs() + offMs });
    const { request } = await ask(world, {
      entitlement: 'exports',
      targets: ['shop-prod'],
      parameters: { batch: '1' },
    });
    await approve(world.people.tomas, request);
    const words = ['exec', 'exports', '--', ...watching(readTokenFile, 2)];
    const ran = await off.run(words, {
      environment,
      answers: [() => world.people.maya.code(), never],
      onStdout: once(/./, async () => {
        world.clock.advance(minutes(20));
        await extend('exports');
        world.clock.advance(minutes(9) + 45_000);
      }),
      onStderr: once(/will go on at/, () => setTimeout(() => world.clock.advance(12_000), 100)),
    });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).not.toContain('no further credentials');
    const [, after = ''] = linesOf(ran.stdout);
    expect((await introspect(world, after)).body.active).toBe(true);
  },
);

test('an AWS program asks the endpoint and gets the extension’s credentials at the old end, never two sessions at a time', async () => {
  const ticket = await openTicket(world);
  const ran = await runFor({
    entitlement: 'ledger',
    more: ['-t', ticket],
    command: watching(askEndpoint, 2),
    onStdout: once(/./, async () => {
      world.clock.advance(minutes(20));
      await extend('ledger');
      world.clock.advance(minutes(9));
    }),
    onStderr: once(/will go on at/, () => world.clock.advance(minutes(2))),
  });
  expect(ran.code, ran.stderr).toBe(0);
  const [[firstKey, firstEnd = ''] = [], [nextKey, nextEnd = ''] = []] = linesOf(ran.stdout).map((line) =>
    line.split(' '),
  );
  expect(firstKey).toMatch(/^ASIA/);
  expect(nextKey).toMatch(/^ASIA/);
  expect(nextKey).not.toBe(firstKey);
  // The extension's clock began where the old one's ended: a second at most lies between.
  const later = Date.parse(nextEnd) - Date.parse(firstEnd) - minutes(20);
  expect(Math.abs(later)).toBeLessThan(minutes(2) + 5_000);
  const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
  expect(items.find((grant: { extends: string | null }) => grant.extends !== null).sessions).toHaveLength(1);
});

test('the SDK of AWS finds the endpoint, though the person has keys and profiles of their own', async () => {
  const { home } = await world.machineOf('maya');
  mkdirSync(join(home, '.aws'), { recursive: true });
  writeFileSync(
    join(home, '.aws', 'credentials'),
    '[default]\naws_access_key_id = AKIASTANDING\naws_secret_access_key = x\n',
  );
  const ticket = await openTicket(world);
  const script = `
    import { STSClient } from ${JSON.stringify(import.meta.resolve('@aws-sdk/client-sts'))};
    const found = await new STSClient({}).config.credentials();
    process.stdout.write(JSON.stringify({ key: found.accessKeyId, until: found.expiration, region: await new STSClient({}).config.region() }));`;
  const ran = await runFor({
    entitlement: 'ledger',
    more: ['-t', ticket],
    command: [node, '--input-type=module', '-e', script],
  });
  expect(ran.code, ran.stderr).toBe(0);
  const { key, until, region } = JSON.parse(ran.stdout);
  expect(key).toMatch(/^ASIA/);
  expect(region).toBe('eu-west-1');
  const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
  expect(
    items.find((grant: { entitlement: string }) => grant.entitlement === 'ledger').ends_at.slice(0, 19),
  ).toBe(until.slice(0, 19));
});

test('an extension that was asked for long before needs a code: nobody is asked, a line says where to give it, and the command goes on', async () => {
  let elsewhere: Promise<Ran> | undefined;
  const ran = await runFor({
    entitlement: 'exports',
    more: ['--target', 'shop-prod', '--param', 'batch=1'],
    command: watching(readTokenFile, 2),
    onStdout: once(/./, async () => {
      await extend('exports');
      world.clock.advance(minutes(31));
    }),
    onStderr: once(/needs a code; in another terminal: /, (soFar) => {
      const [, words = ''] = /in another terminal: countersign (exec .*)/.exec(soFar) ?? [];
      elsewhere = world.runCli('maya', words.split(' '), {
        environment,
        answers: [() => world.people.maya.code(), never],
      });
    }),
  });
  expect(ran.code, ran.stderr).toBe(0);
  expect((await elsewhere)?.code).toBe(0);
  const [, after = ''] = linesOf(ran.stdout);
  expect((await introspect(world, after)).body.active).toBe(true);
  expect(ran.stderr.match(/needs a code/g)).toHaveLength(1);
});

test('before the end it is told how to go on, and after it the command is told why its calls fail', async () => {
  const ticket = await openTicket(world);
  const ran = await runFor({
    entitlement: 'ledger',
    more: ['-t', ticket],
    command: watching(askEndpoint, 2),
    onStdout: once(/./, () => world.clock.advance(minutes(21))),
    onStderr: once(/to go on, in another terminal/, () =>
      setTimeout(() => world.clock.advance(minutes(10)), 100),
    ),
  });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toMatch(
    /^countersign: ends at (?:\S+ )?\d\d:\d\d; to go on, in another terminal: countersign request ledger --target ledger-prod --extend -d 30m -r TEXT$/m,
  );
  expect(ran.stderr).toMatch(
    /^countersign: g-\w+ ended at (?:\S+ )?\d\d:\d\d; the command runs on without credentials$/m,
  );
  expect(linesOf(ran.stdout)[1]).toMatch(
    /^503 g-\w+ ended at (?:\S+ )?\d\d:\d\d → countersign request ledger$/,
  );
});

/** The broker of these tests gets an hour at a time from AWS, and this grant lasts longer. */
const longer = async () => ({
  entitlement: 'ledger-move',
  duration: '1h30m',
  more: ['-t', await openTicket(world)],
  command: watching(askEndpoint, 2),
});

test('credentials that end before their grant are followed by others of the same grant, with no code and in good time', async () => {
  const ran = await runFor({
    ...(await longer()),
    onStdout: once(/./, () => world.clock.advance(minutes(46))),
  });
  expect(ran.code, ran.stderr).toBe(0);
  const [first = '', second = ''] = linesOf(ran.stdout).map((line) => line.split(' ')[1]);
  expect(Date.parse(second) - Date.parse(first)).toBeGreaterThan(minutes(25));
  const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
  const grant = items.find((one: { entitlement: string }) => one.entitlement === 'ledger-move');
  expect(grant.sessions).toHaveLength(2);
  expect(second.slice(0, 19)).toBe(grant.ends_at.slice(0, 19));
});

test('what fails in passing is told once and tried again, while the command goes on under what it has', async () => {
  const ran = await runFor({
    ...(await longer()),
    onStdout: once(/./, () => {
      world.sts.behave({ kind: 'fail', code: 'Throttling' });
      world.clock.advance(minutes(46));
    }),
    onStderr: once(/cannot renew/, () => world.sts.behave({ kind: 'answer' })),
  });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr.match(/^countersign: cannot renew the credentials yet: .*$/gm)).toHaveLength(1);
  expect(ran.stderr).toMatch(/^countersign: goes on until /m);
  expect(ran.stdout).not.toContain('503');
});

test('a broker that is started again meanwhile is waited for', async () => {
  const ran = await runFor({
    ...(await longer()),
    onStdout: once(/./, async () => {
      const again = world.restart();
      world.clock.advance(minutes(46));
      await again;
    }),
  });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toMatch(/^countersign: goes on until /m);
});

test('what the broker refuses for good is told with its reason, and no more is asked', async () => {
  const ran = await runFor({
    ...(await longer()),
    onStdout: once(/./, async () => {
      const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
      const running = items.find((grant: { entitlement: string }) => grant.entitlement === 'ledger-move');
      await world.people.tomas.post(`/v1/grants/${running.grant}/revocation`, { reason: 'wrong cluster' });
      world.clock.advance(minutes(61));
    }),
  });
  expect(ran.stderr.match(/^countersign: no further credentials: This grant is revok/gm)).toHaveLength(1);
  expect(linesOf(ran.stdout)[1]).toMatch(/^503 This grant is revok/);
});

test('an extension of what was revoked gives nothing', async () => {
  const revoked = await runFor({
    entitlement: 'exports',
    more: ['--target', 'shop-prod', '--param', 'batch=1'],
    command: watching(readTokenFile, 2, 80),
    onStdout: once(/./, async () => {
      await extend('exports');
      const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
      const running = items.find(
        (grant: { status: string; entitlement: string }) =>
          grant.status === 'active' && grant.entitlement === 'exports',
      );
      await world.people.tomas.post(`/v1/grants/${running.grant}/revocation`, { reason: 'wrong batch' });
      world.clock.advance(minutes(31));
    }),
  });
  expect(revoked.stderr).not.toContain('goes on until');
  expect(linesOf(revoked.stdout)).toHaveLength(1);
});

test('creds answers from the grant, at its end from what carries it on, and opens no session more than it needs', async () => {
  const ticket = await openTicket(world);
  const { request } = await ask(world, { entitlement: 'ledger', ticket });
  const [grant] = (await approve(world.people.tomas, request)).grants;
  const creds = () => world.runCli('maya', ['creds', 'ledger'], { environment, answers: [never] });
  const unproved = await creds();
  expect(unproved).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining(
      '→ Once, in a terminal: countersign exec ledger --target ledger-prod -- true',
    ),
  });
  await world.runCli('maya', ['exec', 'ledger', '--', 'true'], {
    environment,
    answers: [() => world.people.maya.code()],
  });
  const answers = [await creds(), await creds()].map(({ stdout }) => JSON.parse(stdout));
  const held = (await world.people.maya.get(`/v1/grants/${grant.grant}`)).body;
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0].Expiration.slice(0, 19)).toBe(held.ends_at.slice(0, 19));
  expect(held.sessions).toHaveLength(2);
  world.clock.advance(minutes(20));
  await extend('ledger');
  // In its last minutes an SDK asks again at every call.
  world.clock.advance(minutes(9));
  const [near, nearer] = await Promise.all([creds(), creds()]);
  expect([JSON.parse(near.stdout), JSON.parse(nearer.stdout)]).toEqual([answers[0], answers[0]]);
  world.clock.advance(Date.parse(held.ends_at) - world.clock.nowMs());
  const after = await creds();
  expect(JSON.parse(after.stdout).AccessKeyId).not.toBe(answers[0].AccessKeyId);
  expect(Date.parse(JSON.parse(after.stdout).Expiration)).toBeGreaterThan(world.clock.nowMs() + minutes(19));
  const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
  await world.runCli('maya', ['end', items[0].grant], { environment });
  expect(await creds()).toMatchObject({ code: 1, stdout: '' });
});
