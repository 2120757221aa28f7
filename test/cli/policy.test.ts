import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { policyText } from '../http/policy-text.ts';
import { type CliWorld, machineAt, startCliWorld } from './harness.ts';

let world: CliWorld;
let directory = '';
beforeAll(async () => {
  world = await startCliWorld();
  directory = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
  mkdirSync(join(directory, 'policies'));
});
afterAll(async () => {
  await world?.stop();
  rmSync(directory, { recursive: true });
});

const write = (name: string, text: string) => writeFileSync(join(directory, name), text);

/** As in force, but the scope of `look` is in a file of its own, and leads may ask for it too. */
const changedText = policyText.replace(
  'scope:\n      - { actions: [orders.read], on: "orders/*", access: read }\n    eligible: [engineers]',
  'scope: policies/look.yaml\n    eligible: [engineers, leads]',
);

test('lint tells every mistake with file, line and column, and needs neither broker nor sign-in', async () => {
  const text = policyText
    .replace('at_most: 8h', 'at_most: 8 hours')
    .replace('publish_needs: 2', 'publish_needs: 1');
  const lineOf = (part: string) => text.slice(0, text.indexOf(part)).split('\n').length;
  write('bad.yaml', text);
  const machine = machineAt(directory);
  const bad = await machine.run(['policy', 'lint', 'bad.yaml']);
  expect(bad).toMatchObject({ code: 2, stderr: '' });
  const lines = bad.stdout.trim().split('\n');
  expect(lines).toHaveLength(3);
  const [needs, most] = [lineOf('publish_needs: 1'), lineOf('at_most: 8 hours')];
  expect(lines[0]).toMatch(new RegExp(`^bad\\.yaml:${needs}:\\d+ {2}error {2}.*\\(\\S+\\)$`));
  expect(lines[1]).toMatch(new RegExp(`^bad\\.yaml:${most}:\\d+ {2}error {2}.*\\(\\S+\\)$`));
  expect(lines[2]).toBe('bad.yaml: 2 errors, no warnings');
  const json = JSON.parse((await machine.run(['--json', 'policy', 'lint', 'bad.yaml'])).stdout);
  expect(json).toMatchObject({
    errors: 2,
    warnings: 0,
    findings: [{ line: needs, severity: 'error' }, { line: most }],
  });
});

test('lint of a sound file ends with 0, and reads scope files beside it whatever directory one stands in', async () => {
  write('good.yaml', changedText);
  write('policies/look.yaml', '- { actions: [orders.read], on: "orders/*", access: read }\n');
  const good = await machineAt('/').run(['policy', 'lint', join(directory, 'good.yaml')]);
  expect(good).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/: no errors, \S+ warnings? {2}\(AWS actions by iam-data [\d.]+\)\n$/),
  });
});

test('a file that is not there, too large, or not text is told so, with 2', async () => {
  write('large.yaml', '#'.repeat(262_145));
  writeFileSync(join(directory, 'latin.yaml'), Buffer.from([0x23, 0xe9]));
  const machine = machineAt(directory);
  const told = async (name: string) => (await machine.run(['policy', 'lint', name])).stderr.split('\n')[0];
  expect(await told('gone.yaml')).toBe('✗ gone.yaml cannot be read.');
  expect(await told('large.yaml')).toBe('✗ large.yaml is larger than 256 KiB.');
  expect(await told('latin.yaml')).toBe('✗ latin.yaml is not UTF-8.');
  expect((await machine.run(['policy', 'lint', 'gone.yaml'])).code).toBe(2);
});

