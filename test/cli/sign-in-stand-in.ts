import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A loopback server that trades credentials for a sign-in token, and lets a browser in with it, as AWS documents it. */
export interface SignInStandIn {
  readonly endpoint: string;
  /** Every token given away: none may show up anywhere else. */
  readonly tokens: readonly string[];
  /** Whose session each console that was opened is: the access key, where the browser was sent, and from where. */
  readonly consoles: readonly Readonly<Record<'accessKey' | 'destination' | 'issuer', string>>[];
  /** What was wrong with what came. */
  readonly faults: readonly string[];
  /** The next trade is answered so. */
  answerOnce(status: number, body: string, location?: string): void;
  stop(): Promise<void>;
}

export async function startSignInStandIn(): Promise<SignInStandIn> {
  const sessions = new Map<string, string>();
  const consoles: SignInStandIn['consoles'][number][] = [];
  const faults: string[] = [];
  let once: { status: number; body: string; location: string | undefined } | undefined;
  const refuse = (response: ServerResponse, why: string) => {
    faults.push(why);
    response.writeHead(400).end(why);
  };
  const trade = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request);
    if (once !== undefined) {
      const { status, body: told, location } = once;
      once = undefined;
      return response.writeHead(status, location === undefined ? {} : { location }).end(told);
    }
    const why = tradeFault(request, body);
    if (why !== undefined) return refuse(response, why);
    const token = randomBytes(300).toString('base64url');
    sessions.set(token, JSON.parse(new URLSearchParams(body).get('Session') ?? '').sessionId);
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ SigninToken: token }));
  };
  const enter = (url: URL, response: ServerResponse) => {
    const { searchParams: query } = url;
    const accessKey = sessions.get(query.get('SigninToken') ?? '');
    if (query.get('Action') !== 'login' || accessKey === undefined)
      return refuse(response, 'no token of ours');
    const [destination, issuer] = [query.get('Destination') ?? '', query.get('Issuer') ?? ''];
    consoles.push({ accessKey, destination, issuer });
    return response.writeHead(200).end('the console');
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    if (url.pathname !== '/federation') return refuse(response, `${url.pathname} is not the endpoint`);
    return request.method === 'POST' ? void trade(request, response) : void enter(url, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/federation`,
    get tokens() {
      return [...sessions.keys()];
    },
    consoles,
    faults,
    answerOnce: (status, body, location) => {
      once = { status, body, location };
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function tradeFault({ url = '', headers }: IncomingMessage, body: string): string | undefined {
  if (url.includes('?')) return 'something stands in the address';
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') !== true) return 'not a form';
  const fields = new URLSearchParams(body);
  if (fields.get('Action') !== 'getSigninToken') return 'another action';
  // For a role's session that came of another, AWS refuses whatever is said here.
  if (fields.has('SessionDuration')) return 'a duration was asked for';
  const session: unknown = JSON.parse(fields.get('Session') ?? 'null');
  const names = Object.keys(session ?? {}).toSorted();
  if (names.join() !== 'sessionId,sessionKey,sessionToken') return `a session of ${names.join()}`;
  return [...fields.keys()].length === 2 ? undefined : 'more than the two fields';
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
