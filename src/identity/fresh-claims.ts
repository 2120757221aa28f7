import type { SignInName } from '../app/identity-ports.ts';
import type { Clock, Sealer } from '../app/ports.ts';
import type { SecretStore } from '../app/store.ts';
import { Failure } from '../domain/errors.ts';
import type { PersonId, SignInId } from '../domain/ids.ts';
import { equalBytes } from '../log/bytes.ts';
import { groupsOf } from './claims.ts';
import { verifyIdToken } from './id-token.ts';
import type { Connection } from './issuer-connection.ts';
import { leastRecentlyUsed } from './least-recently-used.ts';
import type { ProviderTokens } from './provider-tokens.ts';
import {
  allProviderTokens,
  findProviderTokens,
  openProviderTokens,
  replaceProviderTokens,
} from './provider-tokens.ts';
import { tradeRefreshToken } from './token-endpoint.ts';
import { userInfo } from './user-info.ts';

/** Groups as the provider tells them, and when it did. */
export interface FreshClaims {
  readonly groups: readonly string[];
  readonly claimsAtMs: number;
}

export interface FreshClaimsParts {
  readonly secrets: SecretStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** By the issuer's configured name. @throws Failure `not-signed-in` for one that is configured no more */
  readonly connect: (issuer: string) => Promise<Connection>;
  /** Whether it answers at this moment. */
  readonly isAnswering: (issuer: string) => Promise<boolean>;
}

const MOST_TOLD = 10_000;
/** In the place of the time at which claims were told: that at which they were taken back, below nought. */
const takenBackAt = (nowMs: number): number => -nowMs;
const isTakenBack = (claimsAtMs: number): boolean => claimsAtMs <= 0;

/** What a sealed row said: the tokens beside it are unsealed only when they are needed. */
interface Told extends FreshClaims {
  readonly person: PersonId;
  readonly sealed: Uint8Array;
  readonly issuer: string;
  readonly isEmergency: boolean;
}

/**
 * Groups no older than the issuer's `max_claims_age_seconds`. Callers that come together share one
 * question.
 * @returns a function that throws Failure `not-signed-in` when the provider no longer vouches for the
 *   person, and `identity-provider-unavailable` when it cannot be asked
 */
export function freshClaims(parts: FreshClaimsParts): (name: SignInName) => Promise<FreshClaims> {
  const underWay = new Map<SignInId, Promise<FreshClaims>>();
  const told = leastRecentlyUsed<Told>(MOST_TOLD);
  return (name) => {
    const joined = underWay.get(name.signIn);
    if (joined !== undefined) return joined;
    const asked = ask(parts, told, name).finally(() => underWay.delete(name.signIn));
    underWay.set(name.signIn, asked);
    return asked;
  };
}

async function ask(
  parts: FreshClaimsParts,
  told: ReturnType<typeof leastRecentlyUsed<Told>>,
  name: SignInName,
): Promise<FreshClaims> {
  const nowMs = parts.clock.nowMs();
  const sealed = await findProviderTokens(parts, name, nowMs);
  if (sealed === undefined) throw ended();
  const remembered = told.get(name.signIn);
  // The very same bytes, for the same person, say the same.
  const known =
    remembered !== undefined && remembered.person === name.person && equalBytes(remembered.sealed, sealed)
      ? remembered
      : toldBy(openProviderTokens(parts, name, sealed), name, sealed);
  told.set(name.signIn, known);
  if (known.isEmergency) return endWhenItAnswers(parts, known.issuer);
  const connection = await parts.connect(known.issuer);
  const ageMs = nowMs - known.claimsAtMs;
  // A clock that stepped back makes the age negative: ask.
  if (ageMs >= 0 && ageMs < connection.config.max_claims_age_seconds * 1000) {
    return { groups: known.groups, claimsAtMs: known.claimsAtMs };
  }
  const tokens = openProviderTokens(parts, name, sealed);
  try {
    return await askProvider(parts, connection, name, tokens, nowMs);
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-signed-in') await disbelieve(parts, name, tokens);
    throw error;
  }
}

/** What was let in without the provider is over as soon as the provider can be asked. */
async function endWhenItAnswers(
  { isAnswering }: Pick<FreshClaimsParts, 'isAnswering'>,
  issuer: string,
): Promise<never> {
  if (await isAnswering(issuer)) {
    throw new Failure(
      'not-signed-in',
      'Your identity provider answers again, so your passkey alone signs nobody in.',
      {
        mend: 'Sign in through your identity provider.',
      },
    );
  }
  throw new Failure('identity-provider-unavailable', `the identity provider ${issuer} does not answer`, {
    mend: 'Until it does, ask for access in an emergency, use it and end it: everything else waits.',
  });
}

/**
 * A provider that no longer vouches takes back what it said before: an outage after that brings none of it back, even
 * where it still renewed the tokens. Where another broker was told something newer meanwhile, that stands.
 */
