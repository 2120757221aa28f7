import { afterAll, beforeAll, expect, test } from 'vitest';
import { Ending } from '../../src/cli/ending.ts';
import { exitCode } from '../../src/cli/exit-codes.ts';
import {
  breakGlassForm,
  checkAsk,
  checkBounds,
  checkStatement,
  reviewForm,
} from '../../src/cli/requests/check-statement.ts';
import { digestOf } from '../../src/domain/digest.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { ask, statementFor } from '../http/story.ts';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;

beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world.stop());

const never = () => {
  throw new Error('nobody should be asked');
};

async function reviewsOf(request: string): Promise<readonly Record<string, unknown>[]> {
  return (await world.people.maya.get(`/v1/requests/${request}`)).body.reviews;
}

test('approve shows who asks for what, the statement’s digest and the log’s size before it asks for the code', async () => {
  const { request, ticket } = await ask(world);
  let shown = '';
  const answer = (soFar: string) => {
    shown = soFar;
    return world.people.tomas.code();
  };
  const ran = await world.runCli('tomas', ['approve', request], { answers: [answer] });
  expect(ran.code).toBe(0);
  expect(shown).toMatch(/^Maya Okafor asks for repair on shop-prod for 30 min$/m);
  expect(shown).toMatch(new RegExp(`^ {2}ticket +${ticket}$`, 'm'));
  expect(shown).toMatch(/^ {2}reason +│ Stuck export$/m);
  expect(shown).toMatch(/^You approve: 30 min$/m);
  expect(shown).toMatch(/^ +▲ destructive {2}batches\.delete {2}export\/batches\/\*$/m);
  expect(shown).toMatch(/^ +○ read {9}batches\.read {4}export$/m);
  expect(shown).toMatch(/^ {2}statement +sha256:[0-9a-f]{64}$/m);
  expect(shown).toMatch(/^ {2}log +log\.example\.com\/http-tests, \d+ entries$/m);
  expect(shown.endsWith('code: ')).toBe(true);
  expect(ran.stdout).toMatch(/^r-\w+ is granted for 30 min as g-\w+ {3}entries #\d+( #\d+)+\n$/);
});

test('the digest that was shown is the one that the log holds', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('tomas', ['approve', request, '--totp-stdin'], {
    stdin: world.people.tomas.code(),
  });
  const digest = /sha256:[0-9a-f]{64}/.exec(ran.stderr)?.[0];
  const { items } = (await world.people.noor.get('/v1/log/entries?from=0&limit=500')).body;
  const reviewed = items.find(({ bytes }: { bytes: string }) =>
    bytes.includes(`"statement_digest":"${digest}"`),
  );
  expect(JSON.parse(reviewed.bytes).data).toMatchObject({ request, verdict: 'approve' });
});

test('approve shortens with -d and narrows with --only, and says so', async () => {
  const { request } = await ask(world);
  const words = [
    'approve',
    request,
    '-d',
    '15m',
    '--only',
    'batches.delete@export/batches/42',
    '--totp-stdin',
  ];
  const ran = await world.runCli('tomas', words, { stdin: world.people.tomas.code() });
  expect(ran.stderr).toMatch(/^You approve: 15 min, not 30 min$/m);
  expect(ran.stderr).toMatch(
    /▲ destructive {2}batches\.delete {2}export\/batches\/42\n {4}\(1 of 2 permissions left out\)/,
  );
  expect(ran.stdout).toContain('is granted for 15 min');
  expect((await reviewsOf(request))[0]).toMatchObject({
    duration_seconds: 900,
    scope: [{ action: 'batches.delete', resource: 'export/batches/42', access: 'destructive' }],
  });
});

