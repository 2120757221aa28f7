import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { CryptoKey, JWK } from 'jose';
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';

export type Answer = (response: ServerResponse, request: IncomingMessage, body: string) => void;

/** A provider on loopback whose every answer a test can change; what is not changed is as it should be. */
export interface HostileProvider {
  readonly issuer: string;
  readonly privateKey: CryptoKey;
  /** PEM, as somebody would use it for the secret of an HS256 signature. */
  readonly publicPem: string;
  readonly jwk: JWK;
  /** By path; `reset` puts the good ones back. */
  readonly answers: Map<string, Answer>;
  /** Paths asked for, in order. */
  readonly asked: string[];
  reset(): void;
  stop(): Promise<void>;
}

export const json =
  (value: unknown, status = 200): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

export const redirect =
  (location: string, status = 302): Answer =>
  (response) =>
    response.writeHead(status, { location }).end();

/** What would be good user information, were it not 10 MB of it. */
export const endless: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`{"sub":"ada","groups":["${'x'.repeat(10_000_000)}"]}`);
};

export async function startHostileProvider(): Promise<HostileProvider> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    asked.push(pathname);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = answers.get(pathname);
      if (answer === undefined) response.writeHead(404).end();
      else answer(response, request, Buffer.concat(chunks).toString());
    });
  });
  const issuer = `http://127.0.0.1:${await listen(server)}`;
  function reset(): void {
    answers.clear();
    answers.set('/.well-known/openid-configuration', json(discoveryOf(issuer)));
    answers.set('/jwks', json({ keys: [jwk] }));
    answers.set('/userinfo', json({ sub: 'ada', groups: ['eng-payments'] }));
    asked.length = 0;
  }
  reset();
  return {
    issuer,
    privateKey,
    publicPem: await exportSPKI(publicKey),
    jwk,
    answers,
    asked,
    reset,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export const discoveryOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks`,
  id_token_signing_alg_values_supported: ['RS256', 'ES256', 'PS256', 'EdDSA', 'HS256', 'none'],
});

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new TypeError('no port'));
      else resolve(address.port);
    });
  });
}
