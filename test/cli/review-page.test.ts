import { encode } from 'uqr';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { policyText } from '../http/policy-text.ts';
import { approve, ask, openTicket } from '../http/story.ts';
import { type BrowserStandIn, browserStandIn } from './browser-stand-in.ts';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;
let browser: BrowserStandIn;

beforeAll(async () => {
  world = await startCliWorld({ policy: `${policyText}notify: { reviewers: [webhook] }\n` });
  browser = browserStandIn((await world.machineOf('tomas')).home);
});
afterAll(() => world.stop());

const COLUMNS = 100;
const PAPER = '\u001b[38;5;231;48;5;16m';
const PLAIN = '\u001b[0m';
const pageOf = (request: string): string => `${world.url}/requests/${request}/review`;
const requestIn = (text: string): string => /r-[0-9A-Z]{26}/.exec(text)?.[0] ?? 'no request';

/** The modules of a picture, read back from its half blocks: true is ink. */
function modulesIn(text: string): readonly (readonly boolean[])[] {
  const lines = text
    .replaceAll(PAPER, '')
    .replaceAll(PLAIN, '')
    .split('\n')
    .filter((line) => /^[▀▄█ ]{20,}$/.test(line));
  return lines.flatMap((line) => [
    [...line].map((half) => half === '▄' || half === ' '),
    [...line].map((half) => half === '▀' || half === ' '),
  ]);
}

function expectPictureOf(text: string, address: string): void {
  const { data } = encode(address, { border: 2 });
  expect(modulesIn(text).slice(0, data.length)).toEqual(data);
}
const expectNoPicture = (text: string) => expect(modulesIn(text)).toEqual([]);

async function asked(columns: number | undefined, ...options: readonly string[]) {
  const ticket = await openTicket(world);
  const words = ['request', 'repair', '-t', ticket, '-r', 'stuck', '--no-wait', ...options];
  return world.runCli('maya', words, {
    answers: [() => world.people.maya.code()],
    ...(columns === undefined ? {} : { columns }),
  });
}

test('who asked is told where it is reviewed, with a picture of that address on a terminal', async () => {
  const ran = await asked(COLUMNS);
  const request = requestIn(ran.stdout);
  expect(ran.stdout).toBe(`${request}\n`);
  expect(ran.stderr).toContain(`to be reviewed at ${pageOf(request)}\n`);
  expectPictureOf(ran.stderr, pageOf(request));
  // Paper and ink of its own, so that it can be read on a light terminal and on a dark one.
  const drawn = ran.stderr.split('\n').filter((line) => line.startsWith(PAPER) && line.endsWith(PLAIN));
  expect(drawn.length).toBeGreaterThan(15);
});

test.each([
  ['--no-qr', COLUMNS, ['--no-qr']],
  ['a terminal that is too narrow', 30, []],
  ['nobody who looks', undefined, []],
] as const)('with %s the address is told without a picture', async (_, columns, options) => {
  const ran = await asked(columns, ...options);
  expect(ran.stderr).toContain(`to be reviewed at ${pageOf(requestIn(ran.stdout))}\n`);
  expectNoPicture(ran.stderr);
});

test('with --json the document stands alone, and nothing is drawn', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('maya', ['--json', 'show', request], { columns: COLUMNS });
  expect(JSON.parse(ran.stdout).request).toBe(request);
  expectNoPicture(ran.stderr);
});

test('without colour it is drawn in the terminal’s own', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('maya', ['--no-color', 'show', request], { columns: COLUMNS });
  expect(ran.stderr).not.toContain('\u001b[38');
  expectPictureOf(ran.stderr, pageOf(request));
});

test('show and wait tell it again to who asked while it waits, and to nobody else', async () => {
  const { request } = await ask(world);
  const seenBy = async (who: 'maya' | 'tomas', ...words: readonly string[]) =>
    (await world.runCli(who, [...words, request], { columns: COLUMNS })).stderr;
  expectPictureOf(await seenBy('maya', 'show'), pageOf(request));
  expectPictureOf(await seenBy('maya', 'wait', '--timeout', '0'), pageOf(request));
  expect(await seenBy('tomas', 'show')).not.toContain(pageOf(request));
  await approve(world.people.tomas, request);
  expect(await seenBy('maya', 'show')).not.toContain(pageOf(request));
});

