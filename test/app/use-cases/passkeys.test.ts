import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../../../src/app/grant/open-session.ts';
import { beginEnrolment } from '../../../src/app/person/enrol-factor.ts';
import { beginPasskey, confirmPasskey, preparePasskey } from '../../../src/app/person/enrol-passkey.ts';
import { removeFactor } from '../../../src/app/person/remove-factor.ts';
import { vouchForPerson } from '../../../src/app/person/vouch-for-person.ts';
import { preparePublication, proposePolicy, signPolicy } from '../../../src/app/policy/publish-policy.ts';
import { prepareAct, signingOptions } from '../../../src/app/request/prepare-act.ts';
import { prepareBreakGlassReview, reviewBreakGlass } from '../../../src/app/request/review-break-glass.ts';
import { prepareReview, reviewRequest, type Verdict } from '../../../src/app/request/review-request.ts';
import { prepareAsk, submitRequest } from '../../../src/app/request/submit-request.ts';
import type { ActPurpose } from '../../../src/domain/events.ts';
import type { GrantId, PersonId, RequestId } from '../../../src/domain/ids.ts';
import type { Policy } from '../../../src/domain/policy/policy.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import {
  type Authenticator,
  BACKUP_ELIGIBLE,
  challengeOf,
  type Lies,
  PRESENT,
  SECURITY_KEY,
  softwareAuthenticator,
  VERIFIED,
} from '../../passkey/software-authenticator.ts';
import { ask, askedFor, failureOf, incident, open, review } from './steps.ts';
import { storyGroups } from './story-world.ts';
import { confirm, publish, type World, worldUnder } from './world.ts';

const passkeyPolicy: Policy = {
  ...ordersPolicy,
  factors: { request: 'totp', review: 'passkey', open: 'passkey' },
};
const everywhere: Policy = {
  ...ordersPolicy,
  factors: { request: 'passkey', review: 'passkey', open: 'passkey' },
};

let world: World;
const keys = new Map<string, Authenticator>();
const factors = new Map<string, string>();

/** Everybody has a passkey beside their authenticator with codes. */
async function enrolAll(...names: readonly string[]): Promise<void> {
  for (const name of names) await enrol(name);
}

async function enrol(name: string, authenticator = softwareAuthenticator()): Promise<void> {
  const { actor } = world.who(name);
  const begun = await beginPasskey(world.broker, actor, { label: 'key' });
  const registration = authenticator.create(begun.options);
  await confirmPasskey(world.broker, actor, begun.factor, { registration, totp: world.code(name) });
  keys.set(name, authenticator);
  factors.set(name, begun.factor);
}

beforeEach(async () => {
  world = await worldUnder(ordersPolicy, storyGroups, ['ann', 'bob']);
  await enrolAll('lea', 'maya', 'ann', 'bob', 'sid');
});
afterEach(async () => {
  const { passed, faults } = await world.audit();
  await world.close();
  expect({ passed, faults }).toEqual({ passed: true, faults: [] });
});

const keyOf = (name: string): Authenticator => {
  const found = keys.get(name);
  if (found === undefined) throw new Error(`${name} has no passkey`);
  return found;
};

/** Signs a digest as the browser would. */
const signed = (name: string, digest: string, lies: Lies = {}) => ({
  assertion: keyOf(name).get(challengeOf(digest), lies),
});

async function act(name: string, purpose: ActPurpose, about: string, lies: Lies = {}) {
  const wanted = { purpose, about, digest: null, factor: factors.get(name) };
  const prepared = await prepareAct(world.broker, world.who(name).actor, wanted);
  return { passkey: { ...signed(name, prepared.digest, lies), act: prepared.act } };
}

async function pending(number = 'INC-1'): Promise<RequestId> {
  await incident(world, number, 'omar', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: number });
  return request;
}

async function statementFor(name: string, request: RequestId, verdict: Verdict = { verdict: 'approve' }) {
  const { actor } = world.who(name);
  return prepareReview(world.broker, actor, request, { factor: factors.get(name), ...verdict });
}

const record = (
  name: string,
  request: RequestId,
  statement: Awaited<ReturnType<typeof statementFor>>['statement'],
  shown: Pick<Parameters<typeof reviewRequest>[3], 'totp' | 'passkey'>,
) =>
  reviewRequest(world.broker, world.who(name).actor, request, {
    statement,
    reason: 'looked',
    idempotency: undefined,
    ...shown,
  });

async function approve(name: string, request: RequestId, lies: Lies = {}) {
  const { statement, digest } = await statementFor(name, request);
  return record(name, request, statement, { passkey: signed(name, digest, lies) });
}

