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
  expect(good).toMatchObject({ code: 0, stdout: expect.stringMatching(/: no errors, \S+ warnings?\n$/) });
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
  expect(first.stderr).toContain('~ look  changed\n    gain it   leads\n    actions   +1 -0\n');
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
