import { hash, randomBytes, randomUUID } from 'node:crypto';
import { generateSync } from 'otplib';
import { createDpopKey, dpopProof } from '../identity/dpop-proof.ts';
import { totpStep } from '../identity/totp.ts';
import { signInAs } from './sign-in-as.ts';

type Json = Record<string, unknown>;

/** What the broker answered: its status, and its JSON. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** Somebody of the demo at their machine: signed in, with an authenticator in their pocket. */
export interface DemoUser {
  readonly name: string;
  readonly person: string;
  call(method: string, path: string, body?: Json): Promise<Answer>;
  /** Enrols the authenticator with a code that somebody vouched for. */
  enrol(enrolmentCode: string): Promise<void>;
  /** The next code that was not used yet. */
  code(): string;
  /** What an authenticator of yours needs to play this person; they are invented. */
  secret(): string | undefined;
}

const CALLBACK = 'http://127.0.0.1:9/callback';

/** Signs in the way the command line does: through the provider's pages, to a code, to tokens bound to a key. */
export async function signInDemoUser(broker: string, username: string, name: string): Promise<DemoUser> {
  const key = await createDpopKey();
  const verifier = randomBytes(32).toString('base64url');
  const ask = new URLSearchParams({
    redirect_uri: CALLBACK,
    code_challenge: hash('sha256', verifier, 'base64url'),
    state: randomUUID(),
    dpop_jkt: key.thumbprint,
  });
  const begun = await fetch(`${broker}/v1/sign-in?${ask}`, { redirect: 'manual' });
  const finished = await fetch(await signInAs(locationOf(begun), username), { redirect: 'manual' });
  const code = new URL(locationOf(finished)).searchParams.get('code') ?? '';
  const prove = (method: string, url: string, accessToken?: string) =>
    dpopProof({ ...key, method, url, ...(accessToken === undefined ? {} : { accessToken }) });
  const tokenUrl = `${broker}/v1/token`;
  const exchanged = await fetch(tokenUrl, {
    method: 'POST',
    headers: { dpop: await prove('POST', tokenUrl), 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'authorization_code', code, code_verifier: verifier }),
  });
  const tokens = (await exchanged.json()) as { access_token: string; person: string };
  const call = async (method: string, path: string, body?: Json): Promise<Answer> => {
    const url = `${broker}${path}`;
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `DPoP ${tokens.access_token}`,
        dpop: await prove(method, url.split('?')[0] ?? url, tokens.access_token),
        ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
  };
  return { name, person: tokens.person, call, ...authenticator(name, call) };
}

function locationOf(response: Response): string {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`expected a redirect, got ${response.status}`);
  return location;
}

/** An authenticator app, whose codes the broker takes once each: the one before, then the present one. */
function authenticator(name: string, call: DemoUser['call']): Pick<DemoUser, 'enrol' | 'code' | 'secret'> {
  let secret: string | undefined;
  let lastStep = 0;
  const code = (): string => {
    if (secret === undefined) throw new Error(`${name} has no authenticator yet`);
    const present = totpStep(Date.now());
    lastStep = Math.max(lastStep + 1, present - 1);
    if (lastStep > present) throw new Error(`${name} needs a third code within half a minute`);
    return generateSync({ secret, epoch: lastStep * 30 });
  };
  return {
    code,
    secret: () => secret,
    async enrol(enrolmentCode) {
      const label = `${name}’s phone`;
      const begun = await call('POST', '/v1/factors', { label, enrolment_code: enrolmentCode });
      secret = String(begun.body['secret']);
      const confirmed = await call('POST', `/v1/factors/${begun.body['factor']}/confirmation`, {
        code: code(),
      });
      if (confirmed.status >= 300)
        throw new Error(`${name} could not enrol: ${JSON.stringify(confirmed.body)}`);
    },
  };
}
