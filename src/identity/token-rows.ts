import { hash } from 'node:crypto';
import { z } from 'zod';
import type { SignedIn } from '../app/identity-ports.ts';
import type { Random } from '../app/ports.ts';
import type { SecretChange, SecretStore } from '../app/store.ts';
import type { PersonId, SignInId } from '../domain/ids.ts';

const TOKEN_BYTES = 32;
const prefixes = { 'one-time-code': 'co_', 'access-token': 'ca_', 'refresh-token': 'cr_' } as const;
export type TokenKind = keyof typeof prefixes;
export const tokenKinds = ['one-time-code', 'access-token', 'refresh-token'] as const;

/** What a token's row says. */
export interface TokenValue {
  readonly signedIn: SignedIn;
  /** PKCE challenge (S256) of a one-time code; null for the other kinds. */
  readonly codeChallenge: string | null;
}

const stored = z.strictObject({
  sign_in: z.templateLiteral(['i-', z.string()]),
  person: z.union([z.templateLiteral(['p-', z.string()]), z.templateLiteral(['w-', z.string()])]),
  issuer: z.string(),
  key_thumbprint: z.string(),
  expires_at_ms: z.int(),
  code_challenge: z.string().nullable(),
  may_only_ask: z.boolean(),
});

/** 256 random bits behind the prefix of its kind; the row holds its hash only. */
export function mintToken(
  random: Random,
  kind: TokenKind,
  value: TokenValue,
  expiresAtMs: number,
): { readonly text: string; readonly row: SecretChange } {
  const text = prefixes[kind] + Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url');
  return { text, row: rowOf(kind, idOf(text), value, expiresAtMs) };
}

/** The row that says that a sign-in lives. Without it none of its tokens counts. */
export function lifeRow(signedIn: SignedIn): SecretChange {
  return rowOf(
    'refresh-token',
    lifeIdOf(signedIn.signIn),
    { signedIn, codeChallenge: null },
    signedIn.expiresAtMs,
  );
}

/** Remembers that a refresh token was rotated, so that its coming back is noticed. */
export function spentRow(refreshToken: string, value: TokenValue): SecretChange {
  return rowOf('refresh-token', spentIdOf(refreshToken), value, value.signedIn.expiresAtMs);
}

/** SHA-256 of the token's text: enough, as the text has 256 random bits. */
export const idOf = (text: string): string => hash('sha256', text, 'hex');
const spentIdOf = (text: string): string => `spent:${idOf(text)}`;
const LIFE = 'sign-in:';
const lifeIdOf = (signIn: SignInId): string => `${LIFE}${signIn}`;

/** What is stored for a token of this kind, while token and sign-in live; undefined for anything else. */
export async function findLive(
  secrets: SecretStore,
  kind: TokenKind,
  text: string,
  nowMs: number,
): Promise<(TokenValue & { readonly tokenExpiresAtMs: number }) | undefined> {
  if (!isToken(kind, text)) return undefined;
  const found = await secrets.get(kind, idOf(text));
  if (found === undefined || found.expiresAtMs === null || found.expiresAtMs <= nowMs) return undefined;
  const value = decodeTokenValue(found.value);
  return (await isAlive(secrets, value.signedIn, nowMs))
    ? { ...value, tokenExpiresAtMs: found.expiresAtMs }
    : undefined;
}

/** Takes a one-time code out of the store: of two callers, one gets it. */
export async function takeCode(
  secrets: SecretStore,
  code: string,
  nowMs: number,
): Promise<TokenValue | undefined> {
  if (!isToken('one-time-code', code)) return undefined;
  const taken = await secrets.take('one-time-code', idOf(code));
  if (taken === undefined || taken.expiresAtMs === null || taken.expiresAtMs <= nowMs) return undefined;
  const value = decodeTokenValue(taken.value);
  return (await isAlive(secrets, value.signedIn, nowMs)) ? value : undefined;
}

export async function findSpent(secrets: SecretStore, refreshToken: string): Promise<TokenValue | undefined> {
  if (!isToken('refresh-token', refreshToken)) return undefined;
  const found = await secrets.get('refresh-token', spentIdOf(refreshToken));
  return found === undefined ? undefined : decodeTokenValue(found.value);
}

/** Deletes the life row, every token, and the identity provider's tokens. */
export async function deletionsOf(
  secrets: SecretStore,
  person: PersonId,
  signIn: SignInId,
): Promise<readonly SecretChange[]> {
  const changes = [
    deletion('refresh-token', lifeIdOf(signIn), person),
    deletion('provider-tokens', signIn, person),
  ];
  for (const kind of tokenKinds) {
    for (const { id, value } of await secrets.ofPerson(kind, person)) {
      if (id !== lifeIdOf(signIn) && decodeTokenValue(value).signedIn.signIn === signIn) {
        changes.push(deletion(kind, id, person));
      }
    }
  }
  return changes;
}

/** Every sign-in of a person that has tokens and has not run out. */
export async function livingSignIns(
  secrets: SecretStore,
  person: PersonId,
  nowMs: number,
): Promise<readonly SignedIn[]> {
  const rows = await secrets.ofPerson('refresh-token', person);
  return rows
    .filter(({ id, expiresAtMs }) => id.startsWith(LIFE) && (expiresAtMs ?? 0) > nowMs)
    .map(({ value }) => decodeTokenValue(value).signedIn);
}

async function isAlive(secrets: SecretStore, signedIn: SignedIn, nowMs: number): Promise<boolean> {
  return (
    signedIn.expiresAtMs > nowMs &&
    (await secrets.get('refresh-token', lifeIdOf(signedIn.signIn))) !== undefined
  );
}

// Before the store is asked: a text of another form can only cost time. Its prefix is also its kind.
const isToken = (kind: TokenKind, text: string): boolean =>
  text.startsWith(prefixes[kind]) && /^c[ora]_[A-Za-z0-9_-]{43}$/.test(text);

function rowOf(
  kind: TokenKind,
  id: string,
  { signedIn, codeChallenge }: TokenValue,
  expiresAtMs: number,
): SecretChange {
  const value: z.infer<typeof stored> = {
    sign_in: signedIn.signIn,
    person: signedIn.person,
    issuer: signedIn.issuer,
    key_thumbprint: signedIn.keyThumbprint,
    expires_at_ms: signedIn.expiresAtMs,
    code_challenge: codeChallenge,
    may_only_ask: signedIn.mayOnlyAsk,
  };
  return { id, person: signedIn.person, kind, value: Buffer.from(JSON.stringify(value)), expiresAtMs };
}

function decodeTokenValue(bytes: Uint8Array): TokenValue {
  const value = stored.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return {
    signedIn: {
      signIn: value.sign_in,
      person: value.person,
      issuer: value.issuer,
      keyThumbprint: value.key_thumbprint,
      expiresAtMs: value.expires_at_ms,
      mayOnlyAsk: value.may_only_ask,
    },
    codeChallenge: value.code_challenge,
  };
}

const deletion = (kind: SecretChange['kind'], id: string, person: PersonId): SecretChange => ({
  id,
  person,
  kind,
  value: null,
  expiresAtMs: null,
});
