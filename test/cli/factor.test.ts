import { generateSync } from 'otplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world?.stop());

/** What an authenticator shows that was given the secret on the screen. */
function codeFor(screen: string): string {
  const [, secret] = /type into it: {2}([A-Z2-7]+)\n/.exec(screen) ?? [];
  if (secret === undefined) throw new Error(`no secret on the screen: ${screen}`);
  return generateSync({ secret, epoch: Math.floor(world.clock.nowMs() / 1000) });
}

const nextStep = () => world.clock.advance(30_000);

const recoveryCodesOf = (stdout: string): readonly string[] =>
  stdout.split('\n').flatMap((line) => /^ {2}(\S+)$/.exec(line)?.[1] ?? []);

test('codes from standard input enrol too, a line each', async () => {
  const vouched = await world.runCli(
    'bo',
    ['--json', 'factor', 'vouch', world.people.otto.id, '--totp-stdin'],
    {
      stdin: world.people.bo.code(),
    },
  );
  const { enrolment_code } = JSON.parse(vouched.stdout);
  // The second line cannot be right before the secret is known; that it is what the broker judges shows it was read.
  const stdin = `${enrolment_code}\n000000\n`;
  const ran = await world.runCli('otto', ['factor', 'enrol', '--enrolment-code', '--codes-stdin'], { stdin });
  expect(ran).toMatchObject({ code: 4, stdout: '' });
  expect(ran.stderr).toContain('type into it');
});

test('a mistyped code may be typed again, up to three times in all', async () => {
  const vouched = await world.runCli('ada', ['--json', 'factor', 'vouch', 'Otto', '--totp-stdin'], {
    stdin: world.people.ada.code(),
  });
  const { enrolment_code } = JSON.parse(vouched.stdout);
  const answers = [enrolment_code, '000000', '000000', '000000', codeFor];
  const ran = await world.runCli('otto', ['factor', 'enrol'], { answers });
  expect(ran).toMatchObject({ code: 4, stdout: '' });
  expect(ran.stderr.match(/Try the next one/g)).toHaveLength(2);
  world.clock.advance(16 * 60_000); // wrong codes are counted for a quarter of an hour
});

test('whom the broker does not know, or knows twice over, is not vouched for', async () => {
  const nobody = await world.runCli('ada', ['factor', 'vouch', 'Nobody At All']);
  expect(nobody).toMatchObject({ code: 1, stdout: '' });
  expect(nobody.stderr).toContain('They sign in once with: countersign login');
  const twoOfThem = await world.runCli('ada', ['factor', 'vouch', 'maya okafor']);
  expect(twoOfThem).toMatchObject({ code: 2, stdout: '' });
  expect(twoOfThem.stderr).toContain(`Maya Okafor of corp (${world.people.maya.id})`);
  expect(twoOfThem.stderr).toContain(`Maya Okafor of corp (${world.people.double.id})`);
  const own = await world.runCli('ada', ['factor', 'vouch', 'me', '--totp-stdin'], {
    stdin: world.people.ada.code(),
  });
  expect(own).toMatchObject({ code: 8, stdout: '' });
  expect(own.stderr).toMatch(/rule: [a-z-]+, entry #\d+/);
});

test('a code is asked of nobody where nobody can be asked, and is not sent when it is no code', async () => {
  const silent = await world.runCli('ada', ['factor', 'vouch', 'Otto']);
  expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining('--totp-stdin') });
  const refused = await world.runCli('ada', ['--no-input', 'factor', 'vouch', 'Otto'], {
    answers: ['123456'],
  });
  expect(refused).toMatchObject({ code: 2 });
  const letters = await world.runCli('ada', ['factor', 'vouch', 'Otto'], { answers: ['abcdef'] });
  expect(letters).toMatchObject({ code: 2, stderr: expect.stringContaining('A code is six digits.') });
  const gone = await world.runCli('ada', ['factor', 'vouch', 'Otto'], { answers: [] });
  expect(gone).toMatchObject({ code: 2, stderr: expect.stringContaining('There was no answer') });
});

test('Ctrl-C at a question ends the command with 130, and nothing was sent', async () => {
  const ran = await world.runCli('ada', ['factor', 'vouch', 'Otto'], { answers: ['\u0003'] });
  expect(ran).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('nothing was sent') });
});

test('what is typed at a question for a code is not shown', async () => {
  const code = world.people.bo.code();
  const { stdout, stderr } = await world.runCli('bo', ['factor', 'vouch', 'Otto'], { answers: [code] });
  expect(stderr).toContain('code: ');
  expect(stdout + stderr).not.toContain(code);
});

test('a colleague vouches, the newcomer enrols, adds a second one, removes it, and comes back after a loss', async () => {
  const vouched = await world.runCli('ada', ['factor', 'vouch', 'otto outside'], {
    answers: [world.people.ada.code()],
  });
  expect(vouched).toMatchObject({ code: 0 });
  expect(vouched.stderr).toMatch(/You vouch that you spoke with Otto Outside of corp \(p-[a-z2-7]{26}\)/);
  expect(vouched.stderr).toContain('never in a chat');
  const [enrolmentCode = ''] = vouched.stdout.split(' ');

  const enrolled = await world.runCli('otto', ['factor', 'enrol', '--label', 'phone'], {
    answers: [enrolmentCode, '000000', codeFor],
  });
  expect(enrolled.code).toBe(0);
  expect(enrolled.stdout).toMatch(/^enrolled phone \(f-[0-9A-Z]{26}\) {2}entries #\d+ #\d+\n/);
  expect(enrolled.stderr).toContain('Try the next one.');
  expect(enrolled.stderr).toContain('█');
  expect(enrolled.stdout).not.toContain('█');
  const recovery = recoveryCodesOf(enrolled.stdout);
  expect(recovery.length).toBeGreaterThan(1);

  nextStep();
  const phone = () => codeFor(enrolled.stderr);
  const second = await world.runCli('otto', ['--json', 'factor', 'enrol', '--label', 'tablet'], {
    answers: [phone, codeFor],
  });
  expect(second.code).toBe(0);
  const { factor } = JSON.parse(second.stdout);
  const listed = await world.runCli('otto', ['factor', 'ls']);
  expect(listed.stdout).toMatch(/phone {3}since \S+ {2}by an enrolment code\n/);
  expect(listed.stdout).toMatch(new RegExp(`${factor} {2}tablet {2}since \\S+ {2}by another factor\n`));

  nextStep();
  const removed = await world.runCli('otto', ['factor', 'remove', factor, '--totp-stdin'], {
    stdin: `${phone()}\n`,
  });
  expect(removed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^removed f-\S+ {2}entries #\d+ #\d+\n$/),
  });
  expect((await world.runCli('otto', ['factor', 'ls'])).stdout.trim().split('\n')).toHaveLength(1);

  const [old = ''] = recovery;
  const replaced = await world.runCli('otto', ['factor', 'enrol', '--recovery'], { answers: [old] });
  expect(replaced).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('not one of yours, was used, or has expired'),
  });
  const [fresh = ''] = JSON.parse(second.stdout).recovery_codes;
  const back = await world.runCli('otto', ['factor', 'enrol', '--recovery', '--label', 'new phone'], {
    answers: [fresh, codeFor],
  });
  expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining('enrolled new phone') });
});
