import { z } from 'zod';
import type { PersonId, SignInId } from '../../domain/ids.ts';
import { base64url, fromUtf8, hex, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { SignedIn } from '../identity-ports.ts';
import type { SecretChange } from '../store.ts';

const COOKIE = /^cw_[A-Za-z0-9_-]{43}$/;

const stored = z.strictObject({
  sign_in: z.templateLiteral(['i-', z.string()]),
  person: z.templateLiteral(['p-', z.string()]),
  issuer: z.string(),
  key_thumbprint: z.string(),
  expires_at_ms: z.int(),
  form_token: z.string(),
  seen_at_ms: z.int(),
  /** Its place was taken by another cookie. */
  is_spent: z.boolean(),
});

/** A sign-in that a browser's cookie stands for. */
export interface WebSignIn {
  readonly signedIn: SignedIn;
  /** What every form of this sign-in carries: a page of somebody else's cannot know it. A secret. */
  readonly formToken: string;
  readonly seenAtMs: number;
  /** Another cookie has taken its place; this one serves a moment longer what was under way. */
  readonly isSpent: boolean;
}

/** 256 random bits; what is stored is their hash. */
export const newCookie = ({ random }: Pick<Broker, 'random'>): string => `cw_${base64url(random.bytes(32))}`;

export const newFormToken = ({ random }: Pick<Broker, 'random'>): string => base64url(random.bytes(32));

/** SHA-256 in base64url: what stands in the log in the place of a key's thumbprint. */
export const cookieThumbprint = ({ hasher }: Pick<Broker, 'hasher'>, cookie: string): string =>
  base64url(hasher.sha256(utf8(`countersign/first-cookie/v1\n${cookie}`)));

const idOf = ({ hasher }: Pick<Broker, 'hasher'>, cookie: string): string => hex(hasher.sha256(utf8(cookie)));
const spentIdOf = (broker: Pick<Broker, 'hasher'>, cookie: string): string => `spent:${idOf(broker, cookie)}`;

/** @returns undefined: there is none, it has run out, or it ended */
export async function findWebSignIn(broker: Broker, cookie: string): Promise<WebSignIn | undefined> {
  // Before the store is asked: a text of another form can only cost time.
  if (!COOKIE.test(cookie)) return undefined;
  const { secrets } = broker.store;
  const found =
    (await secrets.get('web-sign-in', idOf(broker, cookie))) ??
    (await secrets.get('web-sign-in', spentIdOf(broker, cookie)));
  if (found === undefined || (found.expiresAtMs ?? 0) <= broker.clock.nowMs()) return undefined;
  return decoded(found.value);
}

export function webSignInRow(broker: Broker, cookie: string, value: WebSignIn): SecretChange {
  return rowOf(idOf(broker, cookie), value, value.signedIn.expiresAtMs);
}

/** Writes the row anew only where it still stands: one that ended, or was replaced, meanwhile stays so. */
export async function rewriteWebSignIn(broker: Broker, cookie: string, value: WebSignIn): Promise<boolean> {
  const change = webSignInRow(broker, cookie, value);
  return (await broker.store.secrets.take('web-sign-in', idOf(broker, cookie), [change])) !== undefined;
}

/** How long a replaced cookie serves calls that were sent before its successor came. */
const SPENT_SERVES_MS = 10_000;

/** @returns the cookie that takes the place of the other; undefined: that had ended, or was replaced, before */
export async function replaceCookie(
  broker: Broker,
  cookie: string,
  value: WebSignIn,
): Promise<string | undefined> {
  const next = newCookie(broker);
  const spentUntilMs = Math.min(broker.clock.nowMs() + SPENT_SERVES_MS, value.signedIn.expiresAtMs);
  const changes = [
    webSignInRow(broker, next, value),
    rowOf(spentIdOf(broker, cookie), { ...value, isSpent: true }, spentUntilMs),
  ];
  const taken = await broker.store.secrets.take('web-sign-in', idOf(broker, cookie), changes);
  return taken === undefined ? undefined : next;
}

/** Of a person: those that have not run out. */
export async function webSignInsOf(broker: Broker, person: PersonId): Promise<readonly WebSignIn[]> {
  const nowMs = broker.clock.nowMs();
  const rows = await broker.store.secrets.ofPerson('web-sign-in', person);
  return rows
    .filter(({ expiresAtMs }) => (expiresAtMs ?? 0) > nowMs)
    .map(({ value }) => decoded(value))
    .filter(({ isSpent }) => !isSpent);
}

/** Deletions of every cookie of one sign-in. */
export async function webDeletionsOf(
  broker: Broker,
  person: PersonId,
  signIn: SignInId,
): Promise<readonly SecretChange[]> {
  const rows = await broker.store.secrets.ofPerson('web-sign-in', person);
  return rows
    .filter(({ value }) => decoded(value).signedIn.signIn === signIn)
    .map(({ id }) => ({ id, person, kind: 'web-sign-in', value: null, expiresAtMs: null }));
}

function rowOf(id: string, { signedIn, formToken, seenAtMs, isSpent }: WebSignIn, expiresAtMs: number) {
  const value = {
    sign_in: signedIn.signIn,
    person: signedIn.person,
    issuer: signedIn.issuer,
    key_thumbprint: signedIn.keyThumbprint,
    expires_at_ms: signedIn.expiresAtMs,
    form_token: formToken,
    seen_at_ms: seenAtMs,
    is_spent: isSpent,
  };
  return {
    id,
    person: signedIn.person,
    kind: 'web-sign-in',
    value: utf8(JSON.stringify(value)),
    expiresAtMs,
  } as const satisfies SecretChange;
}

function decoded(bytes: Uint8Array): WebSignIn {
  const value = stored.parse(JSON.parse(fromUtf8(bytes)));
  return {
    signedIn: {
      signIn: value.sign_in,
      person: value.person,
      issuer: value.issuer,
      keyThumbprint: value.key_thumbprint,
      expiresAtMs: value.expires_at_ms,
      mayOnlyAsk: false,
    },
    formToken: value.form_token,
    seenAtMs: value.seen_at_ms,
    isSpent: value.is_spent,
  };
}
