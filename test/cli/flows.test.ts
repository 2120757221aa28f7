import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, ask, open } from '../http/story.ts';
import { flowsPolicy, grantIn, never, once, requestIn } from './flows-policy.ts';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;

beforeAll(async () => {
  world = await startCliWorld({ policy: flowsPolicy });
});
afterAll(() => world.stop());

const node = process.execPath;
const approving = (reviewer: 'tomas' | 'ines', wanted: Record<string, unknown> = {}) =>
  once(/^asked /m, (soFar) => approve(world.people[reviewer], requestIn(soFar), wanted));

async function endAll(): Promise<void> {
  const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
  for (const { grant } of items) await world.people.maya.post(`/v1/grants/${grant}/end`);
}

test('catalog says what a parameter is, who may decide later, and how far ahead a start may lie', async () => {
  const { stdout } = await world.runCli('maya', ['catalog']);
  expect(stdout).toMatch(
    /^✓ exports {3}Exports on shop-prod, shop-us \(token\)\n {2}up to 1 h · no ticket · signed by leads \(after 10 min also duty\) · --start up to 24 h ahead\n {2}--param batch=… {3}number of the batch, like \^\[0-9\]\{1,6\}\$$/m,
  );
});

test('one request for two people on two targets: one sign-off, four grants, each told with its person and place', async () => {
  const words = [
    'request',
    'exports',
    '--target',
    'shop-prod',
    '--target',
    'shop-us',
    '--for',
    'me',
    '--for',
    'Tomas Lind',
  ];
  const ran = await world.runCli('maya', [...words, '--param', 'batch=42', '-r', 'stuck'], {
    answers: [() => world.people.maya.code(), never],
    onStderr: approving('ines'),
  });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/^(g-[0-9A-Z]{26}\n){4}$/);
  for (const place of [
    'Maya Okafor +shop-prod',
    'Maya Okafor +shop-us',
    'Tomas Lind +shop-prod',
    'Tomas Lind +shop-us',
  ])
    expect(ran.stderr).toMatch(new RegExp(`g-[0-9A-Z]{26} +${place} +approved`));
  const shown = await world.runCli('maya', ['show', requestIn(ran.stderr)]);
  expect(shown.stdout).toMatch(/^ {2}for +Maya Okafor, Tomas Lind$/m);
  expect(shown.stdout).toMatch(/^ {2}with +batch=42$/m);
  expect(shown.stdout).toMatch(/▲ destructive +batches\.delete +export\/batches\/42$/m);
  const listed = await world.runCli('maya', ['ls']);
  expect(listed.stdout).toMatch(new RegExp(`^${requestIn(ran.stderr)} .*4 grants$`, 'm'));
});

test('of grants on two targets, none is chosen: exec and env say which there are, and --target takes one', async () => {
  const unclear = await world.runCli('maya', ['exec', 'exports', '--', node, '-e', '0'], {
    answers: [never],
  });
  expect(unclear).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(
      /You have exports on (shop-prod, shop-us|shop-us, shop-prod); .*\n→ Say which: --target shop-/,
    ),
  });
  const script = 'process.stdout.write(process.env.COUNTERSIGN_AUDIENCE)';
  const ran = await world.runCli(
    'maya',
    ['exec', 'exports', '--target', 'shop-us', '--', node, '-e', script],
    {
      answers: [() => world.people.maya.code()],
    },
  );
  expect(ran).toMatchObject({ code: 0, stdout: 'https://us.shop.example' });
  const theirs = await world.runCli(
    'tomas',
    ['exec', 'exports', '--target', 'shop-prod', '--', node, '-e', '0'],
    {
      answers: [() => world.people.tomas.code()],
    },
  );
  expect(theirs.code).toBe(0);
});

test('the grant of another batch is not gone on under, and neither is a wider one than was named', async () => {
  const words = ['exec', 'exports', '--target', 'shop-us', '--timeout', '0', '-r', 'x', '--totp-stdin'];
  for (const more of [
    ['--param', 'batch=43'],
    ['--param', 'batch=42', '--only', 'batches.read'],
  ]) {
    const ran = await world.runCli('maya', [...words, ...more, '--', node, '-e', '0'], {
      stdin: world.people.maya.code(),
    });
    expect(ran.stderr).toMatch(/^asked leads/m);
    expect(ran.code).toBe(125);
    await world.runCli('maya', ['withdraw', requestIn(ran.stderr)]);
  }
});