test('one administrator proposes and signs, sees that it was done, and a second one puts it in force', async () => {
  write('countersign.yaml', changedText);
  write(
    'policies/look.yaml',
    '- { actions: [orders.read], on: "orders/*", access: read }\n- { actions: [orders.list], on: orders, access: read }\n',
  );
  const publish = ['policy', 'publish', 'countersign.yaml'];

  const first = await world.runCli('ada', publish, { directory, answers: [() => world.people.ada.code()] });
  expect(first).toMatchObject({ code: 0 });
  expect(first.stderr).toMatch(/^proposed [0-9A-Z]{26} {2}entry #\d+\n/m);
  expect(first.stderr).toMatch(/~ look {2}changed\n {4}gain it {3}leads\n {4}\d people gain it {2}p-/);
  expect(first.stderr).toContain('    gains     read: orders.list\n    actions   +1 -0\n');
  expect(first.stderr).toMatch(
    /statement sha256:[0-9a-f]{64}, over the first \d+ entries of log\.example\.com\/http-tests\ncode: \n$/,
  );
  expect(first.stdout).toMatch(
    /^signed: 1 of 2 {2}entr(?:y|ies) #[\d #]+\n1 more: another administrator runs countersign policy publish countersign\.yaml\n$/,
  );

  const again = await world.runCli('ada', publish, { directory });
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('you signed it before: 1 of 2') });
  const shown = await world.runCli('bo', ['policy', 'show']);
  expect(shown.stderr).toMatch(/^proposed \S+ {2}1 of 2 signed {2}sha256:/m);
  expect(shown.stdout.trim()).toBe(policyText.trim());

  const second = await world.runCli('bo', ['--json', ...publish, '--totp-stdin'], {
    directory,
    stdin: `${world.people.bo.code()}\n`,
  });
  expect(second.stderr).not.toContain('proposed');
  expect(JSON.parse(second.stdout)).toMatchObject({ in_force: true, signatures: 2, needed: 2 });
  const now = await world.runCli('maya', ['policy', 'show']);
  expect(now.stdout.trim()).toBe(changedText.trim());
  const late = await world.runCli('ada', publish, { directory });
  expect(late).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^in force already: sha256:[0-9a-f]{64}\n$/),
  });
});

test('a policy with mistakes is not sent, and one that somebody else may not put forward is refused', async () => {
  write('countersign.yaml', changedText.replace('at_most: 8h', 'at_most: 7 hours'));
  const bad = await world.runCli('ada', ['policy', 'publish', 'countersign.yaml'], { directory });
  expect(bad).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/^countersign\.yaml:\d+:\d+ {2}error/),
  });
  write('countersign.yaml', changedText.replace('at_most: 8h', 'at_most: 7h'));
  const maya = await world.runCli('maya', ['policy', 'publish', 'countersign.yaml'], { directory });
  expect(maya).toMatchObject({ code: 8, stdout: '' });
  expect(maya.stderr).toMatch(/rule: \S+, entry #\d+/);
});

test('plan tells what a file would do over the policy in force, or over another file, and puts nothing forward', async () => {
  write('now.yaml', changedText);
  write(
    'looser.yaml',
    changedText.replace('review: [{ people: 1, from: leads }]', 'review: [{ people: 1, from: engineers }]'),
  );
  const planned = await world.runCli('ada', ['policy', 'plan', 'looser.yaml'], { directory });
  expect(planned).toMatchObject({ code: 0 });
  expect(planned.stdout).toMatch(/^from {6}sha256:[0-9a-f]{64}\nto {8}sha256:[0-9a-f]{64}\n/);
  expect(planned.stdout).toContain('! looser  stage 1 is decided by engineers instead of leads');
  expect(planned.stdout).toContain('those who have signed in');
  const offline = await machineAt(directory).run(
    ['--json', 'policy', 'plan', 'looser.yaml', '--against', 'now.yaml'],
    {
      directory,
    },
  );
  expect(JSON.parse(offline.stdout)).toMatchObject({
    plan: {
      people_known: 'listed',
      lapses: null,
      changes: [{ loosened: expect.arrayContaining([expect.stringContaining('stage 1')]) }],
    },
  });
  expect((await world.runCli('bo', ['policy', 'show'])).stderr).not.toContain('proposed');
  const maya = await world.runCli('maya', ['policy', 'plan', 'looser.yaml'], { directory });
  expect(maya).toMatchObject({ code: 8, stdout: '' });
});

