import { hash } from 'node:crypto';
import type { AccessTokens, ProvenCall, SignedIn, Tokens } from '../app/identity-ports.ts';
import type { Clock, Random } from '../app/ports.ts';
import type { SecretStore } from '../app/store.ts';
import { Failure } from '../domain/errors.ts';
import type { PersonId, SignInId } from '../domain/ids.ts';
import { equalInConstantTime } from './constant-time.ts';
import type { VerifiedProof, VerifyDpop } from './dpop.ts';
import { leastRecentlyUsed } from './least-recently-used.ts';
import type { ReplayMemory } from './replay-memory.ts';
import {
  deletionsOf,
  findLive,
  findSpent,
  idOf,
  lifeRow,
  livingSignIns,
  mintToken,
  spentRow,
  takeCode,
} from './token-rows.ts';

const ACCESS_TOKEN_MS = 10 * 60_000;
const CODE_MS = 60_000;
/** A sign-in ends after this, whatever is done in it. */
export const SIGN_IN_MS = 12 * 60 * 60_000;
const RECHECK_MS = 5_000;
const MOST_CACHED = 10_000;

export interface AccessTokenParts {
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly verifyDpop: VerifyDpop;
  readonly replays: ReplayMemory;
}

/**
 * Opaque tokens of our own, bound to a key (RFC 9449) and stored as hashes. One row a sign-in says that it
 * lives, so ending a sign-in is one deletion that no refresh under way can outrun.
 */
export function accessTokens(parts: AccessTokenParts): AccessTokens {
  const cache = tokenCache(parts);
  return {
    issueCode: (signedIn, codeChallenge) => issueCode(parts, signedIn, codeChallenge),
    redeemCode: (call) => redeemCode(parts, call),
    refresh: (call) => refresh(parts, call, cache.forget),
    async authenticate(call) {
      const nowMs = parts.clock.nowMs();
      const proof = await parts.verifyDpop({ ...onlyCall(call), accessToken: call.accessToken, nowMs });
      const signedIn = await cache.find(call.accessToken, nowMs);
      spendProof(parts, proof, signedIn, nowMs);
      return signedIn;
    },
    endSignIn: (person, signIn) => deletionsOf(parts.secrets, person, signIn),
    livingOf: (person) => livingSignIns(parts.secrets, person, parts.clock.nowMs()),
    forget: cache.forget,
    forgetPerson: cache.forgetPerson,
  };
}

function issueCode({ clock, random }: AccessTokenParts, signedIn: SignedIn, codeChallenge: string) {
  const nowMs = clock.nowMs();
  if (signedIn.expiresAtMs > nowMs + SIGN_IN_MS) throw new RangeError('a sign-in lasts twelve hours at most');
  const code = mintToken(random, 'one-time-code', { signedIn, codeChallenge }, nowMs + CODE_MS);
  return { code: code.text, secrets: [code.row, lifeRow(signedIn)] };
}

async function redeemCode(
  parts: AccessTokenParts,
  call: ProvenCall & { readonly code: string; readonly codeVerifier: string },
): Promise<Tokens> {
  const nowMs = parts.clock.nowMs();
  const proof = await parts.verifyDpop({ ...onlyCall(call), nowMs });
  const found = await takeCode(parts.secrets, call.code, nowMs);
  if (found?.codeChallenge == null || !fitsChallenge(call.codeVerifier, found.codeChallenge))
    throw notSignedIn();
  spendProof(parts, proof, found.signedIn, nowMs);
  const pair = mintPair(parts, found.signedIn, nowMs);
  await parts.secrets.put(pair.rows);
  return pair.tokens;
}

async function refresh(
  parts: AccessTokenParts,
  call: ProvenCall & { readonly refreshToken: string },
  forget: (signIn: SignInId) => void,
): Promise<Tokens> {
  const { secrets, clock } = parts;
  const nowMs = clock.nowMs();
  const proof = await parts.verifyDpop({ ...onlyCall(call), nowMs });
  const found = await findLive(secrets, 'refresh-token', call.refreshToken, nowMs);
  if (found === undefined) return endIfSpent(parts, call.refreshToken, forget);
  spendProof(parts, proof, found.signedIn, nowMs);
  const pair = mintPair(parts, found.signedIn, nowMs);
  const changes = [...pair.rows, spentRow(call.refreshToken, found)];
  const taken = await secrets.take('refresh-token', idOf(call.refreshToken), changes);
  // Somebody else rotated it in between: two hold the same token.
  return taken === undefined ? endIfSpent(parts, call.refreshToken, forget) : pair.tokens;
}

