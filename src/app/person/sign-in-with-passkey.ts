import { draft } from '../../domain/draft.ts';
import { Failure } from '../../domain/errors.ts';
import type { Assertion } from '../../domain/events.ts';
import { type PersonId, type SignInId, streams } from '../../domain/ids.ts';
import { waitsForVoucher } from '../../domain/person/recovered-factor-is-vouched.ts';
import { signingInRules } from '../../domain/person/signing-in.ts';
import { type FactorState, personFold } from '../../domain/person/state.ts';
import { CACHED_MEMBERSHIP_SERVES_MS } from '../../domain/request/rules/membership-is-fresh.ts';
import { firstBroken } from '../../domain/rule.ts';
import { base64url, fromBase64url, fromUtf8, hex } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import { leftStreams, whoLeft } from '../grant/who-left.ts';
import type { SignedIn } from '../identity-ports.ts';
import { humansOf } from '../policy/policy-in-force.ts';
import { namesOf } from '../views/names.ts';
import { cookieThumbprint, newCookie, newFormToken, webSignInRow } from './web-sign-in-rows.ts';

const CHALLENGE_MS = 300_000;
/** An emergency is not a day's work; each one anew. */
const EMERGENCY_LIVES_MS = 60 * 60_000;

/** What a browser asks a passkey to sign (`navigator.credentials.get()`); good once, for five minutes. */
export async function beginPasskeySignIn(broker: Broker): Promise<{ readonly challenge: string }> {
  const challenge = broker.random.bytes(32);
  const expiresAtMs = broker.clock.nowMs() + CHALLENGE_MS;
  const row = { id: hex(broker.hasher.sha256(challenge)), person: '', kind: 'passkey-challenge' } as const;
  await broker.store.secrets.put([{ ...row, value: new Uint8Array([1]), expiresAtMs }]);
  return { challenge: base64url(challenge) };
}

/**
 * Signs in a browser by a passkey alone, while the person's identity provider does not answer. For people whom the
 * policy names for that case, within a day of the provider's last word; what it is good for is breaking the glass, and
 * it is over when the provider answers again. The challenge is random, and what reviews sign is not: neither is ever
 * taken for the other.
 * @returns the cookie
 * @throws Failure `not-signed-in`, one for every reason that whoever guesses could learn from
 */
export async function signInWithPasskey(
  broker: Broker,
  given: {
    readonly assertion: Assertion;
    readonly address: string | null;
    readonly userAgent: string | null;
  },
): Promise<string> {
  await spendChallenge(broker, given.assertion);
  const person = await whoseAssertion(broker, given.assertion);
  const nowMs = broker.clock.nowMs();
  const name = { person, signIn: `i-${broker.random.ulid(nowMs)}` as SignInId };
  const expiresAtMs = nowMs + EMERGENCY_LIVES_MS;
  const told = await broker.identityProviders.standIn({ ...name, expiresAtMs });
  if (nowMs > told.claimsAtMs + CACHED_MEMBERSHIP_SERVES_MS) throw unknown();
  const cookie = newCookie(broker);
  const keyThumbprint = cookieThumbprint(broker, cookie);
  const signedIn: SignedIn = { ...name, expiresAtMs, issuer: told.issuer, keyThumbprint, mayOnlyAsk: false };
  const web = { signedIn, formToken: newFormToken(broker), seenAtMs: nowMs, isSpent: false };
  const secrets = [...told.secrets, webSignInRow(broker, cookie, web)];
  await record(broker, { signedIn, told, secrets, ...given });
  return cookie;
}

/** Any attempt spends it. */
async function spendChallenge(broker: Broker, { client_data }: Assertion): Promise<void> {
  const challenge = challengeIn(client_data);
  if (challenge === undefined) throw unknown();
  const taken = await broker.store.secrets.take('passkey-challenge', hex(broker.hasher.sha256(challenge)));
  if ((taken?.expiresAtMs ?? 0) <= broker.clock.nowMs()) throw unknown();
}

