import { hash } from 'node:crypto';
import type { JWTPayload, RemoteJWKSet } from 'jose';
import type { SignInDestination, SignInName } from '../app/identity-ports.ts';
import type { Clock, Random, Sealer } from '../app/ports.ts';
import type { Attachment, SecretChange, SecretStore } from '../app/store.ts';
import { Failure } from '../domain/errors.ts';
import type { Claims } from './claims.ts';
import { displayNameOf, groupsOf, subjectOf } from './claims.ts';
import { equalInConstantTime } from './constant-time.ts';
import { unavailable } from './guarded-fetch.ts';
import { verifyIdToken } from './id-token.ts';
import type { Connection } from './issuer-connection.ts';
import { keepProviderNames } from './provider-names.ts';
import { keepProviderTokens } from './provider-tokens.ts';
import { takeAttempt } from './sign-in-attempt.ts';
import type { GrantedTokens } from './token-endpoint.ts';
import { tradeCode } from './token-endpoint.ts';
import { userInfo } from './user-info.ts';

/** What the provider vouched for, verified. Texts are the provider's: bounded, but untrusted when shown. */
export interface SignInFacts {
  /** Name of the configured issuer. */
  readonly issuer: string;
  /** Its `iss`: with `subject` what `personId` takes. */
  readonly issuerUrl: string;
  readonly subject: string;
  readonly groups: readonly string[];
  readonly claimsAtMs: number;
  readonly displayName: string | null;
  /** When the person last proved who they are to the provider, if it says so. */
  readonly authTimeMs: number | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
  readonly idToken: string;
  /** The keys the ID token was checked with, canonical JSON, so that an auditor can check it again. */
  readonly keySet: Attachment;
}

export interface FinishedSignIn {
  readonly facts: SignInFacts;
  /** As it was said at the beginning. */
  readonly goesTo: SignInDestination;
  /** The provider's tokens, and how it names the person: for the commit that records the sign-in. */
  keep(name: SignInName): readonly SecretChange[];
}

export interface OidcParts {
  readonly secrets: SecretStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
}

/** What the broker does when the provider sends the browser back; see `OidcIssuers.finishSignIn`. */
export async function finishSignIn(
  parts: OidcParts,
  connect: (issuer: string) => Promise<Connection>,
  answer: { readonly currentUrl: string; readonly browser?: string | null },
): Promise<FinishedSignIn> {
  const nowMs = parts.clock.nowMs();
  const { search, searchParams } = new URL(answer.currentUrl);
  const state = searchParams.get('state') ?? '';
  const attempt = await takeAttempt(parts, state, nowMs);
  if (attempt === undefined) throw refusal('this sign-in is unknown, too old, or was answered before');
  requireSameBrowser(attempt.goes_to, answer.browser ?? null);
  const connection = await connect(attempt.issuer);
  // Our address as it was given to the provider, whatever host the browser called us by.
  const callback = new URL(attempt.redirect_uri);
  callback.search = search;
  const granted = await tradeCode(connection, callback, attempt, state, nowMs);
  if (granted.idToken === null) throw refusal('the identity provider gave no ID token');
  const { accessToken, idToken } = granted;
  const context = { nonce: attempt.nonce, isRenewal: false, nowMs };
  const claims = await verifyIdToken(connection, idToken, { ...context, accessToken });
  const told = await askForGroups(connection, claims, accessToken);
  const facts = factsOf(connection, claims, told, idToken, nowMs);
  const tokens = {
    ...tokensOf(facts, granted),
    sub: claims.sub,
    nonce: attempt.nonce,
    groups_in: told.groupsIn,
    id_token: idToken,
    is_emergency: false,
    sid: sidOf(claims),
  };
  const keep = (name: SignInName) => [
    keepProviderTokens(parts.sealer, name, tokens),
    ...keepProviderNames(name, tokens),
  ];
  return { facts, goesTo: attempt.goes_to, keep };
}

/**
 * A link that somebody else began a sign-in with would sign this browser in as them, and what is asked here would be
 * theirs. A command line is bound by its own verifier.
 */
function requireSameBrowser(goesTo: SignInDestination, browser: string | null): void {
  if (goesTo.kind === 'command-line') return;
  if (browser === null || !equalInConstantTime(goesTo.browser, browser))
    throw refusal('this sign-in was begun in another browser, or more than ten minutes ago');
}

const sidOf = ({ sid }: JWTPayload): string | null =>
  typeof sid === 'string' && sid.length > 0 && sid.length <= 500 ? sid : null;

interface Told {
  readonly groups: readonly string[];
  readonly groupsIn: 'id-token' | 'userinfo';
  readonly displayName: string | null;
}

/** The ID token's groups; when it has none, those that userinfo tells; no claim means no group. */
async function askForGroups(
  connection: Connection,
  claims: JWTPayload & { readonly sub: string },
  accessToken: string,
): Promise<Told> {
  const { config, metadata } = connection;
  const groups = groupsOf(config, claims);
  const displayName = displayNameOf(config, claims);
  if (groups !== undefined || metadata.userinfo_endpoint === undefined) {
    return { groups: groups ?? [], groupsIn: 'id-token', displayName };
  }
  const told: Claims | 'refused' = await userInfo(connection, accessToken, claims.sub);
  if (told === 'refused') throw refusal('the identity provider does not know its own token');
  return {
    groups: groupsOf(config, told) ?? [],
    groupsIn: 'userinfo',
    displayName: displayName ?? displayNameOf(config, told),
  };
}

function factsOf(
  connection: Connection,
  claims: JWTPayload,
  told: Told,
  idToken: string,
  nowMs: number,
): SignInFacts {
  const { config, keys } = connection;
  const { auth_time: authTime, acr, amr } = claims;
  return {
    issuer: config.name,
    issuerUrl: config.issuer,
    subject: subjectOf(config, claims),
    groups: told.groups,
    claimsAtMs: nowMs,
    displayName: told.displayName,
    authTimeMs:
      typeof authTime === 'number' && Number.isSafeInteger(authTime) && authTime >= 0
        ? authTime * 1000
        : null,
    acr: typeof acr === 'string' && acr.length > 0 && acr.length <= 200 ? acr : null,
    amr: Array.isArray(amr) ? amr.filter((method) => typeof method === 'string').slice(0, 20) : [],
    idToken,
    keySet: keySetOf(connection, keys),
  };
}

/** Key sets hold short texts only, so sorting the names of each key is all that canonical JSON needs. */
function keySetOf({ config }: Connection, keys: RemoteJWKSet): Attachment {
  const known = keys.jwks();
  if (known === undefined) throw unavailable(config, 'has no keys');
  const sorted = known.keys.map((key) =>
    Object.fromEntries(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  const bytes = Buffer.from(JSON.stringify({ keys: sorted }), 'utf8');
  return { digest: `sha256:${hash('sha256', bytes, 'hex')}`, bytes };
}

function tokensOf(facts: SignInFacts, granted: GrantedTokens) {
  return {
    issuer: facts.issuer,
    access_token: granted.accessToken,
    access_expires_at_ms: granted.accessExpiresAtMs,
    refresh_token: granted.refreshToken,
    groups: [...facts.groups],
    claims_at_ms: facts.claimsAtMs,
  };
}

const refusal = (message: string): Failure =>
  new Failure('not-signed-in', message, { mend: 'countersign login' });
