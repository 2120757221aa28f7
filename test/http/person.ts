import { createHash, randomBytes } from 'node:crypto';
import { generateSync } from 'otplib';
import { signInAs } from '../../src/demo/sign-in-as.ts';
import { createDpopKey, type DpopKey, dpopProof } from '../../src/identity/dpop-proof.ts';
import type { TurnedClock } from './harness.ts';

/** What came back, of a shape that each test says for itself. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape, and says what it expects there
  readonly body: any;
}

export interface Person {
  readonly id: string;
  readonly key: DpopKey;
  readonly tokens: () => { readonly access: string; readonly refresh: string };
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** A code that was not used yet; the clock is turned on when this step's was. */
  code(): string;
  /** The present step's code, used or not. */
  sameCode(): string;
  useSecret(secret: string): void;
}

const STEP_MS = 30_000;

/** Walks the provider's pages as a browser would and trades the code, as the command line does. */
export async function signIn(
  at: { readonly url: string; readonly clock: TurnedClock },
  username: string,
): Promise<Person> {
  const key = await createDpopKey();
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    redirect_uri: 'http://127.0.0.1:1/callback',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    state: 'state-of-the-client',
    dpop_jkt: key.thumbprint,
  });
  const begun = await fetch(`${at.url}/v1/sign-in?${query}`, { redirect: 'manual' });
  const callback = await signInAs(begun.headers.get('location') ?? '', username);
  const back = new URL((await fetch(callback, { redirect: 'manual' })).headers.get('location') ?? '');
  const answer = await trade(at, key, {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    code_verifier: verifier,
  });
  return personOf(at, key, answer.body);
}

export async function trade(
  at: { readonly url: string; readonly clock: TurnedClock },
  key: DpopKey,
  body: Readonly<Record<string, string>>,
): Promise<Answer> {
  const url = `${at.url}/v1/token`;
  const proof = await dpopProof({ ...key, method: 'POST', url, nowMs: at.clock.nowMs() });
  return answerOf(
    await fetch(url, { method: 'POST', body: new URLSearchParams(body), headers: { dpop: proof } }),
  );
}

export function personOf(
  at: { readonly url: string; readonly clock: TurnedClock },
  key: DpopKey,
  first: { readonly access_token: string; readonly refresh_token: string; readonly person: string },
): Person {
  let [access, refresh] = [first.access_token, first.refresh_token];
  let secret = '';
  let usedStep = -1;
  const now = () => at.clock.nowMs();
  const codeNow = () => generateSync({ secret, epoch: Math.floor(now() / 1000) });

  async function once(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const url = `${at.url}${path}`;
    const proof = await dpopProof({ ...key, method, url, accessToken: access, nowMs: now() });
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    return answerOf(
      await fetch(url, {
        method,
        redirect: 'manual',
        headers: { authorization: `DPoP ${access}`, dpop: proof, ...json, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
  }

  /** Tokens live ten minutes, and tests turn the clock by hours. */
  async function send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const answer = await once(method, path, body, headers);
    if (answer.status !== 401 || answer.body?.code !== 'not-signed-in') return answer;
    const renewed = await trade(at, key, { grant_type: 'refresh_token', refresh_token: refresh });
    if (renewed.status !== 200) return answer;
    [access, refresh] = [renewed.body.access_token, renewed.body.refresh_token];
    return once(method, path, body, headers);
  }

  return {
    id: first.person,
    key,
    tokens: () => ({ access, refresh }),
    get: (path) => send('GET', path),
    post: (path, body, headers) => send('POST', path, body, headers),
    send,
    code() {
      const step = Math.floor(now() / STEP_MS);
      // A step's last seconds could pass between here and the broker; half a step more is never wrong.
      if (step <= usedStep) at.clock.advance((usedStep + 1) * STEP_MS - now() + 1_000);
      usedStep = Math.floor(now() / STEP_MS);
      return codeNow();
    },
    sameCode: codeNow,
    useSecret(given) {
      secret = given;
    },
  };
}

/** A first factor, by the code that somebody made for this person. */
export async function enrol(person: Person, enrolmentCode: string): Promise<readonly string[]> {
  const begun = await person.post('/v1/factors', { label: 'phone', enrolment_code: enrolmentCode });
  if (begun.status !== 201) throw new Error(`no enrolment: ${JSON.stringify(begun.body)}`);
  person.useSecret(begun.body.secret);
  const done = await person.post(`/v1/factors/${begun.body.factor}/confirmation`, { code: person.code() });
  if (done.status !== 200) throw new Error(`no confirmation: ${JSON.stringify(done.body)}`);
  return done.body.recovery_codes;
}

/** The first proposes, all of them sign. */
export async function publish(text: string, administrators: readonly Person[]): Promise<Answer> {
  const [first] = administrators;
  const proposed = await first?.post('/v1/policy/proposals', { text, scopes: {} });
  if (proposed?.status !== 201) throw new Error(`no proposal: ${JSON.stringify(proposed?.body)}`);
  let signed = proposed;
  for (const administrator of administrators) {
    const path = `/v1/policy/proposals/${proposed.body.proposal}`;
    const { statement } = (await administrator.post(`${path}/statements`)).body;
    signed = await administrator.post(`${path}/signatures`, { statement, totp: administrator.code() });
    if (signed.status !== 201) throw new Error(`no signature: ${JSON.stringify(signed.body)}`);
  }
  return signed;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
