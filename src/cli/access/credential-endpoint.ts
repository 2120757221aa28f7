import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endingOf } from '../ending.ts';
import type { LiveSession } from './live-session.ts';

/** AWS SDKs and tools, “Container credential provider”: where a program fetches credentials, again before they end. */
export interface CredentialEndpoint {
  /** For AWS_CONTAINER_CREDENTIALS_FULL_URI. */
  readonly url: string;
  /** For AWS_CONTAINER_AUTHORIZATION_TOKEN: 256 bits; whoever knows it gets the credentials. */
  readonly token: string;
  close(): Promise<void>;
}

const PATH = '/credentials';
const MOST_CONNECTIONS = 64;
const MOST_MS = 5_000;

/**
 * Listens on this machine alone, on a port the system picks. Other users of the machine and pages in a browser can reach
 * it: without the token, under another host name, or with anything but this one call, they learn nothing.
 */
export async function serveCredentials(now: () => Promise<LiveSession>): Promise<CredentialEndpoint> {
  const token = randomBytes(32).toString('base64url');
  const server = createServer({
    headersTimeout: MOST_MS,
    requestTimeout: MOST_MS,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 8_192,
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is never text
  server.on('request', (request, response) => {
    const refusal = refusalOf(request, host, token);
    if (refusal !== undefined) return answer(response, refusal.status, refusal);
    now().then(
      (live) => answer(response, 200, credentialsOf(live)),
      // A program shows its user what comes here: it says what to do.
      (error: unknown) => answer(response, 503, { code: 'Expired', message: told(error) }),
    );
  });
  return { url: `http://${host}${PATH}`, token, close: () => closeServer(server) };
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** undefined: the call that the command we run makes, and nobody else can. */
function refusalOf(
  { method, url, headers }: IncomingMessage,
  host: string,
  token: string,
): Refusal | undefined {
  // Under another name a page elsewhere could reach us by rebinding its own; and no page has business here at all.
  const isFromPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  if (headers.host !== host || isFromPage)
    return { status: 403, code: 'Forbidden', message: 'Not from here.' };
  if (method !== 'GET') return { status: 405, code: 'MethodNotAllowed', message: 'GET only.' };
  if (url !== PATH) return { status: 404, code: 'NotFound', message: 'There is nothing here.' };
  return isSameText(headers.authorization ?? '', token)
    ? undefined
    : { status: 401, code: 'Unauthorized', message: 'The authorization token is another.' };
}

/** In the same time whatever the length and wherever they differ. */
const isSameText = (left: string, right: string): boolean =>
  timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));

function credentialsOf({ session, expiresAtMs }: LiveSession) {
  const { credentials } = session;
  if (credentials.kind !== 'aws') throw new TypeError('a session of an AWS target has AWS credentials');
  return {
    AccessKeyId: credentials.access_key_id,
    SecretAccessKey: credentials.secret_access_key,
    Token: credentials.session_token,
    Expiration: new Date(expiresAtMs).toISOString(),
  };
}

function told(error: unknown): string {
  const { message, mend } = endingOf(error);
  return mend === undefined ? message : `${message} ${mend}`;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(JSON.stringify(body));
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
