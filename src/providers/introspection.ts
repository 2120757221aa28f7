import { hash, timingSafeEqual } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { GrantClaims } from './token/claims.ts';
import { grantClaims } from './token/claims.ts';
import type { GrantKeys } from './token/keys.ts';
import { GRANT_TOKEN_TYPE, MOST_TOKEN_CHARACTERS } from './token/limits.ts';

export interface IntrospectionCall {
  /** As the caller sent it: anything. */
  readonly token: string;
  /** The target that has proved its secret, and its audience in the policy in force. */
  readonly caller: { readonly target: string; readonly audience: string };
  readonly issuer: string;
  readonly keys: Pick<GrantKeys, 'verificationKey'>;
  /**
   * Whether the grant can be used now and the session is one of its own. A rejection is passed on: no answer
   * is no access.
   */
  isLive(grant: string, session: string): Promise<boolean>;
  readonly nowMs: number;
}

export type Introspection = { readonly active: false } | ({ readonly active: true } & GrantClaims);

/**
 * RFC 7662 §2.2. Whatever is wrong, and whoever else's token it is, the answer is the same bare `active:
 * false`.
 */
export async function introspect(call: IntrospectionCall): Promise<Introspection> {
  const claims = await verifiedClaims(call);
  // Two targets may share an audience; each may ask about its own tokens only.
  if (claims === undefined || claims.target !== call.caller.target) return { active: false };
  return (await call.isLive(claims.grant, claims.session)) ? { active: true, ...claims } : { active: false };
}

async function verifiedClaims({
  token,
  caller,
  issuer,
  keys,
  nowMs,
}: IntrospectionCall): Promise<GrantClaims | undefined> {
  if (token.length > MOST_TOKEN_CHARACTERS) return undefined;
  const keyOf = ({ kid = '' }: { kid?: string }) => {
    const key = keys.verificationKey(kid, nowMs);
    if (key === undefined) throw new RangeError('unknown key');
    return key;
  };
  try {
    const { payload } = await jwtVerify(token, keyOf, {
      algorithms: ['RS256'],
      typ: GRANT_TOKEN_TYPE,
      issuer,
      audience: caller.audience,
      currentDate: new Date(nowMs),
    });
    return grantClaims.parse(payload);
  } catch {
    return undefined;
  }
}

/**
 * In constant time, also for a target that has no secret. Secrets are drawn at random by us, so one SHA-256
 * keeps them.
 * @param configured target to lower-case hexadecimal SHA-256 of its secret; a target that is not in it
 * matches nothing
 */
export function clientSecretMatches(
  configured: ReadonlyMap<string, string>,
  target: string,
  secret: string,
): boolean {
  const given = hash('sha256', secret, 'buffer');
  const digest = Buffer.from(configured.get(target) ?? '', 'hex');
  const isConfigured = digest.length === given.length;
  return timingSafeEqual(given, isConfigured ? digest : Buffer.alloc(given.length)) && isConfigured;
}

/**
 * Target and secret of an `Authorization: Basic` header. RFC 6749 §2.3.1: each half is form-urlencoded before
 * RFC 7617 joins and encodes them. undefined for anything else, however slightly.
 */
export function parseBasicAuthorization(header: string): { target: string; secret: string } | undefined {
  const encoded = header.length <= 2_048 ? /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1] : undefined;
  if (encoded === undefined || Buffer.from(encoded, 'base64').toString('base64') !== encoded)
    return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const target = formDecoded(pair.slice(0, Math.max(0, colon)));
  const secret = formDecoded(pair.slice(colon + 1));
  return colon < 1 || !target || !secret ? undefined : { target, secret };
}

function formDecoded(text: string): string | undefined {
  // U+FFFD stands for bytes that were not UTF-8.
  if (/[\p{Cc}\uFFFD]/u.test(text)) return undefined;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