async function disbelieve(
  parts: FreshClaimsParts,
  name: SignInName,
  { claims_at_ms }: ProviderTokens,
): Promise<void> {
  const nowMs = parts.clock.nowMs();
  const sealed = await findProviderTokens(parts, name, nowMs);
  const stored = sealed && openProviderTokens(parts, name, sealed);
  if (stored === undefined || stored.claims_at_ms > Math.max(claims_at_ms, 0)) return;
  await replaceProviderTokens(parts, name, { ...stored, claims_at_ms: takenBackAt(nowMs) });
}

/**
 * What the provider said last of this person, however old, in whichever of their sign-ins, without asking it: one that
 * it was not asked about since must not keep what it took back in another.
 * @returns undefined: the sign-in has ended, or the provider took it back
 */
export async function lastToldClaims(
  parts: Pick<FreshClaimsParts, 'secrets' | 'sealer' | 'clock'>,
  name: SignInName,
): Promise<FreshClaims | undefined> {
  const nowMs = parts.clock.nowMs();
  if ((await findProviderTokens(parts, name, nowMs)) === undefined) return undefined;
  const words = await allProviderTokens(parts, name.person, nowMs);
  const [last] = words.toSorted((a, b) => Math.abs(b.claims_at_ms) - Math.abs(a.claims_at_ms));
  return last === undefined || isTakenBack(last.claims_at_ms)
    ? undefined
    : { groups: last.groups, claimsAtMs: last.claims_at_ms };
}

async function askProvider(
  parts: FreshClaimsParts,
  connection: Connection,
  name: SignInName,
  tokens: ProviderTokens,
  nowMs: number,
): Promise<FreshClaims> {
  const fresh =
    (await askUserInfo(connection, tokens, nowMs)) ??
    (await askTokenEndpoint(parts, connection, name, tokens, nowMs));
  if (!(await replaceProviderTokens(parts, name, fresh))) throw ended();
  return { groups: fresh.groups, claimsAtMs: fresh.claims_at_ms };
}

const toldBy = (tokens: ProviderTokens, { person }: SignInName, sealed: Uint8Array): Told => ({
  person,
  sealed,
  issuer: tokens.issuer,
  isEmergency: tokens.is_emergency,
  groups: tokens.groups,
  claimsAtMs: tokens.claims_at_ms,
});

/** undefined: only a new access token can tell. */
async function askUserInfo(
  connection: Connection,
  tokens: ProviderTokens,
  nowMs: number,
): Promise<ProviderTokens | undefined> {
  if (tokens.groups_in === 'id-token' || tokens.access_expires_at_ms <= nowMs) return undefined;
  const told = await userInfo(connection, tokens.access_token, tokens.sub);
  if (told === 'refused') return undefined;
  return { ...tokens, groups: [...(groupsOf(connection.config, told) ?? [])], claims_at_ms: nowMs };
}

async function askTokenEndpoint(
  parts: FreshClaimsParts,
  connection: Connection,
  name: SignInName,
  tokens: ProviderTokens,
  nowMs: number,
): Promise<ProviderTokens> {
  if (tokens.refresh_token === null) throw noLongerVouched(connection);
  const granted = await tradeRefreshToken(connection, tokens.refresh_token, nowMs);
  const renewed: ProviderTokens = {
    ...tokens,
    access_token: granted.accessToken,
    access_expires_at_ms: granted.accessExpiresAtMs,
    refresh_token: granted.refreshToken ?? tokens.refresh_token,
  };
  // Kept before anything else can fail: the provider may have spent the old refresh token.
  if (!(await replaceProviderTokens(parts, name, renewed))) throw ended();
  return {
    ...renewed,
    groups: [...(await renewedGroups(connection, renewed, granted.idToken, nowMs))],
    claims_at_ms: nowMs,
  };
}

/** From where they came at sign-in. A claim that is not there means no group. */
async function renewedGroups(
  connection: Connection,
  tokens: ProviderTokens,
  idToken: string | null,
  nowMs: number,
): Promise<readonly string[]> {
  if (idToken !== null) {
    const context = { accessToken: tokens.access_token, nonce: tokens.nonce, isRenewal: true, nowMs };
    const claims = await verifyIdToken(connection, idToken, context);
    if (claims.sub !== tokens.sub) throw noLongerVouched(connection);
    if (tokens.groups_in === 'id-token') return groupsOf(connection.config, claims) ?? [];
  }
  if (tokens.groups_in === 'id-token') return [];
  const told = await userInfo(connection, tokens.access_token, tokens.sub);
  if (told === 'refused') throw noLongerVouched(connection);
  return groupsOf(connection.config, told) ?? [];
}

const noLongerVouched = ({ config }: Connection): Failure =>
  new Failure('not-signed-in', `the identity provider ${config.name} no longer vouches for this sign-in`, {
    mend: 'countersign login',
  });

const ended = (): Failure =>
  new Failure('not-signed-in', 'the sign-in has ended', { mend: 'countersign login' });
