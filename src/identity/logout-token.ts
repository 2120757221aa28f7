import { hash } from 'node:crypto';
import type { JWTPayload, JWTVerifyResult } from 'jose';
import { decodeJwt, jwtVerify } from 'jose';
import type { SignInName } from '../app/identity-ports.ts';
import { Failure } from '../domain/errors.ts';
import type { PersonId, SignInId } from '../domain/ids.ts';
import type { OidcParts } from './finish-sign-in.ts';
import type { IssuerConfig } from './issuer-config.ts';
import type { Connection } from './issuer-connection.ts';
import { ID_TOKEN_ALGORITHMS } from './issuer-connection.ts';
import { verificationFailure } from './issuer-keys.ts';
import { personNamed } from './provider-names.ts';
import { openProviderTokens } from './provider-tokens.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MOST_CHARACTERS = 16_384;
const CLOCK_TOLERANCE_SECONDS = 30;
/** OpenID Connect Back-Channel Logout 1.0 §2.4 has them expire within two minutes; some clocks are off. */
const MOST_AGE_SECONDS = 300;

interface Issuers {
  readonly configs: readonly IssuerConfig[];
  readonly connect: (issuer: string) => Promise<Connection>;
}

/**
 * OpenID Connect Back-Channel Logout 1.0 §2.6, with the signature always checked. With a `sid` it ends the sign-ins of
 * that visit, command lines and browsers alike; with a `sub` alone, every one of that person through this issuer.
 */
export async function signedOutAtProvider(
  parts: OidcParts,
  issuers: Issuers,
  logoutToken: string,
): Promise<readonly SignInName[]> {
  // Read before it is verified, to find whose keys to ask for; it is compared again in the verification.
  const config = issuers.configs.find(({ issuer }) => issuer === claimedIssuer(logoutToken));
  if (config === undefined) throw refusal('is of no identity provider that we know');
  const nowMs = parts.clock.nowMs();
  const payload = await verify(await issuers.connect(config.name), logoutToken, nowMs);
  const { sub, sid } = whomOf(payload);
  await spend(parts, config, payload.jti ?? '', nowMs);
  const person = await personOf(parts, config, { sub, sid });
  if (person === undefined) return [];
  const theirs = await visitsOf(parts, config, person);
  return theirs.filter(
    (visit) => (sid === undefined || visit.sid === sid) && (sub === undefined || visit.sub === sub),
  );
}

function claimedIssuer(logoutToken: string): string {
  try {
    return (logoutToken.length <= MOST_CHARACTERS ? decodeJwt(logoutToken) : {}).iss ?? '';
  } catch {
    return '';
  }
}

async function verify({ config, keys }: Connection, logoutToken: string, nowMs: number): Promise<JWTPayload> {
  let verified: JWTVerifyResult;
  try {
    verified = await jwtVerify(logoutToken, keys, {
      issuer: config.issuer,
      audience: config.client_id,
      algorithms: ID_TOKEN_ALGORITHMS,
      requiredClaims: ['iat', 'exp', 'jti'],
      maxTokenAge: MOST_AGE_SECONDS,
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
  } catch (cause) {
    throw verificationFailure(config.issuer, 'logout token', cause);
  }
  const { payload, protectedHeader } = verified;
  const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '');
  if (type !== undefined && type !== 'logout+jwt' && type !== 'jwt')
    throw refusal('is a token of another kind');
  if (!isLogoutEvent(payload['events'])) throw refusal('says nothing of signing out');
  // An ID token in the place of a logout token (§2.4).
  if (Object.hasOwn(payload, 'nonce')) throw refusal('is an ID token');
  return payload;
}

function isLogoutEvent(events: unknown): boolean {
  if (typeof events !== 'object' || events === null || !Object.hasOwn(events, EVENT)) return false;
  const event: unknown = Reflect.get(events, EVENT);
  return typeof event === 'object' && event !== null && !Array.isArray(event);
}

function whomOf({ sub, sid }: JWTPayload): {
  readonly sub: string | undefined;
  readonly sid: string | undefined;
} {
  if (sid !== undefined && typeof sid !== 'string') throw refusal('names a visit that is no text');
  if (sub === undefined && sid === undefined) throw refusal('names nobody');
  return { sub, sid };
}

/** In the store, so that no broker and no restart forgets: shown again after a new sign-in it would end that one. */
async function spend(parts: OidcParts, { name }: IssuerConfig, jti: string, nowMs: number): Promise<void> {
  const id = hash('sha256', `${name}\n${jti}`, 'hex');
  if ((await parts.secrets.get('provider-logout', id)) !== undefined) throw refusal('was shown before');
  const expiresAtMs = nowMs + 2 * (MOST_AGE_SECONDS + CLOCK_TOLERANCE_SECONDS) * 1000;
  await parts.secrets.put([
    { id, person: '', kind: 'provider-logout', value: new Uint8Array([1]), expiresAtMs },
  ]);
}

async function personOf(
  { secrets }: OidcParts,
  { name }: IssuerConfig,
  { sub, sid }: ReturnType<typeof whomOf>,
): Promise<PersonId | undefined> {
  if (sid !== undefined) return personNamed(secrets, name, 'sid', sid);
  return sub === undefined ? undefined : personNamed(secrets, name, 'sub', sub);
}

interface Visit extends SignInName {
  readonly sub: string;
  readonly sid: string | null;
}

async function visitsOf(
  parts: OidcParts,
  { name }: IssuerConfig,
  person: PersonId,
): Promise<readonly Visit[]> {
  const rows = await parts.secrets.ofPerson('provider-tokens', person);
  return rows.flatMap(({ id, value, expiresAtMs }) => {
    // Rows of this kind are named for their sign-in.
    const visit: SignInName = { signIn: id as SignInId, person, expiresAtMs: expiresAtMs ?? 0 };
    const { issuer, sub, sid } = openProviderTokens(parts, visit, value);
    return issuer === name ? [{ ...visit, sub, sid }] : [];
  });
}

const refusal = (what: string): Failure => new Failure('not-signed-in', `The logout token ${what}.`);
