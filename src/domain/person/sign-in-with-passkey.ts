import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import { type SignInId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { Policy } from '../policy/policy.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { personHasNotLeft } from '../request/rules/person-has-not-left.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { emergencySignInsAreBounded } from './emergency-sign-ins-are-bounded.ts';
import { passkeyCounterRises } from './passkey-counter-rises.ts';
import { personIsNamedForOutages } from './person-is-named-for-outages.ts';
import { shownFactorIsVouched } from './recovered-factor-is-vouched.ts';
import { type FactorStates, type ShownSignature, spendFactor } from './show-factor.ts';

/** An emergency is not a day's work; each one anew. */
export const EMERGENCY_SIGN_IN_LIVES_MS = 3_600_000;

/** Somebody comes with a passkey alone, while their identity provider does not answer. */
export interface PasskeySignInInput {
  readonly actor: Pick<Actor, 'person'>;
  readonly signIn: SignInId;
  /** What their provider told last, and when. */
  readonly issuer: string;
  readonly groups: readonly string[];
  readonly claimsAtMs: number;
  readonly keyThumbprint: string;
  readonly expiresAtMs: number;
  /** The page that is signed in to. */
  readonly page: string;
  readonly personal: {
    readonly display_name: string | null;
    readonly address: string | null;
    readonly user_agent: string | null;
  };
  readonly policy: Pick<Policy, 'entitlements'>;
  readonly peopleWhoLeft: readonly string[];
  readonly shown: ShownSignature;
  readonly factorStates: FactorStates;
  readonly refusals: RefusalsState;
  readonly nowMs: number;
}

export const signingInWithPasskeyRules: readonly Rule<PasskeySignInInput>[] = [
  personIsNamedForOutages,
  personHasNotLeft,
  shownFactorIsVouched,
  passkeyCounterRises,
  emergencySignInsAreBounded,
];

/**
 * Anybody can send anything here: only a signature that was made for just this leaves an entry. One that was not is told
 * nothing, and counts for no wrong code of the person's, or a stranger could close their door.
 */
export function decideSignInWithPasskey(
  input: PasskeySignInInput,
  rules = signingInWithPasskeyRules,
): Judgement {
  const { actor, shown, factorStates: states, page, nowMs } = input;
  const signable = { act: { purpose: 'sign-in', about: page, digest: null } } as const;
  const spent = spendFactor({ actor, shown, states, purpose: 'sign-in', about: page, signable, nowMs });
  if ('refused' in spent) return { events: [], refusal: signsNobodyIn() };
  const broken = firstBroken(rules, input);
  if (broken !== undefined) return refuse({ ...input, attempted: 'sign-in', about: null }, broken);
  const { signIn, issuer, groups, keyThumbprint, expiresAtMs, personal } = input;
  const authenticated = draft(
    'countersign.person.authenticated.v1',
    streams.signIn(signIn),
    actor.person,
    {
      sign_in: signIn,
      person: actor.person,
      issuer,
      groups: [...groups],
      auth_time_ms: null,
      acr: null,
      key_set_digest: null,
      key_thumbprint: keyThumbprint,
      expires_at_ms: expiresAtMs,
      way: 'passkey',
      may: 'everything',
      proof: spent.proof,
    },
    { subject: null, id_token: null, ...personal },
  );
  return { events: [authenticated, spent.spent] };
}

/** One answer for all that whoever guesses could learn from. */
export const signsNobodyIn = (): Failure =>
  new Failure('not-signed-in', 'This passkey signs nobody in now.', {
    mend: 'Sign in through your identity provider; without it, only people whom the policy names for an outage get in.',
  });
