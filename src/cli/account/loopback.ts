import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endedPage, signedInPage, strayPage } from './loopback-pages.ts';

/** Where a browser brings the code that a sign-in ends with (RFC 8252 §7.3). */
export interface Loopback {
  /** `http://127.0.0.1:<port>/callback` */
  readonly redirectUri: string;
  /** The code; rejects with the signal's reason. */
  readonly code: Promise<string>;
  close(): Promise<void>;
}

const PATH = '/callback';
/** As long as the broker lets a code be. */
const MOST_CODE_LENGTH = 500;

/**
 * Listens on this machine alone, on a port the system picks, for one code with our state. Whatever else comes, from a
 * page that knows the port or under another host name, is told nothing and changes nothing.
 */
export async function listenForCode(state: string, signal: AbortSignal): Promise<Loopback> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is never text
  const code = new Promise<string>((resolve, reject) => {
    let taken = false;
    const fail = () => reject(signal.reason);
    if (signal.aborted) return fail();
    signal.addEventListener('abort', fail, { once: true });
    server.on('request', (request, response) => {
      const brought = codeBrought(request, host, state);
      if (brought === undefined) return answer(response, 400, strayPage);
      if (taken) return answer(response, 410, endedPage);
      taken = true;
      answer(response, 200, signedInPage);
      resolve(brought);
    });
  });
  // It may be rejected before anybody waits for it; whoever waits later is still told.
  code.catch(() => undefined);
  return { redirectUri: `http://${host}${PATH}`, code, close: () => closeServer(server) };
}

/** undefined: not the answer to the sign-in we began. */
function codeBrought(
  { method, url, headers }: IncomingMessage,
  host: string,
  state: string,
): string | undefined {
  // Under another name a page elsewhere could reach us by rebinding its own.
  if (method !== 'GET' || headers.host !== host || url?.startsWith(`${PATH}?`) !== true) return undefined;
  const query = new URLSearchParams(url.slice(PATH.length + 1));
  const [codes, states] = [query.getAll('code'), query.getAll('state')];
  const [code = '', ...moreCodes] = codes;
  const [given = '', ...moreStates] = states;
  if (moreCodes.length + moreStates.length > 0 || !sameText(given, state)) return undefined;
  return code.length > 0 && code.length <= MOST_CODE_LENGTH ? code : undefined;
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function answer(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(page);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