test('an approval and an opening are signed, and the audit says so from the log alone', async () => {
  await publish(world, passkeyPolicy, ['ann', 'bob']);
  const request = await pending();
  const { grants } = await approve('lea', request);
  const grant = grants[0] as GrantId;
  expect(await failureOf(open(world, 'maya', grant))).toBe('step-up-needed factor-is-strong-enough');
  const opened = await openSession(world.broker, world.who('maya').actor, grant, {
    ...(await act('maya', 'open', grant)),
    idempotency: { key: 'k1', digest: 'sha256:x' },
  });
  expect(opened.credentials?.kind).toBe('token');
  // The passkey serves further sessions of the grant on the same device.
  expect((await open(world, 'maya', grant)).credentials?.kind).toBe('token');
  const { signed: counted, unvouched_keys } = await world.audit();
  expect(counted).toEqual({ passkey_proofs: 2 });
  // Of the genesis: no other human stands behind the administrators' keys.
  expect(unvouched_keys.map(({ factor }) => factor)).toEqual([factors.get('ann'), factors.get('bob')]);
});

test('every use can be signed: asking, publishing, judging, vouching, removing, enrolling', async () => {
  const { broker } = world;
  const ann = world.who('ann').actor;
  await publish(world, everywhere, ['ann', 'bob']);
  const proposed = await proposePolicy(broker, ann, {
    policy: { ...everywhere, waiting: { ...everywhere.waiting, review_seconds: 7200 } },
    text: '# again',
    idempotency: undefined,
  });
  for (const name of ['ann', 'bob']) {
    const { actor } = world.who(name);
    const { statement, digest } = await preparePublication(broker, actor, proposed.proposal);
    const passkey = signed(name, digest);
    await signPolicy(broker, actor, proposed.proposal, { statement, passkey, idempotency: undefined });
  }
  await incident(world, 'INC-1', 'omar', 'maya');
  const asked = askedFor({ entitlement: 'operator', ticket: 'INC-1', breakGlass: true });
  const maya = world.who('maya').actor;
  const prepared = await prepareAsk(broker, maya, asked, factors.get('maya'));
  const passkey = { ...signed('maya', prepared.digest), act: prepared.act };
  const { request } = await submitRequest(broker, maya, asked, { passkey, idempotency: undefined });
  const sid = world.who('sid').actor;
  const judged = await prepareBreakGlassReview(broker, sid, request, { verdict: 'justified' });
  await reviewBreakGlass(broker, sid, request, {
    statement: judged.statement,
    reason: 'read it',
    passkey: signed('sid', judged.digest),
    idempotency: undefined,
  });
  const before = keyOf('lea');
  const second = softwareAuthenticator({ algorithm: 'EdDSA', synced: true });
  const lea = world.who('lea').actor;
  const begun = await beginPasskey(broker, lea, { label: 'second' });
  const registration = second.create(begun.options);
  const toSign = await preparePasskey(broker, lea, begun.factor, {
    registration,
    factor: factors.get('lea'),
  });
  const older = { assertion: before.get(challengeOf(toSign.digest)), act: toSign.act };
  await confirmPasskey(broker, lea, begun.factor, { registration, passkey: older });
  await removeFactor(
    broker,
    lea,
    world.who('lea').factor,
    await act('lea', 'remove', world.who('lea').factor),
  );
  const { signed: counted } = await world.audit();
  expect(counted).toEqual({ passkey_proofs: 6 });
});