function challengeIn(clientData: string): Uint8Array | undefined {
  try {
    const said: unknown = JSON.parse(fromUtf8(fromBase64url(clientData)));
    const challenge: unknown = typeof said === 'object' && said !== null && Reflect.get(said, 'challenge');
    return typeof challenge === 'string' ? fromBase64url(challenge) : undefined;
  } catch {
    return undefined;
  }
}

/** Looked for among those alone whom the policy in force names for an outage of the provider. */
async function whoseAssertion(broker: Broker, assertion: Assertion): Promise<PersonId> {
  for (const person of await namedForOutages(broker)) {
    const stream = streams.person(person);
    const state = (await broker.sequencer.read([stream])).state(personFold, stream);
    for (const factor of Object.values(state.factors)) {
      if (waitsForVoucher(state, factor.factor)) continue;
      if (await isSignedBy(broker, assertion, factor)) return person;
    }
  }
  throw unknown();
}

async function namedForOutages(broker: Broker): Promise<readonly PersonId[]> {
  const known = await broker.policies.inForceIfAny();
  const named = Object.values(known?.policy.entitlements ?? {}).flatMap(({ break_glass }) =>
    break_glass?.without.includes('identity-provider') === true ? (break_glass.named ?? []) : [],
  );
  // The policy file takes ids of people there, and nothing else.
  return [...new Set(named)] as PersonId[];
}

async function isSignedBy(broker: Broker, assertion: Assertion, { passkey }: FactorState): Promise<boolean> {
  if (passkey === null || passkey.credential !== assertion.credential) return false;
  const signed = await broker.passkeys.verify(assertion, passkey);
  const challenge = challengeIn(assertion.client_data);
  return challenge !== undefined && signed?.challenge === `sha256:${hex(challenge)}`;
}

async function record(
  broker: Broker,
  made: {
    readonly signedIn: SignedIn;
    readonly told: Awaited<ReturnType<Broker['identityProviders']['standIn']>>;
    readonly secrets: Awaited<ReturnType<Broker['identityProviders']['standIn']>>['secrets'];
    readonly address: string | null;
    readonly userAgent: string | null;
  },
): Promise<void> {
  const { signedIn, told, secrets, address, userAgent } = made;
  const { person, signIn } = signedIn;
  const humans = humansOf(await broker.policies.inForceIfAny());
  const left = leftStreams(humans, [person]);
  const { display_name } = (await namesOf(broker, [person]))(person);
  const stream = streams.signIn(signIn);
  await broker.sequencer.submit({
    by: { kind: 'human', person, sign_in: signIn, claims_at_ms: told.claimsAtMs },
    streams: [stream, ...left],
    factsAtMs: broker.clock.nowMs(),
    decide(view) {
      const context = { actor: { person }, peopleWhoLeft: whoLeft(view, humans, [person]) };
      if (firstBroken(signingInRules, context) !== undefined) throw unknown();
      const entry = draft(
        'countersign.person.authenticated.v1',
        stream,
        person,
        {
          sign_in: signIn,
          person,
          issuer: told.issuer,
          groups: [...told.groups],
          auth_time_ms: null,
          acr: null,
          key_set_digest: null,
          key_thumbprint: signedIn.keyThumbprint,
          expires_at_ms: signedIn.expiresAtMs,
          way: 'passkey',
          may: 'everything',
        },
        {
          subject: null,
          display_name,
          address,
          user_agent: userAgent?.slice(0, 300) ?? null,
          id_token: null,
        },
      );
      return { events: [entry], secrets, result: () => undefined };
    },
  });
}

const unknown = (): Failure =>
  new Failure('not-signed-in', 'This passkey signs nobody in now.', {
    mend: 'Sign in through your identity provider; without it, only people whom the policy names for an outage get in.',
  });