test('plan names what is open and would lapse', async () => {
  const asked = await world.runCli('maya', ['request', 'look', '-r', 'a look'], {
    answers: [() => world.people.maya.code()],
  });
  expect(asked.code).toBe(0);
  write('shorter.yaml', changedText.replace('at_most: 8h', 'at_most: 7h'));
  const planned = await world.runCli('ada', ['policy', 'plan', 'shorter.yaml'], { directory });
  expect(planned.stdout).toMatch(/^! 1 approved and usable no more {2}g-[0-9A-Z]{26}$/m);
  expect(planned.stdout).toContain('tighter   lasts at most 7h instead of 8h');
});

test('a policy that nobody who has signed in could replace is not put forward', async () => {
  write(
    'locked.yaml',
    changedText.replace(
      'admins:    { issuer: corp, group: admins }',
      'admins:    { issuer: corp, group: nobody-yet }',
    ),
  );
  const locked = await world.runCli('ada', ['policy', 'publish', 'locked.yaml'], { directory });
  expect(locked.code).toBe(2);
  expect(locked.stderr).toContain('nobody could publish any more');
});

test('explain says in sentences what the policy in force means, and what for whom', async () => {
  const told = await world.runCli('maya', ['policy', 'explain', 'repair', '--groups', 'engineers']);
  expect(told).toMatchObject({ code: 0 });
  expect(told.stdout).toContain('who decides   1 of leads.');
  expect(told.stdout).toContain('You may ask, being in engineers.');
  const missing = await world.runCli('maya', ['policy', 'explain', 'repairs']);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('Did you mean `repair`?');
});

const casesOf = (expectation: string): string => `
who:
  ada: { groups: [engineers] }
cases:
  - name: an engineer looks
    at: 2026-06-15T12:00:00Z
    steps:
      - ask: { by: ada, entitlement: look }
        expect: ${expectation}
`;

test('test plays cases against a file; one that goes otherwise is told with its line, what was expected and what came', async () => {
  write('countersign.yaml', changedText);
  write('policies/look.yaml', '- { actions: [orders.read], on: "orders/*", access: read }\n');
  write('good.test.yaml', casesOf('{ status: approved, lasts: 8h }'));
  write('bad.test.yaml', casesOf('{ refused: requester-is-eligible }'));
  const machine = machineAt(directory);
  const good = await machine.run(['policy', 'test', 'good.test.yaml'], { directory });
  expect(good.stderr).toBe('');
  expect(good).toMatchObject({ code: 0, stdout: '✓ an engineer looks\n1 of 1 cases as expected\n' });
  const bad = await machine.run(['policy', 'test', 'bad.test.yaml'], { directory });
  expect(bad).toMatchObject({
    code: 1,
    stdout:
      '✗ an engineer looks\n  bad.test.yaml:8:9\n  expected  refused by requester-is-eligible\n  got       allowed\n0 of 1 cases as expected\n',
  });
});

test.each([
  ['a step that does nothing', '{}\n      - {}', 'step-does-one-thing'],
  ['a word that nobody knows', 'alowed', 'unknown-word'],
])('cases with %s are not played, and the mistake has its line', async (_, expectation, rule) => {
  write('odd.test.yaml', casesOf(expectation));
  const odd = await machineAt(directory).run(['policy', 'test', 'odd.test.yaml'], { directory });
  expect(odd.code).toBe(2);
  expect(odd.stdout).toMatch(new RegExp(`^odd\\.test\\.yaml:\\d+:\\d+ {2}error {2}.*\\(${rule}\\)`));
});

test('a cast in groups that the policy does not have is told', async () => {
  write('odd.test.yaml', casesOf('allowed').replace('[engineers]', '[enginers]'));
  const odd = await machineAt(directory).run(['policy', 'test', 'odd.test.yaml'], { directory });
  expect(odd).toMatchObject({ code: 2, stdout: expect.stringContaining('Did you mean `engineers`?') });
});
