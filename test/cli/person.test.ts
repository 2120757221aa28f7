import { generateSync } from 'otplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world?.stop());

const codeFrom = (screen: string): string => {
  const [, secret] = /type into it: {2}([A-Z2-7]+)\n/.exec(screen) ?? [];
  if (secret === undefined) throw new Error(`no secret on the screen: ${screen}`);
  return generateSync({ secret, epoch: Math.floor(world.clock.nowMs() / 1000) });
};
/** As one of the administrators, with a fresh code on standard input. */
const as = (name: 'ada' | 'bo' | 'tomas', ...words: readonly string[]) =>
  world.runCli(name, [...words, '--totp-stdin'], { stdin: `${world.people[name].code()}\n` });

test('an administrator records that a colleague left, sees it, and records that they are back', async () => {
  await world.machineOf('ines');
  const left = await as('ada', 'person', 'leave', 'Ines', '-r', 'changed jobs');
  expect(left).toMatchObject({ code: 0 });
  expect(left.stdout).toMatch(
    /^recorded that Ines Duarte of corp \(p-[a-z2-7]{26}\) has left {2}entries #\d+ #\d+\n/,
  );
  expect(left.stdout).toContain('They held nothing that could still be used.');
  expect(left.stderr).toContain('signed out everywhere');
  const out = await world.runCli('ines', ['whoami']);
  expect(out).toMatchObject({ code: 4, stdout: '' });
  expect(out.stderr).toContain('countersign login');
  expect((await world.runCli('bo', ['person', 'show', 'Ines'])).stdout).toMatch(/\(p-\S+\) {2}has left\n/);
  const again = await as('bo', 'person', 'leave', 'Ines', '-r', 'x');
  expect(again.stdout).toContain('it was recorded before that they have left');
  const back = await as('bo', 'person', 'return', 'Ines', '-r', 'came back');
  expect(back).toMatchObject({ code: 0, stderr: expect.stringContaining('They sign in again') });
  expect((await world.runCli('bo', ['person', 'show', 'Ines'])).stdout).toMatch(/\(p-\S+\) {2}is here\n/);
});

test('without a reason nothing is recorded, and who is no administrator is told the rule', async () => {
  const silent = await world.runCli('ada', ['person', 'leave', 'Tomas'], { answers: [] });
  expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining('--reason') });
  const refused = await as('tomas', 'person', 'leave', 'Noor', '-r', 'x');
  expect(refused).toMatchObject({ code: 8, stdout: '' });
  expect(refused.stderr).toMatch(/rule: administrator-records-leaving, entry #\d+/);
  const own = await as('ada', 'person', 'leave', 'me', '-r', 'x');
  expect(own.stderr).toContain('Ask another administrator.');
});

test('two administrators reset a colleague’s factors, who then enrols like a newcomer, loses it, recovers, and is vouched for', async () => {
  const asked = await as('ada', 'factor', 'reset', 'Tomas', '-r', 'a stolen bag');
  expect(asked).toMatchObject({ code: 0 });
  expect(asked.stdout).toMatch(/^x-[0-9A-Z]{26} waits until \S+ {2}entries #\d+ #\d+\n$/);
  expect(asked.stderr).toContain('countersign factor confirm-reset p-');
  const shownTo = async (name: 'bo' | 'noor') =>
    (await world.runCli(name, ['person', 'show', 'Tomas'])).stdout;
  expect(await shownTo('bo')).toMatch(
    /reset x-\S+, asked for by p-\S+, until \S+: countersign factor confirm-reset p-/,
  );
  expect(await shownTo('noor')).not.toContain('x-');
  expect(await as('ada', 'factor', 'confirm-reset', 'Tomas')).toMatchObject({ code: 8 });
  const confirmed = await as('bo', 'factor', 'confirm-reset', 'Tomas');
  expect(confirmed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^the factors of Tomas Lind of corp \(p-\S+\) are reset {2}entries #\d+ #\d+\n$/,
    ),
  });
  expect(await as('bo', 'factor', 'confirm-reset', 'Tomas')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No reset of theirs waits'),
  });

  const vouched = await as('ada', '--json', 'factor', 'vouch', world.people.double.id);
  const { enrolment_code } = JSON.parse(vouched.stdout);
  const enrolled = await world.runCli('double', ['--json', 'factor', 'enrol', '--enrolment-code'], {
    answers: [enrolment_code, codeFrom],
  });
  const [recovery] = JSON.parse(enrolled.stdout).recovery_codes;
  const found = await world.runCli('double', ['factor', 'enrol', '--recovery', '--label', 'new phone'], {
    answers: [recovery, codeFrom],
  });
  expect(found.stderr).toMatch(/It proves nothing yet\. .*: countersign factor vouch-recovery p-/);
  const listed = await world.runCli('double', ['factor', 'ls']);
  expect(listed.stdout).toMatch(/new phone .* by a recovery code, which nobody has vouched for\n/);
  expect(listed.stderr).toMatch(/You sign for others from 20\S+ on/);
  expect((await world.runCli('noor', ['person', 'show', world.people.double.id])).stdout).toMatch(
    /recovered f-\S+ at \S+: countersign factor vouch-recovery p-/,
  );
  const spoken = await as('bo', 'factor', 'vouch-recovery', world.people.double.id);
  expect(spoken).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('vouched for the recovery of'),
    stderr: expect.stringContaining('It was they who used a recovery code'.slice(3)),
  });
  expect((await world.runCli('double', ['factor', 'ls'])).stdout).not.toContain('nobody has vouched');
});