test('a target or a parameter that is missing or wrong is refused with what there is, and spends no code', async () => {
  const refused = async (...words: string[]) =>
    world.runCli('maya', ['request', 'exports', '-r', 'x', ...words], { answers: [never] });
  const noTarget = await refused('--param', 'batch=42');
  expect(noTarget).toMatchObject({
    code: 8,
    stderr: expect.stringContaining('Say where: this entitlement is for shop-prod, shop-us'),
  });
  const wrongTarget = await refused('--param', 'batch=42', '--target', 'shop-eu');
  expect(wrongTarget).toMatchObject({
    code: 8,
    stderr: expect.stringContaining('targets-are-of-the-entitlement'),
  });
  const noBatch = await refused('--target', 'shop-us');
  expect(noBatch).toMatchObject({ code: 8, stderr: expect.stringContaining('--param batch=') });
  const wrongBatch = await refused('--target', 'shop-us', '--param', 'batch=*');
  expect(wrongBatch).toMatchObject({
    code: 8,
    stderr: expect.stringContaining('parameters-fit-their-patterns'),
  });
  const nobody = await refused('--target', 'shop-us', '--param', 'batch=42', '--for', 'Nobody Known');
  expect(nobody).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Nobody who has signed in is called'),
  });
});

test('who may decide later is told when asking, and news when it comes to that', async () => {
  await endAll();
  const words = ['request', 'exports', '--target', 'shop-us', '--param', 'batch=7', '-r', 'x'];
  const ran = await world.runCli('maya', words, {
    answers: [() => world.people.maya.code()],
    onStderr: (soFar) => {
      later(soFar);
      decided(soFar);
    },
  });
  expect(ran.code).toBe(0);
  expect(ran.stderr).toMatch(
    /^asked leads .*\nduty may decide too, from (?:\S+ )?\d\d:\d\d\nto be reviewed at \S+\nnow duty may decide too\napproved by Ines Duarte for 30 min /m,
  );
});
const later = once(/may decide too, from/, () => setTimeout(() => world.clock.advance(600_000), 100));
const decided = once(/^now duty may decide too$/m, (soFar) => approve(world.people.ines, requestIn(soFar)));

test('an approval can be cut down to one action and less time, and the requester reads so', async () => {
  await endAll();
  const asked = await world.runCli(
    'maya',
    [
      'request',
      'exports',
      '--target',
      'shop-us',
      '--param',
      'batch=7',
      '-r',
      'x',
      '--no-wait',
      '--totp-stdin',
    ],
    { stdin: world.people.maya.code() },
  );
  const request = requestIn(asked.stdout);
  const approved = await world.runCli(
    'tomas',
    ['approve', request, '--only', 'batches.read', '-d', '10m', '--totp-stdin'],
    { stdin: world.people.tomas.code() },
  );
  expect(approved.stderr).toContain('(1 of 2 permissions left out)');
  expect(approved.stdout).toContain('is granted for 10 min');
  const shown = await world.runCli('maya', ['--json', 'show', request]);
  expect(JSON.parse(shown.stdout).grants).toMatchObject([
    { duration_seconds: 600, scope: [{ action: 'batches.read', resource: 'export' }] },
  ]);
  const wrong = await world.runCli('tomas', ['approve', request, '--only', 'batches.drop'], {
    answers: [never],
  });
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('It has batches.read, batches.delete'),
  });
});

