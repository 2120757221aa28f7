import { afterAll, beforeAll, expect, test } from 'vitest';
import { exitCode } from '../../src/cli/exit-codes.ts';
import type { Person } from '../http/person.ts';
import { policyText } from '../http/policy-text.ts';
import { ask, must, open } from '../http/story.ts';
import { conformant, verdictOn } from '../http/verdict.ts';
import { type Authenticator, PRESENT, softwareAuthenticator } from '../passkey/software-authenticator.ts';
import { browserStandIn } from './browser-stand-in.ts';
import { type CliWorld, startCliWorld } from './harness.ts';

const wantsPasskeys = policyText.replace(
  'factors: { request: totp, review: totp, open: totp }',
  'factors: { request: totp, review: passkey, open: passkey }',
);

let world: CliWorld;
let tomas: Authenticator;
let maya: Authenticator;

beforeAll(async () => {
  world = await startCliWorld({ policy: wantsPasskeys });
  const origin = new URL(world.url).origin;
  [tomas, maya] = [softwareAuthenticator({ origin }), softwareAuthenticator({ origin, algorithm: 'EdDSA' })];
  await enrol(world.people.tomas, tomas);
  await enrol(world.people.maya, maya);
});
afterAll(() => world.stop());

/** As the account page does. */
async function enrol(person: Person, authenticator: Authenticator): Promise<void> {
  const { factor, options } = must(await person.post('/v1/passkeys', { label: 'laptop' }), 201);
  const registration = authenticator.create(options);
  must(await person.post(`/v1/passkeys/${factor}/confirmation`, { registration, totp: person.code() }), 200);
}

async function prepare(request: string, wanted: Record<string, unknown> = {}) {
  const path = `/v1/requests/${request}/statements`;
  return must(await world.people.tomas.post(path, { verdict: 'approve', ...wanted }), 200);
}

const review = (request: string, body: Record<string, unknown>) =>
  world.people.tomas.post(`/v1/requests/${request}/reviews`, body);

test('a review and an opening are signed over HTTP, and nothing weaker is taken', async () => {
  const { request } = await ask(world);
  const { statement, passkey } = await prepare(request);
  expect(passkey.userVerification).toBe('required');
  const byCode = await review(request, { statement, totp: world.people.tomas.code() });
  expect([byCode.status, byCode.body.rule]).toEqual([403, 'factor-is-strong-enough']);
  const stripped = await review(request, { statement });
  expect([stripped.status, stripped.body.rule]).toEqual([401, 'factor-is-strong-enough']);
  expect(stripped.headers.get('www-authenticate')).toContain('acr_values="passkey"');
  const unverified = await review(request, {
    statement,
    passkey: tomas.get(passkey.challenge, { flags: PRESENT }),
  });
  expect(unverified.body.code).toBe('factor-wrong');
  const denial = await prepare(request, { verdict: 'deny' });
  const swapped = await review(request, { statement, passkey: tomas.get(denial.passkey.challenge) });
  expect(swapped.body.code).toBe('factor-wrong');
  const { grants } = must(await review(request, { statement, passkey: tomas.get(passkey.challenge) }), 201);
  const { grant } = grants[0];
  const opening = must(
    await world.people.maya.post('/v1/statements', { purpose: 'open', about: grant }),
    200,
  );
  expect((await open(world.people.maya, grant, { totp: world.people.maya.code() })).status).toBe(403);
  const signed = { ...maya.get(opening.passkey.challenge), statement: opening.statement };
  must(await open(world.people.maya, grant, { passkey: signed }), 201);
  expect((await open(world.people.maya, grant, { passkey: signed })).body.code).toBe('factor-wrong');
});

test('the command line shows the statement, and says in which page it is signed', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('tomas', ['approve', request]);
  expect(ran.code).toBe(exitCode.signInFirst);
  expect(ran.stderr).toMatch(/statement +sha256:[0-9a-f]{64}/);
  expect(ran.stderr).toContain(`${world.url}/requests/${request}/review`);
});

const never = () => {
  throw new Error('no code serves here');
};

test('where there is a screen the page opens, no code is asked for, and what is signed there is told', async () => {
  const { request } = await ask(world);
  const browser = browserStandIn((await world.machineOf('tomas')).home);
  let signed = false;
  const ran = await world.runCli('tomas', ['approve', request], {
    environment: browser.environment,
    answers: [never],
    onStderr: (soFar) => {
      if (signed || !soFar.includes('sign it there, with your passkey')) return;
      signed = true;
      void prepare(request).then(({ statement, passkey }) =>
        review(request, { statement, passkey: tomas.get(passkey.challenge) }),
      );
    },
  });
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/^r-\w+ is granted for 30 min as g-\w+/)]);
  await expect.poll(browser.seen).toEqual([`${world.url}/requests/${request}/review`]);
});

test('Ctrl-C while the page is open leaves the request undecided', async () => {
  const { request } = await ask(world);
  let told: (value: string) => void = () => undefined;
  const interrupt = new Promise<string>((resolve) => {
    told = resolve;
  });
  const ran = await world.runCli('tomas', ['approve', request], {
    environment: browserStandIn((await world.machineOf('tomas')).home).environment,
    answers: [never],
    interrupt,
    onStderr: (soFar) => soFar.includes('Ctrl-C here leaves it undecided') && told('now'),
  });
  expect([ran.code, ran.stdout]).toEqual([exitCode.interrupted, '']);
  expect((await world.people.maya.get(`/v1/requests/${request}`)).body.status).toBe('pending');
});

test('a denial is signed in the page as well', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('tomas', ['deny', request, '-r', 'no']);
  expect(ran.code).toBe(exitCode.signInFirst);
  expect(ran.stderr).toContain(`${world.url}/requests/${request}/review`);
});

test('who they are tells which of their factors are passkeys', async () => {
  const { factors } = (await world.people.tomas.get('/v1/me')).body;
  expect(factors.map(({ kind }: { kind: string }) => kind)).toEqual(['totp', 'passkey']);
  expect(factors[1].passkey.credential).toBe(tomas.credential);
});

test('an auditor checks every signature again', async () => {
  const verdict = await verdictOn(world);
  expect(verdict).toMatchObject({ ...conformant, signed: { passkey_proofs: 3 } });
});
