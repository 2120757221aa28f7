import { randomUUID } from 'node:crypto';
import { hc } from 'hono/client';
import { Failure } from '../domain/errors.ts';
import type { AppType } from '../http/app.ts';
import { type DpopKey, dpopProof, loadDpopKey } from '../identity/dpop-proof.ts';
import { readSignIn, type SignInFile, signInPath, writeSignIn } from './account/sign-in-file.ts';
import { withLock } from './private-files.ts';
import { failureOf } from './problem.ts';
import type { Surroundings } from './surroundings.ts';

export interface Api {
  readonly server: string;
  readonly person: string;
  /** Typed by the server's own routes. A call that does not succeed throws the server's problem as `Failure`. */
  readonly client: ReturnType<typeof hc<AppType>>;
  /** The few answers that are no JSON and have no typed route. */
  get(path: string): Promise<Response>;
}

const EARLY_MS = 30_000;

/** @throws Failure `not-signed-in` */
export async function openApi(surroundings: Surroundings, server: string | undefined): Promise<Api> {
  const signIn = await readSignIn(surroundings);
  if (signIn === undefined || (server !== undefined && signIn.server !== server)) {
    throw new Failure(
      'not-signed-in',
      server === undefined ? 'You are not signed in.' : `You are not signed in to ${server}.`,
      {
        mend: `countersign --server ${server ?? 'URL'} login`,
      },
    );
  }
  const key = await loadDpopKey(signIn.key);
  let current = signIn;
  const signedFetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    current = await fresh(surroundings, current, key);
    const response = await send(surroundings, input, init, current, key);
    if (response.status >= 400) throw await failureOf(response);
    return response;
  };
  return {
    server: signIn.server,
    person: signIn.person,
    client: hc<AppType>(signIn.server, { fetch: signedFetch }),
    get: (path) => signedFetch(`${signIn.server}${path}`),
  };
}

/** Every call is proved by the key (RFC 9449), and every one that writes can be told from its own repetition. */
async function send(
  { nowMs }: Pick<Surroundings, 'nowMs'>,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  signIn: SignInFile,
  key: DpopKey,
): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const method = (init?.method ?? 'GET').toUpperCase();
  const headers = new Headers(init?.headers);
  const proof = await dpopProof({
    ...key,
    method,
    url: `${url.origin}${url.pathname}`,
    accessToken: signIn.access_token,
    nowMs: nowMs(),
  });
  headers.set('authorization', `DPoP ${signIn.access_token}`);
  headers.set('dpop', proof);
  if (method === 'POST' && !headers.has('idempotency-key')) headers.set('idempotency-key', randomUUID());
  return reach(url, { ...init, headers, redirect: 'error' });
}

/** @throws Failure `store-unavailable` when nobody answers there */
export async function reach(url: URL | string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new Failure('store-unavailable', `No broker answers at ${new URL(url).origin}.`, {
      mend: 'Is it running, and is --server right?',
      cause,
    });
  }
}

/** A new access token shortly before the old one ends. Another process may have fetched it already. */
async function fresh(surroundings: Surroundings, known: SignInFile, key: DpopKey): Promise<SignInFile> {
  if (known.access_expires_at_ms > surroundings.nowMs() + EARLY_MS) return known;
  return withLock(signInPath(surroundings), async () => {
    const stored = (await readSignIn(surroundings)) ?? known;
    if (stored.access_expires_at_ms > surroundings.nowMs() + EARLY_MS) return stored;
    const body = { grant_type: 'refresh_token', refresh_token: stored.refresh_token };
    const tokens = await requestTokens(surroundings, stored.server, key, body);
    const renewed = { ...stored, ...tokens };
    await writeSignIn(surroundings, renewed);
    return renewed;
  });
}

export type Tokens = Pick<SignInFile, 'person' | 'access_token' | 'access_expires_at_ms' | 'refresh_token'>;

/** @throws Failure `not-signed-in` */
export async function requestTokens(
  surroundings: Pick<Surroundings, 'nowMs'>,
  server: string,
  key: DpopKey,
  body: Readonly<Record<string, string>>,
): Promise<Tokens> {
  const response = await askForTokens(surroundings, server, key, body);
  if (!response.ok) throw await failureOf(response);
  return tokensIn(surroundings, response);
}

export async function askForTokens(
  { nowMs }: Pick<Surroundings, 'nowMs'>,
  server: string,
  key: DpopKey,
  body: Readonly<Record<string, string>>,
): Promise<Response> {
  const url = `${server}/v1/token`;
  return reach(url, {
    method: 'POST',
    headers: {
      dpop: await dpopProof({ ...key, method: 'POST', url, nowMs: nowMs() }),
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
    redirect: 'error',
    // A refresh holds the sign-in's lock, which counts as left behind after a while.
    signal: AbortSignal.timeout(20_000),
  });
}

export async function tokensIn({ nowMs }: Pick<Surroundings, 'nowMs'>, response: Response): Promise<Tokens> {
  const { access_token, expires_in, refresh_token, person } = (await response.json()) as {
    access_token: string;
    expires_in: number;
    refresh_token: string;
    person: string;
  };
  return { person, access_token, access_expires_at_ms: nowMs() + expires_in * 1000, refresh_token };
}