test('a start is said back in both clocks; exec comes early, waits for it, and opens what was scheduled', async () => {
  await endAll();
  const words = ['exports', '--target', 'shop-prod', '--param', 'batch=9'];
  const asked = await world.runCli('maya', ['request', ...words, '--start', '+2h', '-r', 'window'], {
    answers: [() => world.people.maya.code()],
    onStderr: approving('tomas'),
  });
  expect(asked.code).toBe(0);
  expect(asked.stderr).toMatch(/^begins .*\d\d:\d\d \(\d{4}-\d\d-\d\dT\d\d:\d\dZ\)$/m);
  const shown = await world.runCli('maya', ['show', requestIn(asked.stderr)]);
  expect(shown.stdout).toMatch(/^ {2}status +scheduled, g-\w+ from /m);
  expect((await world.runCli('maya', ['status'])).stdout).toMatch(/g-\w+ {2}exports {2}shop-prod {2}from /);
  // Long before, something else is needed.
  const early = await world.runCli(
    'maya',
    ['exec', ...words, '-r', 'now', '--timeout', '0', '--totp-stdin', '--', node, '-e', '0'],
    {
      stdin: world.people.maya.code(),
    },
  );
  expect(early.stderr).toMatch(/^asks for access now; what is scheduled begins .* g-\w+\nasked leads/m);
  await world.runCli('maya', ['withdraw', requestIn(early.stderr)]);
  world.clock.advance(6_600_000);
  const ran = await world.runCli(
    'maya',
    ['exec', ...words, '--', node, '-e', 'process.stdout.write("it ran")'],
    {
      answers: [() => world.people.maya.code(), never],
      onStderr: once(/^waits until it begins/m, () => world.clock.advance(600_000)),
    },
  );
  expect(ran).toMatchObject({ code: 0, stdout: 'it ran' });
  expect(ran.stderr).toMatch(new RegExp(`^waits until it begins, .* ${grantIn(asked.stdout)}$`, 'm'));
});

test('interrupted or out of time before the start, it says how to go on and runs nothing', async () => {
  await endAll();
  const { request } = await ask(world, {
    entitlement: 'exports',
    targets: ['shop-prod'],
    parameters: { batch: '9' },
    starts_at: new Date(world.clock.nowMs() + 300_000).toISOString(),
  });
  await approve(world.people.tomas, request);
  const words = ['exec', 'exports', '--', node, '-e', 'process.stdout.write("it ran")'];
  let seen: (value: string) => void = () => undefined;
  const interrupt = new Promise<string>((resolve) => {
    seen = resolve;
  });
  const interrupted = await world.runCli('maya', words, {
    interrupt,
    onStderr: once(/^waits until/m, () => seen('now')),
  });
  expect(interrupted).toMatchObject({ code: 130, stdout: '' });
  expect(interrupted.stderr).toMatch(
    /✗ g-\w+ begins at .*\n→ Go on: countersign exec exports -- … · give it up: countersign end g-/,
  );
  const late = await world.runCli('maya', [...words.slice(0, 2), '--timeout', '0', ...words.slice(2)]);
  expect(late).toMatchObject({ code: 125, stdout: '' });
});

test('exec --needs asks for that long, and refuses before it runs what a grant does not cover, saying how to have more', async () => {
  await endAll();
  const words = [
    'exec',
    'exports',
    '--target',
    'shop-us',
    '--param',
    'batch=5',
    '-r',
    'move',
    '--needs',
    '50m',
  ];
  const script = ['--', node, '-e', 'process.stdout.write("it ran")'];
  const ran = await world.runCli('maya', [...words, ...script], {
    answers: [() => world.people.maya.code()],
    onStderr: approving('tomas'),
  });
  expect(ran.stderr).toContain('approved by Tomas Lind for 50 min');
  expect(ran).toMatchObject({ code: 0, stdout: 'it ran' });
  world.clock.advance(1_500_000);
  const refused = await world.runCli('maya', [...words, ...script], { answers: [never] });
  expect(refused).toMatchObject({ code: 125, stdout: '' });
  expect(refused.stderr).toMatch(
    /✗ g-\w+ lasts 2\d min( \d+ s)?, until (?:\S+ )?\d\d:\d\d; the command needs 50 min, and was not begun\.\n→ countersign request exports --target shop-us --extend -d 2\dm -r TEXT\n/,
  );
  const more = await world.runCli(
    'maya',
    ['request', 'exports', '--extend', '-d', '30m', '-r', 'takes longer', '--totp-stdin', '--no-wait'],
    { stdin: world.people.maya.code() },
  );
  await approve(world.people.tomas, requestIn(more.stdout));
  const covered = await world.runCli('maya', [...words, ...script], { answers: [never] });
  expect(covered).toMatchObject({ code: 0, stdout: 'it ran' });
  const further = await world.runCli('maya', [...words.slice(0, -1), '1h', ...script], { answers: [never] });
  expect(further).toMatchObject({ code: 125, stdout: '' });
  expect(further.stderr).toMatch(
    /→ It is extended as far as it can be; once g-\w+ runs: countersign request exports /,
  );
  await endAll();
  const whole = await ask(world, {
    entitlement: 'exports',
    targets: ['shop-us'],
    parameters: { batch: '5' },
  });
  await approve(world.people.tomas, whole.request);
  const unopened = await world.runCli('maya', [...words.slice(0, -1), '9h', ...script], { answers: [never] });
  expect(unopened.stderr).toContain('→ countersign request exports --target shop-us -d 1h -r TEXT');
  const tooMuch = await world.runCli('maya', ['exec', 'look', '--needs', '9h', '-r', 'x', ...script]);
  expect(tooMuch).toMatchObject({
    code: 125,
    stderr: expect.stringContaining('look is given for 8 h at a time'),
  });
});

