import { createHash, randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import { generateSync } from 'otplib';
import type { Clock } from '../src/app/ports.ts';
import { signInAs } from '../src/demo/sign-in-as.ts';
import { createDpopKey, dpopProof, loadDpopKey } from '../src/identity/dpop-proof.ts';

/** Somebody with a token and an authenticator, as plain values that go to another process. */
export interface Subject {
  readonly person: string;
  readonly privateJwk: JWK;
  readonly accessToken: string;
  secret: string;
}

export interface Place {
  /** As the broker calls itself. */
  readonly url: string;
  /** Where it really is; left out: there. */
  readonly reachedAt?: string;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export async function signInEverybody(at: Place, names: readonly string[]): Promise<readonly Subject[]> {
  const people: Subject[] = [];
  for (const name of names) people.push(await signIn(at, name));
  return people;
}

async function signIn(at: Place, name: string): Promise<Subject> {
  const key = await createDpopKey();
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    redirect_uri: 'http://127.0.0.1:9/callback',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    state: 'bench',
    dpop_jkt: key.thumbprint,
  });
  const begun = await fetch(`${at.url}/v1/sign-in?${query}`, { redirect: 'manual' });
  const back = await fetch(await signInAs(begun.headers.get('location') ?? '', name), { redirect: 'manual' });
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const url = `${at.url}/v1/token`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { dpop: await dpopProof({ ...key, method: 'POST', url, nowMs: at.clock.nowMs() }) },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, code_verifier: verifier }),
  });
  // Answers of our own API, whose shape is known.
  const { access_token, person } = (await answer.json()) as { access_token: string; person: string };
  return { person, privateJwk: key.privateJwk, accessToken: access_token, secret: '' };
}

/** One call with its proof. @throws Error with the problem when it is refused */
export async function call<Answer>(at: Place, who: Subject, path: string, body: unknown): Promise<Answer> {
  const url = `${at.url}${path}`;
  const key = await keyOf(who);
  const proof = await dpopProof({
    ...key,
    method: 'POST',
    url,
    accessToken: who.accessToken,
    nowMs: at.clock.nowMs(),
  });
  const answer = await fetch(`${at.reachedAt ?? at.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `DPoP ${who.accessToken}`,
      dpop: proof,
      'content-type': 'application/json',
      'idempotency-key': randomBytes(12).toString('hex'),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  // Answers of our own API, whose shape the caller names.
  return (await answer.json()) as Answer;
}

const keys = new WeakMap<Subject, ReturnType<typeof loadDpopKey>>();

function keyOf(who: Subject): ReturnType<typeof loadDpopKey> {
  const known = keys.get(who) ?? loadDpopKey(who.privateJwk);
  keys.set(who, known);
  return known;
}

export const codeOf = (who: Subject, nowMs: number): string =>
  generateSync({ secret: who.secret, epoch: Math.floor(nowMs / 1000) });

async function enrol(at: Place, who: Subject, enrolmentCode: string): Promise<void> {
  const begun = await call<{ factor: string; secret: string }>(at, who, '/v1/factors', {
    label: 'bench',
    enrolment_code: enrolmentCode,
  });
  who.secret = begun.secret;
  await call(at, who, `/v1/factors/${begun.factor}/confirmation`, { code: codeOf(who, at.clock.nowMs()) });
}

/** The administrators first; then whoever has a factor vouches for one more in each step of 30 s. */
export async function enrolEverybody(
  at: Place & { readonly turn: () => Promise<void> | void },
  people: readonly Subject[],
  codes: readonly { readonly person: string; readonly code: string }[],
): Promise<void> {
  const enrolled: Subject[] = [];
  for (const who of people.slice(0, codes.length)) {
    await enrol(at, who, codes.find(({ person }) => person === who.person)?.code ?? '');
    enrolled.push(who);
  }
  while (enrolled.length < people.length) {
    await at.turn();
    for (const voucher of [...enrolled]) {
      const next = people[enrolled.length];
      if (next === undefined) break;
      const totp = codeOf(voucher, at.clock.nowMs());
      const { enrolment_code } = await call<{ enrolment_code: string }>(
        at,
        voucher,
        `/v1/people/${next.person}/vouchers`,
        { totp },
      );
      await enrol(at, next, enrolment_code);
      enrolled.push(next);
    }
  }
}

const POLICY = `
groups:
  everybody: { idp: everybody }
  admins: { idp: admins }
administrators: { from: admins, publish_needs: 2 }
zones: { production: { owner: everybody } }
targets: { shop-prod: { zone: production, token: { audience: "https://shop.example" } } }
ticket_sources: { register: { kind: register } }
factors: { request: none, review: totp, open: none }
waiting: { review: 8h, activation: 1h }
entitlements:
  look:
    role: Look
    target: shop-prod
    scope: [{ actions: [orders.read], on: "orders/*", access: read }]
    eligible: [everybody]
    ticket: not-required
    review: [{ people: 1, from: everybody }]
    at_most: 1h
`;

export async function lifecyclePolicy(
  at: Place & { readonly turn: () => Promise<void> | void },
  people: readonly Subject[],
): Promise<void> {
  const administrators = people.slice(0, 2);
  const [first] = administrators;
  if (first === undefined) throw new Error('nobody can propose');
  const { proposal } = await call<{ proposal: string }>(at, first, '/v1/policy/proposals', {
    text: POLICY,
    scopes: {},
  });
  for (const who of administrators) {
    await at.turn();
    const path = `/v1/policy/proposals/${proposal}`;
    const { statement } = await call<{ statement: unknown }>(at, who, `${path}/statements`, {});
    await call(at, who, `${path}/signatures`, { statement, totp: codeOf(who, at.clock.nowMs()) });
  }
}