test('the first of two signatures says whose is still missing', async () => {
  const { request } = await ask(world, { entitlement: 'deploying' });
  const first = await world.runCli('tomas', ['approve', request, '--totp-stdin'], {
    stdin: world.people.tomas.code(),
  });
  expect(first.stdout).toMatch(/^you approved 30 min; 1 of 2 from leads so far {3}entries #\d+ #\d+\n$/);
  const second = await world.runCli('ines', ['--json', 'approve', request, '--totp-stdin'], {
    stdin: world.people.ines.code(),
  });
  expect(JSON.parse(second.stdout)).toMatchObject({
    status: 'approved',
    grants: [{ duration_seconds: 1800 }],
  });
});

test('what is more than was asked for is refused with 2, and no code is asked', async () => {
  const { request } = await ask(world);
  for (const more of [
    ['-d', '45m'],
    ['--only', 'batches.delete@export/other'],
    ['-d', '1000'],
  ]) {
    const ran = await world.runCli('tomas', ['approve', request, ...more], { answers: [never] });
    expect(ran.code, more.join(' ')).toBe(2);
  }
  expect(await reviewsOf(request)).toEqual([]);
});

test('nobody approves their own request: 8, with the rule and its entry, before any code', async () => {
  const { request } = await ask(world);
  const own = await world.runCli('maya', ['approve', request], { answers: [never] });
  expect(own).toMatchObject({
    code: 8,
    stderr: expect.stringMatching(/rule: approver-is-not-requester, entry #\d+/),
  });
  const stranger = await world.runCli('otto', ['approve', request], { answers: [never] });
  expect(stranger.code).toBe(1);
  const auditor = await world.runCli('noor', ['approve', request], { answers: [never] });
  expect(auditor).toMatchObject({
    code: 8,
    stderr: expect.stringContaining('rule: reviewer-is-in-the-stage-group'),
  });
});

test('where nobody can be asked, nothing is signed, and -q hides nothing of what would be', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('tomas', ['-q', 'approve', request]);
  expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('--totp-stdin') });
  expect(ran.stderr).toContain('You approve: 30 min');
  expect(await reviewsOf(request)).toEqual([]);
});

test('deny asks for the reason, then for the code', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('tomas', ['deny', request], {
    answers: ['wrong batch', () => world.people.tomas.code()],
  });
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^r-\w+ is denied {3}/) });
  expect(ran.stderr).toMatch(/^You deny: 30 min$/m);
  expect((await reviewsOf(request))[0]).toMatchObject({ verdict: 'deny', reason: 'wrong batch' });
  const empty = await ask(world);
  expect((await world.runCli('tomas', ['deny', empty.request], { answers: [' ', never] })).code).toBe(2);
  expect((await world.runCli('tomas', ['approve', request], { answers: [never] })).code).toBe(8);
});