describe('a code does not do where the policy wants a passkey', () => {
  const weak = 'refused-by-rule factor-is-strong-enough';
  beforeEach(() => publish(world, everywhere, ['ann', 'bob']));

  test('neither to ask nor to review nor to open, nor to vouch or publish', async () => {
    await incident(world, 'INC-1', 'omar', 'maya');
    const asked = askedFor({ entitlement: 'operator', ticket: 'INC-1' });
    expect(await failureOf(ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' }))).toBe(weak);
    const prepared = await prepareAsk(world.broker, world.who('maya').actor, asked);
    const passkey = { ...signed('maya', prepared.digest), act: prepared.act };
    const { request } = await submitRequest(world.broker, world.who('maya').actor, asked, {
      passkey,
      idempotency: undefined,
    });
    expect(await failureOf(review(world, 'lea', request))).toBe(weak);
    const { grants } = await approve('lea', request);
    const totp = world.code('maya');
    expect(await failureOf(open(world, 'maya', grants[0] as GrantId, { totp }))).toBe(weak);
    const given = { totp: world.code('ann') };
    const someone = world.who('omar').person;
    expect(await failureOf(vouchForPerson(world.broker, world.who('ann').actor, someone, given))).toBe(weak);
  });

  test('whoever has none is told so before they look for a code', async () => {
    expect(
      await failureOf(
        prepareReview(world.broker, world.who('tomas').actor, await signedAsk(), { verdict: 'deny' }),
      ),
    ).toBe('factor-missing');
  });
});

/** The code that a quarter of an hour ago served for asking opens nothing that wants a passkey. */
test('what was asked with a code is opened with the passkey alone', async () => {
  await publish(world, { ...passkeyPolicy, factors: { request: 'totp', review: 'totp', open: 'passkey' } }, [
    'ann',
    'bob',
  ]);
  const request = await pending();
  const { grants } = await review(world, 'lea', request);
  expect(await failureOf(open(world, 'maya', grants[0] as GrantId))).toBe(
    'step-up-needed factor-is-strong-enough',
  );
});

test('a passkey does where a code would, too', async () => {
  const request = await pending();
  expect((await approve('lea', request)).grants).toHaveLength(1);
});

async function signedAsk(): Promise<RequestId> {
  await incident(world, 'INC-9', 'omar', 'maya');
  const asked = askedFor({ entitlement: 'operator', ticket: 'INC-9' });
  const { actor } = world.who('maya');
  const prepared = await prepareAsk(world.broker, actor, asked, factors.get('maya'));
  const passkey = { ...signed('maya', prepared.digest), act: prepared.act };
  return (await submitRequest(world.broker, actor, asked, { passkey, idempotency: undefined })).request;
}

describe('a signature serves for what it was made, and for nothing else', () => {
  test.each<readonly [string, Verdict]>([
    ['a denial', { verdict: 'deny' }],
    ['a shorter duration', { verdict: 'approve', seconds: 600 }],
  ])('one made for %s approves nothing', async (_, wanted) => {
    const request = await pending();
    const { statement } = await statementFor('lea', request);
    const other = await statementFor('lea', request, wanted);
    const passkey = signed('lea', other.digest);
    expect(await failureOf(record('lea', request, statement, { passkey }))).toBe('factor-wrong');
  });

  test('one made for another request approves nothing', async () => {
    const [request, other] = [await pending(), await pending('INC-2')];
    const { statement } = await statementFor('lea', request);
    const passkey = signed('lea', (await statementFor('lea', other)).digest);
    expect(await failureOf(record('lea', request, statement, { passkey }))).toBe('factor-wrong');
  });

  test('one made to sign in, to open or to vouch is no review', async () => {
    const request = await pending();
    const { statement } = await statementFor('lea', request);
    const signIn = signed('lea', `sha256:${'1'.repeat(64)}`);
    const opening = (await act('lea', 'open', request)).passkey;
    for (const passkey of [signIn, opening]) {
      expect(await failureOf(record('lea', request, statement, { passkey }))).toBe('factor-wrong');
    }
  });

  test('an act for another person or thing, or of another purpose, does nothing', async () => {
    const request = await pending();
    const { grants } = await approve('lea', request);
    const grant = grants[0] as GrantId;
    const wrong = [await act('maya', 'open', 'g-other'), await act('maya', 'vouch', grant)];
    for (const shown of wrong) {
      const given = { ...shown, idempotency: { key: `k-${wrong.indexOf(shown)}`, digest: 'sha256:x' } };
      expect(await failureOf(openSession(world.broker, world.who('maya').actor, grant, given))).toBe(
        'factor-wrong',
      );
    }
  });

  test('the same signature serves once', async () => {
    const vouched = async (about: PersonId) => {
      const shown = await act('lea', 'remove', world.who('lea').factor);
      return { about, shown };
    };
    const { shown } = await vouched(world.who('lea').person);
    const { actor, factor } = world.who('lea');
    await removeFactor(world.broker, actor, factor, shown);
    expect(await failureOf(removeFactor(world.broker, actor, factor, shown))).toBe('not-found');
    const request = await pending();
    const { statement, digest } = await statementFor('lea', request, { verdict: 'deny' });
    const passkey = signed('lea', digest);
    await record('lea', request, statement, { passkey });
    expect(await failureOf(record('lea', request, statement, { passkey }))).toMatch(/refused-by-rule/);
  });

  test('an act that has expired, or pins another log, does nothing', async () => {
    const { actor, factor } = world.who('lea');
    const late = await act('lea', 'remove', factor);
    world.clock.advance(300_000);
    expect(await failureOf(removeFactor(world.broker, actor, factor, late))).toBe('factor-wrong');
    const prepared = await prepareAct(world.broker, actor, {
      purpose: 'remove',
      about: factor,
      digest: null,
      factor: factors.get('lea'),
    });
    const elsewhere = { ...prepared.act, log: { ...prepared.act.log, origin: 'staging.example' } };
    const passkey = { ...signed('lea', prepared.digest), act: elsewhere };
    expect(await failureOf(removeFactor(world.broker, actor, factor, { passkey }))).toBe('factor-wrong');
  });
});

const lies: readonly (readonly [string, Lies])[] = [
  ['at another page', { origin: 'https://broker.example.evil' }],
  ['at a page on another port', { origin: 'https://broker.example:8443' }],
  ['for another relying party', { rpId: 'evil.example' }],
  ['inside somebody else’s page', { crossOrigin: true }],
  ['inside a page that is named', { topOrigin: 'https://evil.example' }],
  ['to enrol, not to sign', { type: 'webauthn.create' }],
  ['without anybody being present', { flags: VERIFIED }],
  ['without its user being verified', { flags: PRESENT }],
  ['by one that says it may be copied now', { flags: PRESENT | VERIFIED | BACKUP_ELIGIBLE }],
  ['with another key', { key: softwareAuthenticator().privateKey }],
  ['in the name of another credential', { credential: softwareAuthenticator().credential }],
];

test.each(lies)('a signature made %s is none', async (_, lie) => {
  const request = await pending();
  expect(await failureOf(approve('lea', request, lie))).toBe('factor-wrong');
});

test('five of them close the door, for right ones too', async () => {
  const request = await pending();
  for (let count = 0; count < 5; count++) {
    expect(await failureOf(approve('lea', request, { flags: PRESENT }))).toBe('factor-wrong');
  }
  expect(await failureOf(approve('lea', request))).toBe('factor-throttled');
});

test('somebody else’s passkey signs nothing in this name', async () => {
  const request = await pending();
  const { statement, digest } = await statementFor('lea', request);
  const passkey = signed('sid', digest);
  expect(await failureOf(record('lea', request, statement, { passkey }))).toBe('factor-wrong');
});

test('an authenticator that counts back is not believed', async () => {
  await enrolSecond('sid', softwareAuthenticator({ counts: true }));
  const { factor } = world.who('sid');
  const copied = await act('sid', 'remove', factor, { counter: 1 });
  expect(await failureOf(removeFactor(world.broker, world.who('sid').actor, factor, copied))).toBe(
    'refused-by-rule passkey-counter-rises',
  );
  await removeFactor(world.broker, world.who('sid').actor, factor, await act('sid', 'remove', factor));
});

/** A further passkey, vouched for by the one before. */
async function enrolSecond(name: string, authenticator: Authenticator): Promise<void> {
  const { actor } = world.who(name);
  const begun = await beginPasskey(world.broker, actor, { label: 'second' });
  const registration = authenticator.create(begun.options);
  const given = { registration, factor: factors.get(name) };
  const toSign = await preparePasskey(world.broker, actor, begun.factor, given);
  const passkey = { ...signed(name, toSign.digest), act: toSign.act };
  await confirmPasskey(world.broker, actor, begun.factor, { registration, passkey });
  keys.set(name, authenticator);
  factors.set(name, begun.factor);
}

describe('enrolling', () => {
  test.each(lies.filter(([what]) => !what.includes('key') && !what.includes('copied')))(
    'a passkey made %s is none',
    async (_, lie) => {
      const { actor } = world.who('omar');
      const begun = await beginPasskey(world.broker, actor, { label: 'key' });
      const madeWith = lie.type === undefined ? lie : { type: 'webauthn.get' };
      const flags = lie.flags === undefined ? {} : { flags: lie.flags | 0x40 };
      const registration = softwareAuthenticator().create(begun.options, { ...madeWith, ...flags });
      const given = { registration, totp: world.code('omar') };
      expect(await failureOf(confirmPasskey(world.broker, actor, begun.factor, given))).toBe('factor-wrong');
    },
  );

  test('a challenge serves one enrolment, and only its own', async () => {
    const { actor } = world.who('omar');
    const [first, second] = [
      await beginPasskey(world.broker, actor, { label: 'one' }),
      await beginPasskey(world.broker, actor, { label: 'two' }),
    ];
    const authenticator = softwareAuthenticator();
    const registration = authenticator.create(first.options);
    const given = async () => ({ registration, totp: world.code('omar') });
    expect(await failureOf(confirmPasskey(world.broker, actor, second.factor, await given()))).toBe(
      'factor-wrong',
    );
    await confirmPasskey(world.broker, actor, first.factor, await given());
    expect(await failureOf(confirmPasskey(world.broker, actor, first.factor, await given()))).toBe(
      'not-found',
    );
    const again = { registration: authenticator.create(second.options), totp: world.code('omar') };
    expect(await failureOf(confirmPasskey(world.broker, actor, second.factor, again))).toBe('conflict');
  });

  test('a stolen sign-in enrols nothing, and a stolen code nothing beside a passkey', async () => {
    const { actor } = world.who('omar');
    const begun = await beginPasskey(world.broker, actor, { label: 'thief' });
    const registration = softwareAuthenticator().create(begun.options);
    expect(await failureOf(confirmPasskey(world.broker, actor, begun.factor, { registration }))).toBe(
      'step-up-needed',
    );
    const lea = world.who('lea');
    const theirs = await beginPasskey(world.broker, lea.actor, { label: 'thief' });
    const made = softwareAuthenticator().create(theirs.options);
    const answers = 'refused-by-rule passkey-answers-for-passkeys';
    const given = { registration: made, totp: world.code('lea') };
    expect(await failureOf(confirmPasskey(world.broker, lea.actor, theirs.factor, given))).toBe(answers);
    const seed = await beginEnrolment(world.broker, lea.actor, { label: 'thief' });
    expect(await failureOf(confirm(world, lea, seed, world.code('lea')))).toBe(answers);
    const passkey = factors.get('lea') ?? '';
    const totp = { totp: world.code('lea') };
    expect(await failureOf(removeFactor(world.broker, lea.actor, passkey, totp))).toBe(answers);
  });

  test('an older passkey signs for the very key of the new one', async () => {
    const { actor } = world.who('lea');
    const begun = await beginPasskey(world.broker, actor, { label: 'second' });
    const [shown, swapped] = [softwareAuthenticator(), softwareAuthenticator()];
    const given = { registration: shown.create(begun.options), factor: factors.get('lea') };
    const toSign = await preparePasskey(world.broker, actor, begun.factor, given);
    const passkey = { ...signed('lea', toSign.digest), act: toSign.act };
    const registration = swapped.create(begun.options);
    expect(
      await failureOf(confirmPasskey(world.broker, actor, begun.factor, { registration, passkey })),
    ).toBe('factor-wrong');
  });

  test('the policy says which authenticators there may be', async () => {
    const other = '00000000-0000-0000-0000-000000000001';
    await publish(
      world,
      { ...ordersPolicy, passkeys: { attestation: 'none', authenticators: [SECURITY_KEY] } },
      ['ann', 'bob'],
    );
    expect(await failureOf(enrol('omar', softwareAuthenticator({ aaguid: other })))).toBe(
      'refused-by-rule authenticator-is-allowed',
    );
    await enrol('omar');
    await publish(world, { ...ordersPolicy, passkeys: { attestation: 'required' } }, ['ann', 'bob']);
    expect(await failureOf(enrol('tomas'))).toBe('refused-by-rule authenticator-is-allowed');
  });

  test.each(['ES256', 'EdDSA', 'RS256'] as const)(
    'a key of %s signs, and the audit checks it',
    async (algorithm) => {
      await enrol('tomas', softwareAuthenticator({ algorithm }));
      const request = await pending();
      await approve('tomas', request);
      expect((await world.audit()).signed).toEqual({ passkey_proofs: 1 });
    },
  );
});

test('the browser is told what to sign, with which passkey, and to verify its user', async () => {
  const request = await pending();
  const { statement, digest } = await statementFor('lea', request);
  const options = await signingOptions(world.broker, world.who('lea').actor, {
    factor: statement.factor,
    digest,
  });
  expect(options).toMatchObject({
    challenge: challengeOf(digest),
    rpId: 'broker.example',
    allowCredentials: [{ id: keyOf('lea').credential, type: 'public-key' }],
    userVerification: 'required',
  });
  const begun = await beginPasskey(world.broker, world.who('lea').actor, { label: 'another' });
  expect(begun.options).toMatchObject({
    rp: { id: 'broker.example' },
    attestation: 'none',
    authenticatorSelection: { userVerification: 'required' },
    pubKeyCredParams: [
      { alg: -8, type: 'public-key' },
      { alg: -7, type: 'public-key' },
      { alg: -257, type: 'public-key' },
    ],
    excludeCredentials: [{ id: keyOf('lea').credential }],
  });
});