const deciding = (words: readonly string[], environment: Readonly<Record<string, string>>) =>
  world.runCli('tomas', words, {
    environment,
    columns: COLUMNS,
    answers: [() => world.people.tomas.code()],
  });

test('approve opens the page where there is a screen, and takes a code all the same', async () => {
  const { request } = await ask(world);
  const before = browser.seen().length;
  const ran = await deciding(['approve', request], browser.environment);
  expect(ran.code).toBe(0);
  expect(ran.stderr).toContain(`the page should open in your browser: ${pageOf(request)}\n`);
  expectNoPicture(ran.stderr);
  await expect.poll(() => browser.seen().slice(before)).toEqual([pageOf(request)]);
});

test('what is decided on the page that opened ends the question here, and is told as if it was answered', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('tomas', ['approve', request], {
    environment: browser.environment,
    answers: [() => void approve(world.people.tomas, request, { duration_seconds: 600 })],
  });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/^r-\w+ is granted for 10 min as g-\w+ {3}entry #\d+\n$/);
});

test('a question that somebody else made idle ends too, and says that nothing was decided', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('tomas', ['deny', request], {
    environment: browser.environment,
    answers: [() => void world.people.maya.post(`/v1/requests/${request}/withdrawal`)],
  });
  expect([ran.code, ran.stdout]).toEqual([1, '']);
  expect(ran.stderr).toMatch(/reason: \s+✗ r-\w+ is withdrawn; you decided nothing\.\n/);
});

test.each([
  ['no screen', { DISPLAY: '', SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }, []],
  ['--no-open', {}, ['--no-open']],
  ['a screen on which nothing opens addresses', { PATH: '/nowhere' }, []],
] as const)(
  'with %s deny tells the page, with a picture, and opens nothing',
  async (_, environment, options) => {
    const { request } = await ask(world);
    const before = browser.seen().length;
    const words = ['deny', request, '-r', 'not now', ...options];
    const ran = await deciding(words, { ...browser.environment, ...environment });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(`on the page: ${pageOf(request)}\n`);
    expectPictureOf(ran.stderr, pageOf(request));
    expect(browser.seen().length).toBe(before);
  },
);

test('a program that brings its code opens no page', async () => {
  const { request } = await ask(world);
  const before = browser.seen().length;
  const ran = await world.runCli('tomas', ['approve', request, '--totp-stdin'], {
    environment: browser.environment,
    stdin: world.people.tomas.code(),
  });
  expect([ran.code, browser.seen().length]).toEqual([0, before]);
  expect(ran.stderr).not.toContain('/review');
});

test('nudge says who hears of it and when it can be done again, and is refused until then', async () => {
  const { request } = await ask(world);
  const early = await world.runCli('maya', ['nudge', request]);
  expect([early.code, early.stdout]).toEqual([8, '']);
  expect(early.stderr).toMatch(/heard of it a short while ago.+\n +rule: nudges-are-bounded, entry #\d+/);
  world.clock.advance(900_000);
  const ran = await world.runCli('maya', ['nudge', request]);
  expect(ran.stdout).toMatch(
    /^leads hear of it by webhook {3}entry #\d+\nAgain from (?:\S+ )?\d\d:\d\d on\.\n$/,
  );
  const again = await world.runCli('maya', ['--json', 'nudge', request]);
  expect(JSON.parse(again.stdout).error).toMatchObject({ rule: 'nudges-are-bounded' });
  const { items } = (await world.people.maya.get(`/v1/requests/${request}/timeline`)).body;
  expect(items.map(({ sentence }: { sentence: string }) => sentence)).toContain(
    `Maya Okafor reminded leads by webhook that ${request} waits for them.`,
  );
  const other = await world.runCli('tomas', ['nudge', request]);
  expect(other.stderr).toContain('rule: request-belongs-to-the-caller');
});