test('an emergency is judged with --break-glass by somebody else, either way with a reason', async () => {
  const { maya, ines } = world.people;
  await maya.post('/v1/tickets', { ticket: 'INC-9001', title: 'Shop is down', responders: [maya.id] });
  for (const [verb, verdict] of [
    ['approve', 'justified'],
    ['deny', 'not-justified'],
  ] as const) {
    const { request } = await ask(world, { break_glass: true, ticket: 'INC-9001' });
    const ordinary = await world.runCli('ines', [verb, request], { answers: [never] });
    expect(ordinary).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`→ countersign ${verb} ${request} --break-glass`),
    });
    const words = [verb, request, '--break-glass'];
    const ran = await world.runCli('ines', words, { answers: ['I was there', () => ines.code()] });
    expect(ran.stderr).toMatch(/^ {2}emergency {2}to be judged by .* \(ticket-unverified\)$/m);
    expect(ran).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${request} is judged ${verdict}   entr`),
    });
    const shown = await world.runCli('maya', ['show', request]);
    expect(shown.stdout).toContain(`emergency  ${verdict} (ticket-unverified)`);
  }
});

test('--break-glass on an ordinary request says so', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('tomas', ['approve', request, '--break-glass'], { answers: [never] });
  expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('was no emergency') });
});

/** The statement that the broker would make for Tomas, with what he meant. */
async function prepared() {
  const { request } = await ask(world);
  const statement = await statementFor(world.people.tomas, request);
  const { maya, tomas } = world.people;
  return { statement, meant: { verdict: 'approve', request, requester: maya.id, reviewer: tomas.id } };
}

const withDigest = (statement: Parameters<typeof digestOf>[1]) => ({
  statement,
  statement_digest: digestOf(nodeHasher, statement),
});

const refusalOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

test('a statement is not signed when its digest is another, or when it says another thing than was meant', async () => {
  const { statement, meant } = await prepared();
  expect(checkStatement(reviewForm, withDigest(statement), meant)).toEqual(statement);
  const other = {
    request: 'r-01JZX3V5Q8M2N4P6R8T0V2W4Y6',
    requester: meant.reviewer,
    reviewer: meant.requester,
    verdict: 'deny',
  };
  const tampered = [
    { statement: { ...statement, seconds: 1801 }, statement_digest: digestOf(nodeHasher, statement) },
    ...Object.entries(other).map(([field, value]) => withDigest({ ...statement, [field]: value })),
    withDigest({ ...statement, also: 'this' }),
    withDigest({ ...statement, purpose: 'publish' }),
  ];
  for (const one of tampered) {
    const refusal = refusalOf(() => checkStatement(reviewForm, one, meant));
    expect(refusal).toBeInstanceOf(Ending);
    expect(refusal).toMatchObject({
      code: exitCode.verificationFailed,
      message: expect.stringContaining('Nothing was signed.'),
    });
  }
  expect(() => checkStatement(breakGlassForm, withDigest(statement), meant)).toThrow('not of a form');
});

test('a statement is not signed when it is longer or wider than was named', async () => {
  const { statement } = await prepared();
  const asked = { duration_seconds: 1800, scope: statement.scope };
  const [first, second] = statement.scope;
  expect(() => checkBounds(statement, asked, {})).not.toThrow();
  expect(() => checkBounds(statement, asked, { seconds: 900 })).toThrow('longer');
  expect(() => checkBounds(statement, { ...asked, duration_seconds: 900 }, {})).toThrow('longer');
  expect(() => checkBounds(statement, asked, { only: [first] })).toThrow('more than you named');
  expect(() => checkBounds({ ...statement, scope: [first] }, { ...asked, scope: [second] }, {})).toThrow(
    'more than was asked',
  );
  const dressed = {
    ...statement,
    scope: [
      { ...first, access: 'read' },
      { ...second, access: 'read' },
    ],
  };
  expect(() => checkBounds(dressed, asked, {})).toThrow('more than was asked');
});

test('a statement is not signed when it is for other people, for another place, or from another time on', async () => {
  const { statement } = await prepared();
  const asked = {
    people: [{ person: world.people.maya.id, display_name: null }],
    targets: ['shop-prod'],
    starts_at: null,
  };
  expect(() => checkAsk(statement, asked)).not.toThrow();
  const otto = world.people.otto.id;
  expect(() => checkAsk({ ...statement, people: [otto] }, asked)).toThrow('names other people');
  expect(() => checkAsk({ ...statement, people: [...statement.people, otto] }, asked)).toThrow(
    'names other people',
  );
  expect(() => checkAsk({ ...statement, targets: ['ledger-prod'] }, asked)).toThrow('names other targets');
  expect(() => checkAsk({ ...statement, targets: [] }, asked)).toThrow('names other targets');
  expect(() => checkAsk({ ...statement, start_ms: 1 }, asked)).toThrow('begins at another time');
  const scheduled = { ...asked, starts_at: '2026-12-01T21:00:00.000Z' };
  expect(() => checkAsk(statement, scheduled)).toThrow('begins at another time');
  expect(() =>
    checkAsk({ ...statement, start_ms: Date.parse(scheduled.starts_at) }, scheduled),
  ).not.toThrow();
});
