import type { JWTPayload, JWTVerifyResult, RemoteJWKSet } from 'jose';
import { decodeJwt, jwtVerify } from 'jose';
import { Failure } from '../domain/errors.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { guardedFetch } from './guarded-fetch.ts';
import { issuerKeys, verificationFailure } from './issuer-keys.ts';
import { discover } from './issuer-metadata.ts';

const MOST_TOKEN_CHARACTERS = 16_384;
const MOST_LIFETIME_SECONDS = 3_600;
const CLOCK_TOLERANCE_SECONDS = 30;
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** An issuer of tokens for pipelines and services, as the operator wrote it. */
export interface WorkloadIssuerConfig {
  readonly name: string;
  /** Its `iss`, character by character. */
  readonly issuer: string;
  /** What its tokens must name as their only audience. */
  readonly audience: string;
  /** Signature algorithms believed; symmetric ones and `none` are refused at start. */
  readonly algorithms: readonly string[];
  /** Where its keys are, if not where its discovery document says. */
  readonly jwks_uri?: string;
  readonly allow_http_loopback: boolean;
}

/** What a workload's token says, verified. Untrusted as to its form: `subject` is the issuer's text. */
export interface WorkloadFacts {
  /** Name of the configured issuer. */
  readonly issuer: string;
  readonly issuerUrl: string;
  readonly subject: string;
  /** Seconds since 1970, as in the token. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly jti: string | null;
  readonly keyId: string | null;
}

interface Issuer {
  readonly config: WorkloadIssuerConfig;
  readonly keys: () => Promise<RemoteJWKSet>;
}

/**
 * @returns `authenticateWorkload`, which throws Failure `not-signed-in`, or `identity-provider-unavailable`
 *   when the issuer's keys cannot be had
 * @throws RangeError for a configuration that would believe too much
 */
export function workloadIssuers(
  configs: readonly WorkloadIssuerConfig[],
): (jwt: string, nowMs: number) => Promise<WorkloadFacts> {
  const issuers = new Map<string, Issuer>();
  for (const config of configs) {
    checkConfig(config);
    if (issuers.has(config.issuer)) throw new RangeError(`two workload issuers are ${config.issuer}`);
    issuers.set(config.issuer, { config, keys: lazyKeys(config, guardedFetch(config)) });
  }
  return async (jwt, nowMs) => {
    // Read before it is verified, to find whose keys to ask for; it is compared again in the verification.
    const issuer = issuers.get(claimedIssuer(jwt));
    if (issuer === undefined)
      throw new Failure('not-signed-in', 'no workload issuer that we know made this token');
    return authenticate(issuer, jwt, nowMs);
  };
}

function checkConfig({ issuer, audience, algorithms, name }: WorkloadIssuerConfig): void {
  if (!URL.canParse(issuer) || audience === '')
    throw new RangeError(`workload issuer ${name} lacks issuer or audience`);
  if (algorithms.length === 0) throw new RangeError(`workload issuer ${name} lists no algorithm`);
  const bad = algorithms.find((algorithm) => !ALGORITHMS.includes(algorithm));
  if (bad !== undefined)
    throw new RangeError(`workload issuer ${name}: ${bad} is not a public-key algorithm we know`);
}

function lazyKeys(config: WorkloadIssuerConfig, fetch: GuardedFetch): () => Promise<RemoteJWKSet> {
  let keys: RemoteJWKSet | undefined;
  return async () =>
    (keys ??= issuerKeys(config.jwks_uri ?? (await discover(config, fetch)).jwks_uri, fetch));
}

function claimedIssuer(jwt: string): string {
  try {
    const { iss } = jwt.length <= MOST_TOKEN_CHARACTERS ? decodeJwt(jwt) : {};
    return iss ?? '';
  } catch {
    return '';
  }
}

async function authenticate({ config, keys }: Issuer, jwt: string, nowMs: number): Promise<WorkloadFacts> {
  let verified: JWTVerifyResult;
  try {
    verified = await jwtVerify(jwt, await keys(), {
      issuer: config.issuer,
      audience: config.audience,
      algorithms: [...config.algorithms],
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
  } catch (cause) {
    throw verificationFailure(config.issuer, 'workload token', cause);
  }
  const facts = factsOf(config, verified, nowMs);
  if (typeof facts === 'string') throw new Failure('not-signed-in', `the workload token ${facts}`);
  return facts;
}

/** The facts, or what is wrong with them. */
function factsOf(
  config: WorkloadIssuerConfig,
  verified: JWTVerifyResult,
  nowMs: number,
): WorkloadFacts | string {
  const { protectedHeader, payload } = verified;
  const { iat = 0, exp = 0, sub = '', jti } = payload;
  if (isOfAnotherKind(protectedHeader.typ, payload)) return 'is a token of another kind';
  if (payload.aud !== config.audience && !isOnly(payload.aud, config.audience))
    return 'is for other audiences too';
  if (exp - iat > MOST_LIFETIME_SECONDS || exp <= iat)
    return `must live for ${MOST_LIFETIME_SECONDS} s at most`;
  if (iat > nowMs / 1000 + CLOCK_TOLERANCE_SECONDS) return 'was issued in the future';
  if (sub === '' || sub.length > 500 || /\p{Cc}/u.test(sub)) return 'has no usable subject';
  return {
    issuer: config.name,
    issuerUrl: config.issuer,
    subject: sub,
    issuedAt: iat,
    expiresAt: exp,
    jti: jti ?? null,
    keyId: protectedHeader.kid ?? null,
  };
}

/**
 * Grant tokens and access tokens are typed; a token bound to a key (`cnf`) is no bearer token, so it is not
 * ours to take.
 */
function isOfAnotherKind(type: string | undefined, payload: JWTPayload): boolean {
  return (type !== undefined && type.toUpperCase() !== 'JWT') || payload['cnf'] !== undefined;
}

function isOnly(audience: string | string[] | undefined, expected: string): boolean {
  return Array.isArray(audience) && audience.length === 1 && audience[0] === expected;
}
