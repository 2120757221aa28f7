import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Config, notifyNobody } from '../src/config.ts';
import { type DemoIdentityProvider, startDemoIdentityProvider } from '../src/demo/identity-provider.ts';
import type { Limits } from '../src/http/parts.ts';
import { issuerDefaults } from '../src/identity/issuer-config.ts';

const unlimited = { burst: 1e9, perSecond: 1e9 };
/** What is measured is the broker, not how it holds callers back. */
export const limits: Limits = {
  signIn: unlimited,
  token: unlimited,
  introspection: unlimited,
  calls: unlimited,
};

export const ADMINISTRATORS = ['admin-a', 'admin-b'];
export const CLIENT_SECRET_NAME = 'OIDC_CLIENT_SECRET';
export const CLIENT_SECRET = 'a secret of the bench';

export function lifecycleProvider(url: string, names: readonly string[]): Promise<DemoIdentityProvider> {
  return startDemoIdentityProvider({
    port: 0,
    people: [...names, ...ADMINISTRATORS].map((username) => ({
      username,
      name: username,
      groups: username.startsWith('admin') ? ['admins'] : ['everybody'],
      email: 'x@example.com',
    })),
    clients: [
      {
        client_id: 'countersign',
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${url}/v1/sign-in/callback`],
      },
    ],
  });
}

export function configOf(url: string, issuer: string, databaseUrl: string | null): Config {
  const corp = {
    ...issuerDefaults,
    name: 'corp',
    issuer,
    client_id: 'countersign',
    client_secret: CLIENT_SECRET,
  };
  return {
    origin: 'log.example.com/lifecycles',
    publicUrl: url,
    listen: { address: '127.0.0.1', port: Number(new URL(url).port) },
    trustedProxies: [],
    issuers: [{ ...corp, allow_http_loopback: true, max_claims_age_seconds: 900 }],
    workloadIssuers: [],
    databaseUrl,
    attestationRoots: [],
    introspectionSecrets: new Map(),
    aws: null,
    notify: notifyNobody,
    browserIdleMs: 3_600_000,
    sessionsInBrowsers: true,
    logLevel: 'info',
    shown: {},
  };
}

/** The same as a file says it, for a Worker. */
export const configTextOf = ({ origin, publicUrl, issuers }: Config): string =>
  JSON.stringify({
    origin,
    public_url: publicUrl,
    issuers: issuers.map(({ name, issuer, client_id, max_claims_age_seconds }) => ({
      name,
      issuer,
      client_id,
      client_secret: { env: CLIENT_SECRET_NAME },
      max_claims_age_seconds,
    })),
  });

export async function freePort(): Promise<number> {
  const probe = createAdaptorServer({ fetch: () => new Response() });
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo; // a port, not a pipe
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
