import type { Clock, OpenOutcome, PreparedSession, Provider, Random, SessionPlan } from '../app/ports.ts';
import { base64url, utf8 } from '../log/bytes.ts';
import type { GrantClaims } from './token/claims.ts';
import { claimsFromParameters, claimsToParameters, permissionsOf, permissionsSaid } from './token/claims.ts';
import { checkedIssuer } from './token/discovery.ts';
import type { GrantKeys } from './token/keys.ts';
import { LEAST_TOKEN_SECONDS, MOST_TOKEN_CHARACTERS, MOST_TOKEN_SECONDS } from './token/limits.ts';
import { unfit } from './unfit.ts';

export interface TokenProviderParts {
  /** Public URL of the issuer of grant tokens, and of nothing else: `https://broker.example/grants`. */
  readonly issuer: string;
  readonly keys: GrantKeys;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Left out: the platform's. */
  readonly random?: Pick<Random, 'bytes'>;
}

/**
 * Sessions that need no cloud: an RS256 JWT for one grant, whose audience is the target. A target that asks
 * us (RFC 7662) hears of a revocation at once; one that only checks the signature does not.
 */
export function tokenProvider({
  issuer,
  keys,
  clock,
  random = platformRandom,
}: TokenProviderParts): Provider {
  const iss = checkedIssuer(issuer);
  return {
    kind: 'token',
    leastSeconds: LEAST_TOKEN_SECONDS,
    mostSeconds: MOST_TOKEN_SECONDS,
    outlivesRevocation:
      'A target that checks tokens offline, without asking the broker, accepts one until it expires.',
    revocationChannel: 'introspection',
    prepare: (plan) => prepare(plan, iss, keys.currentKid(), base64url(random.bytes(18))),
    scopeOf: (prepared) => permissionsSaid(prepared.parameters),
    open: (prepared, signal) => open(prepared, signal, keys, clock),
    // Introspection folds the grant itself, so nothing needs to be carried out here.
    revoke: async () => 'confirmed',
  };
}

function prepare(plan: SessionPlan, iss: string, kid: string, jti: string): PreparedSession {
  const { target } = plan;
  if (target.provider !== 'token') throw new TypeError('the target is not one of grant tokens');
  const iat = Math.floor(plan.nowMs / 1000);
  const exp = Math.min(Math.floor(plan.endsAtMs / 1000), iat + MOST_TOKEN_SECONDS);
  if (exp - iat < LEAST_TOKEN_SECONDS)
    throw unfit('The grant ends before a token could be used.', 'Ask for access again.');
  const claims: GrantClaims = {
    iss,
    aud: target.audience,
    sub: plan.person,
    jti,
    iat,
    nbf: iat,
    exp,
    grant: plan.grant,
    session: plan.session,
    role: plan.role,
    target: plan.targetName,
    permissions: permissionsOf(plan),
  };
  checkFits(claims, kid);
  const endsAtMs = exp * 1000;
  return {
    provider: 'token',
    parameters: claimsToParameters(kid, claims),
    earliestEndMs: endsAtMs,
    endsAtMs,
  };
}

function checkFits(claims: GrantClaims, kid: string): void {
  if (claims.permissions.length === 0)
    throw unfit('The scope is empty.', 'Ask for access again with a scope.');
  // Header and claims in base64url, an RSA signature of up to 4,096 bits, two dots.
  const characters = Math.ceil((utf8(JSON.stringify(claims)).length * 4) / 3) + kid.length * 2 + 64 + 683 + 2;
  if (characters > MOST_TOKEN_CHARACTERS) {
    throw unfit(
      `The token would have ${characters} characters, of at most ${MOST_TOKEN_CHARACTERS}.`,
      'Ask for a narrower scope, or have the entitlement split into several.',
    );
  }
}

async function open(
  prepared: PreparedSession,
  signal: AbortSignal,
  keys: GrantKeys,
  clock: Pick<Clock, 'nowMs'>,
): Promise<OpenOutcome> {
  // Nothing exists before the signature is made and handed over, so every failure is certain.
  if (signal.aborted) return refused('The call was given up before a token was signed.', true);
  try {
    const { kid, claims } = claimsFromParameters(prepared.parameters);
    if (clock.nowMs() >= claims.exp * 1000)
      return refused('The grant ended before a token was signed.', false);
    const token = await keys.sign(kid, claims);
    return {
      outcome: 'opened',
      cloudSession: claims.jti,
      providerRequest: null,
      expiresAtMs: claims.exp * 1000,
      packedPolicyPercent: null,
      credentials: { kind: 'token', token, audience: claims.aud },
    };
  } catch {
    return refused('The token could not be signed.', true);
  }
}

function refused(reason: string, retryable: boolean): OpenOutcome {
  return {
    outcome: 'refused',
    reason,
    mend: retryable ? 'Open the session again.' : 'Ask for access again.',
    retryable,
  };
}

const platformRandom: Pick<Random, 'bytes'> = {
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
};
