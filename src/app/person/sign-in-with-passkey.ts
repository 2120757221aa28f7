import { digestOf } from '../../domain/digest.ts';
import { type Act, type Assertion, act } from '../../domain/events.ts';
import { type PersonId, type SignInId, streams } from '../../domain/ids.ts';
import type { Judgement } from '../../domain/judgement.ts';
import { namedForOutages } from '../../domain/person/person-is-named-for-outages.ts';
import type { ShownSignature } from '../../domain/person/show-factor.ts';
import {
  decideSignInWithPasskey,
  EMERGENCY_SIGN_IN_LIVES_MS,
  type PasskeySignInInput,
  signsNobodyIn,
} from '../../domain/person/sign-in-with-passkey.ts';
import { personFold } from '../../domain/person/state.ts';
import { policyFold } from '../../domain/policy-change/state.ts';
import { base64url, fromBase64url, fromHex, fromUtf8, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { brokerItself } from '../grant/revoke-at-provider.ts';
import { leftStreams, whoLeft } from '../grant/who-left.ts';
import type { SignedIn } from '../identity-ports.ts';
import type { KnownPolicy } from '../policy/policy-in-force.ts';
import { statementFrame } from '../request/statement.ts';
import { namesOf } from '../views/names.ts';
import { factorStates, factorStreams, refusalStreams, refusalsState, shownAct } from './factor.ts';
import { cookieThumbprint, newCookie, newFormToken, webSignInRow } from './web-sign-in-rows.ts';

const SEALED_FOR = 'sign-in-act';

/**
 * What a browser asks a passkey to sign (`navigator.credentials.get()`), good for five minutes, and the same, sealed: it
 * comes back with the signature, so that a stranger who asks for many leaves no row, and none learns how far the log is.
 */
export async function beginPasskeySignIn(
  broker: Broker,
): Promise<{ readonly challenge: string; readonly sealed: string }> {
  const view = await broker.sequencer.read([]);
  const unknownYet = { person: null, factor: null } as const;
  const wanted: Act = {
    purpose: 'sign-in',
    about: pageOf(broker),
    digest: null,
    ...unknownYet,
    ...statementFrame(broker, view),
  };
  const sealed = broker.sealer.seal(utf8(JSON.stringify(wanted)), SEALED_FOR);
  return {
    challenge: base64url(fromHex(digestOf(broker.hasher, wanted).slice('sha256:'.length))),
    sealed: base64url(sealed),
  };
}

const pageOf = ({ publicUrl }: Broker): string => new URL(publicUrl).origin;

interface Given {
  readonly assertion: Assertion;
  /** As `beginPasskeySignIn` gave it. */
  readonly sealed: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/**
 * Signs in a browser by a passkey alone, while the person's identity provider does not answer. For people whom the
 * policy names for that case, within a day of the provider's last word; what it is good for is breaking the glass, and
 * it is over when the provider answers again.
 * @returns the cookie, once the sign-in is in the log
 * @throws Failure `not-signed-in`, one for every reason that whoever guesses could learn from; `refused-by-rule`, to
 * whoever holds the passkey
 */
export async function signInWithPasskey(broker: Broker, given: Given): Promise<string> {
  const known = await broker.policies.inForceIfAny();
  if (known === undefined) throw signsNobodyIn();
  const { person, shown } = await whoseSignature(broker, known, given);
  const nowMs = broker.clock.nowMs();
  const expiresAtMs = nowMs + EMERGENCY_SIGN_IN_LIVES_MS;
  const name = { person, signIn: `i-${broker.random.ulid(nowMs)}` as SignInId, expiresAtMs };
  // The provider is asked only once somebody has shown a passkey of theirs.
  const { secrets, ...told } = await broker.identityProviders.standIn(name);
  const cookie = newCookie(broker);
  const keyThumbprint = cookieThumbprint(broker, cookie);
  const signedIn: SignedIn = { ...name, issuer: told.issuer, keyThumbprint, mayOnlyAsk: false };
  const web = { signedIn, formToken: newFormToken(broker), seenAtMs: nowMs, isSpent: false };
  const { display_name } = (await namesOf(broker, [person]))(person);
  const personal = {
    display_name,
    address: given.address,
    user_agent: given.userAgent?.slice(0, 300) ?? null,
  };
  await record(broker, known, {
    facts: { ...name, ...told, keyThumbprint, personal, shown, actor: { person }, page: pageOf(broker) },
    secrets: [...secrets, webSignInRow(broker, cookie, web)],
    factsAtMs: nowMs,
  });
  return cookie;
}

/** Looked for among those alone whom the policy in force names for an outage of the provider. */
async function whoseSignature(
  broker: Broker,
  known: KnownPolicy,
  { assertion, sealed }: Given,
): Promise<{ readonly person: PersonId; readonly shown: ShownSignature }> {
  const wanted = opened(broker, sealed);
  // The policy file takes ids of people there, and nothing else.
  const named = namedForOutages(known.policy) as readonly PersonId[];
  const view = await broker.sequencer.read(named.map(streams.person));
  for (const person of named) {
    const { factors } = view.state(personFold, streams.person(person));
    const held = Object.values(factors).find(({ passkey }) => passkey?.credential === assertion.credential);
    const signed = held?.passkey && (await broker.passkeys.verify(assertion, held.passkey));
    if (held === undefined || !signed) continue;
    const shown = { kind: 'signed', factor: held.factor, assertion, ...signed } as const;
    return { person, shown: { ...shown, act: await shownAct(broker, wanted) } };
  }
  throw signsNobodyIn();
}

function opened(broker: Broker, sealed: string): Act {
  try {
    return act.parse(JSON.parse(fromUtf8(broker.sealer.open(fromBase64url(sealed), SEALED_FOR))));
  } catch {
    throw signsNobodyIn();
  }
}

type Facts = Omit<PasskeySignInInput, 'policy' | 'peopleWhoLeft' | 'factorStates' | 'refusals' | 'nowMs'>;

/** Whoever was let in did it themselves; that somebody was not is the broker's to write, as at the provider's door. */
async function record(
  broker: Broker,
  known: KnownPolicy,
  made: {
    readonly facts: Facts & { readonly actor: { readonly person: PersonId } };
    readonly secrets: Awaited<ReturnType<Broker['identityProviders']['standIn']>>['secrets'];
    readonly factsAtMs: number;
  },
): Promise<void> {
  const { facts, secrets, factsAtMs } = made;
  const { person } = facts.actor;
  const read = [
    ...new Set([
      ...[streams.policy, streams.signIn(facts.signIn)],
      ...leftStreams(known.policy, [person]),
      ...factorStreams(person, facts.shown, factsAtMs),
      ...refusalStreams(person, factsAtMs),
    ]),
  ];
  const judge = (view: View, nowMs: number): Judgement => {
    // Published in between: begun anew, over what it says now.
    if (view.state(policyFold, streams.policy).inForce !== known.digest) throw signsNobodyIn();
    return decideSignInWithPasskey({
      ...facts,
      policy: known.policy,
      peopleWhoLeft: whoLeft(view, known.policy, [person]),
      factorStates: factorStates(view, person, facts.shown, nowMs),
      refusals: refusalsState(view, person, nowMs),
      nowMs,
    });
  };
  const isRefused = judge(await broker.sequencer.read(read), factsAtMs).refusal !== undefined;
  await broker.sequencer.submit({
    by: isRefused
      ? brokerItself(broker)
      : { kind: 'human', person, sign_in: facts.signIn, claims_at_ms: facts.claimsAtMs },
    streams: read,
    factsAtMs,
    decide(view, nowMs) {
      const judged = judge(view, nowMs);
      // Decided otherwise a moment ago: nobody is named who would be the wrong one.
      if ((judged.refusal !== undefined) !== isRefused) throw judged.refusal ?? signsNobodyIn();
      return { ...judged, ...(isRefused ? {} : { secrets }), result: () => undefined };
    },
  });
}