async function endIfSpent(
  { secrets }: AccessTokenParts,
  refreshToken: string,
  forget: (signIn: SignInId) => void,
): Promise<never> {
  const spent = await findSpent(secrets, refreshToken);
  if (spent === undefined) throw notSignedIn();
  const { person, signIn } = spent.signedIn;
  await secrets.put(await deletionsOf(secrets, person, signIn));
  forget(signIn);
  throw new Failure('not-signed-in', 'a refresh token was used twice, so its sign-in has been ended', {
    mend: 'countersign login',
  });
}

function mintPair({ random }: AccessTokenParts, signedIn: SignedIn, nowMs: number) {
  const value = { signedIn, codeChallenge: null };
  const accessEndsAtMs = Math.min(nowMs + ACCESS_TOKEN_MS, signedIn.expiresAtMs);
  const access = mintToken(random, 'access-token', value, accessEndsAtMs);
  const refreshing = mintToken(random, 'refresh-token', value, signedIn.expiresAtMs);
  const tokens: Tokens = {
    accessToken: access.text,
    refreshToken: refreshing.text,
    accessTokenSeconds: Math.floor((accessEndsAtMs - nowMs) / 1000),
    signedIn,
  };
  return { tokens, rows: [access.row, refreshing.row] };
}

/** Access tokens seen within 5 s need no store. */
function tokenCache({ secrets, clock }: AccessTokenParts) {
  interface Cached {
    readonly signedIn: SignedIn;
    readonly tokenExpiresAtMs: number;
    readonly checkedAtMs: number;
  }
  const cache = leastRecentlyUsed<Cached>(MOST_CACHED);
  let endings = 0;
  return {
    async find(accessToken: string, nowMs: number): Promise<SignedIn> {
      const id = idOf(accessToken);
      const checkedAtMs = clock.monotonicMs();
      const cached = cache.get(id);
      const isFresh = cached !== undefined && checkedAtMs - cached.checkedAtMs < RECHECK_MS;
      if (isFresh && cached.tokenExpiresAtMs > nowMs) return cached.signedIn;
      const endingsBefore = endings;
      const found = await findLive(secrets, 'access-token', accessToken, nowMs);
      if (found === undefined) throw notSignedIn();
      const { signedIn, tokenExpiresAtMs } = found;
      // A sign-in that ended while the store was asked must not be remembered as living.
      if (endings === endingsBefore) cache.set(id, { signedIn, tokenExpiresAtMs, checkedAtMs });
      return signedIn;
    },
    forget(signIn: SignInId): void {
      endings += 1;
      cache.deleteWhere(({ signedIn }) => signedIn.signIn === signIn);
    },
    forgetPerson(person: PersonId): void {
      endings += 1;
      cache.deleteWhere(({ signedIn }) => signedIn.person === person);
    },
  };
}

/** Only now, when the token was found, is the proof remembered: see `dpopVerifier`. */
function spendProof(
  { replays }: AccessTokenParts,
  proof: VerifiedProof,
  signedIn: SignedIn,
  nowMs: number,
): void {
  if (!equalInConstantTime(proof.thumbprint, signedIn.keyThumbprint)) throw notSignedIn();
  replays.spend(proof, nowMs);
}

/** RFC 7636 §4.1, §4.6. */
function fitsChallenge(verifier: string, challenge: string): boolean {
  const isVerifier = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier);
  return isVerifier && equalInConstantTime(hash('sha256', verifier, 'base64url'), challenge);
}

const onlyCall = ({ proof, method, url }: ProvenCall): ProvenCall => ({ proof, method, url });

// One message for every reason: which part was wrong helps only whoever is guessing.
const notSignedIn = (): Failure =>
  new Failure('not-signed-in', 'the token is unknown, expired, spent or bound to another key', {
    mend: 'countersign login',
  });