test('the same words again pick up what waits already; any other word asks anew', async () => {
  await endAll();
  const words = [
    'request',
    'exports',
    '--target',
    'shop-us',
    '--param',
    'batch=8',
    '-r',
    'once',
    '--no-wait',
  ];
  const first = await world.runCli('maya', words, { answers: [() => world.people.maya.code()] });
  const again = await world.runCli('maya', words, { answers: [never] });
  expect(again).toMatchObject({ code: 0, stdout: first.stdout });
  expect(again.stderr).toMatch(new RegExp(`^asked leads +${requestIn(first.stdout)} entry #`));
  for (const other of [
    ['-d', '20m'],
    ['--only', 'batches.read'],
    ['--for', 'Tomas Lind'],
    ['--start', '+3h'],
  ]) {
    const ran = await world.runCli('maya', [...words, ...other, '--totp-stdin'], {
      stdin: world.people.maya.code(),
    });
    expect(requestIn(ran.stdout), other.join(' ')).not.toBe(requestIn(first.stdout));
    await world.runCli('maya', ['withdraw', requestIn(ran.stdout)]);
  }
  await world.runCli('maya', ['withdraw', requestIn(first.stdout)]);
});

test('where nobody can be asked for a reason, it is told how to give it', async () => {
  const ran = await world.runCli('maya', ['request', 'look']);
  expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('→ Say it with -r TEXT.') });
});

test('an extension carries on what runs as it is, is asked for once, and is told where there is nothing to extend', async () => {
  await endAll();
  const nothing = await world.runCli('maya', ['request', 'exports', '--extend', '-r', 'x'], {
    answers: [never],
  });
  expect(nothing).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('→ Ask anew: countersign request exports'),
  });
  const asked = await ask(world, {
    entitlement: 'exports',
    targets: ['shop-us'],
    parameters: { batch: '5' },
  });
  const wanted = { scope: [{ action: 'batches.read', resource: 'export' }] };
  const [grant] = (await approve(world.people.tomas, asked.request, wanted)).grants;
  const unopened = await world.runCli('maya', ['request', 'exports', '--extend', '-r', 'x'], {
    answers: [never],
  });
  expect(unopened).toMatchObject({ code: 1, stderr: expect.stringContaining('was not opened yet') });
  await open(world.people.maya, grant.grant);
  const words = ['request', 'exports', '--extend', '-d', '15m', '-r', 'longer', '--no-wait'];
  const first = await world.runCli('maya', [...words, '--totp-stdin'], { stdin: world.people.maya.code() });
  expect(first.stderr).toMatch(new RegExp(`^carries ${grant.grant} on from (?:\\S+ )?\\d\\d:\\d\\d`, 'm'));
  const request = requestIn(first.stdout);
  const view = (await world.people.maya.get(`/v1/requests/${request}`)).body;
  expect(view).toMatchObject({
    extends: grant.grant,
    targets: ['shop-us'],
    parameters: { batch: '5' },
    scope: [{ action: 'batches.read' }],
    duration_seconds: 900,
  });
  expect(view.scope).toHaveLength(1);
  const again = await world.runCli('maya', words, { answers: [never] });
  expect(requestIn(again.stdout)).toBe(request);
  await approve(world.people.tomas, request);
  const extended = await world.runCli('maya', words, { answers: [never] });
  expect(extended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is extended already, from (?:\S+ )?\d\d:\d\d, by g-/),
  });
  const shown = await world.runCli('maya', ['show', grant.grant]);
  expect(shown.stdout).toMatch(/^ {2}status +active, g-\w+ until (?:\S+ )?\d\d:\d\d, then g-\w+$/m);
  const ended = await world.runCli('maya', ['end', grant.grant]);
  expect(ended.stdout).toMatch(
    /^g-\w+ is ended .*\nThank you: 29 min earlier than you could have\.\nWhat was to carry it on still stands: countersign end g-\w+$/m,
  );
});
