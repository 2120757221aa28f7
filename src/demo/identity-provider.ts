import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { Context, GrantModel } from 'oidc-provider';
import Provider, { interactionPolicy } from 'oidc-provider';
import type { DemoPerson } from './demo-person.ts';
import { memoryAdapters } from './identity-provider-memory.ts';
import { errorPage, loginPage, signedOutPage, signOutPage } from './identity-provider-pages.ts';

/**
 * As in OpenID Connect Dynamic Client Registration 1.0; without `client_secret` it is a public client with
 * PKCE.
 */
export interface DemoClient {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly redirect_uris: readonly string[];
  readonly post_logout_redirect_uris?: readonly string[];
  /** Where it is told that somebody signed out here. */
  readonly backchannel_logout_uri?: string;
}

export interface DemoIdentityProvider {
  /** `http://127.0.0.1:<port>` */
  readonly issuer: string;
  /** Counts from the next question of the broker on. @throws RangeError for a name that is not there */
  setGroups(username: string, groups: readonly string[]): void;
  /**
   * The person cannot sign in any more, nor be asked about. @throws RangeError for a name that is not there
   */
  disable(username: string): void;
  stop(): Promise<void>;
  /** After `stop`, at the same address, with all that it knew. */
  resume(): Promise<void>;
}

const HOST = '127.0.0.1';
const MOST_FORM_BYTES = 1_000;

/**
 * An OpenID provider for trying Countersign out: on loopback, in memory, and whoever opens its page picks
 * who to be. Demo, not for production.
 * @param wanted.port 0: any free one
 * @param wanted.claimsInIdToken groups in the ID token too, as some providers send them
 */
export async function startDemoIdentityProvider(wanted: {
  readonly port: number;
  readonly people: readonly DemoPerson[];
  readonly clients: readonly DemoClient[];
  readonly claimsInIdToken?: boolean;
  readonly accessTokenSeconds?: number;
}): Promise<DemoIdentityProvider> {
  const people = new Map(wanted.people.map((person) => [person.username, person]));
  const server = createServer();
  await listen(server, wanted.port);
  const issuer = `http://${HOST}:${portOf(server)}`;
  const provider = new Provider(issuer, await settingsOf(wanted, people));
  const answerProtocol = provider.callback();
  server.on('request', (request, response) => {
    const isLogin = request.url?.startsWith('/interaction/') === true;
    const answered = isLogin
      ? answerLogin(provider, people, request, response)
      : answerProtocol(request, response);
    answered.catch(() => response.writeHead(400).end('This sign-in cannot go on. Begin again.\n'));
  });
  return {
    issuer,
    setGroups: (username, groups) => void people.set(username, { ...existing(people, username), groups }),
    disable: (username) => void people.delete(existing(people, username).username),
    stop: () => stop(server),
    resume: () => listen(server, Number(new URL(issuer).port)),
  };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => server.once('error', reject).listen(port, HOST, resolve));

async function settingsOf(
  wanted: Parameters<typeof startDemoIdentityProvider>[0],
  people: ReadonlyMap<string, DemoPerson>,
) {
  return {
    adapter: memoryAdapters(),
    clients: wanted.clients.map(registrationOf),
    jwks: { keys: [await signingKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    claims: { openid: ['sub'], profile: ['name'], email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
    conformIdTokenClaims: wanted.claimsInIdToken !== true,
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, ...signOutPages },
    },
    interactions: {
      policy: askWhoEachTime(),
      url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}`,
    },
    ttl: {
      AccessToken: wanted.accessTokenSeconds ?? 300,
      AuthorizationCode: 60,
      // Long, so that a broker under a turned clock still believes it.
      IdToken: 86_400,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
      Grant: 86_400,
    },
    async findAccount(_: unknown, username: string) {
      if (!people.has(username)) return undefined;
      return { accountId: username, claims: () => claimsOf(existing(people, username)) };
    },
    // The library would reach no address on loopback, and the demo's broker has no other.
    fetch: (url: string, { method, headers, body }: RequestInit) =>
      fetch(url, {
        redirect: 'error',
        ...(method && { method }),
        ...(headers && { headers }),
        body: body ?? null,
      }),
    loadExistingGrant: consent,
    issueRefreshToken: async () => true,
    expiresWithSession: async () => false,
    rotateRefreshToken: () => true,
    async renderError(context: Context, out: Readonly<Record<string, string>>) {
      context.type = 'html';
      context.body = errorPage(out['error'] ?? 'error', out['error_description'] ?? '');
    },
  };
}

const signOutPages = {
  async logoutSource(context: Context, form: string) {
    context.body = signOutPage(form);
  },
  async postLogoutSuccessSource(context: Context) {
    context.body = signedOutPage();
  },
};

function registrationOf({ client_id, client_secret, ...addresses }: DemoClient): Record<string, unknown> {
  return {
    client_id,
    ...addresses,
    backchannel_logout_session_required: addresses.backchannel_logout_uri !== undefined,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...(client_secret === undefined ? { token_endpoint_auth_method: 'none' } : { client_secret }),
  };
}

async function signingKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' };
}

/** One browser plays several people, so the page is shown each time, whoever was here before. */
function askWhoEachTime() {
  const policy = interactionPolicy.base();
  const isAsked = ({ oidc }: Context): boolean => oidc.result?.login === undefined;
  policy
    .get('login')
    ?.checks.add(new interactionPolicy.Check('demo_person', 'somebody must be picked', isAsked));
  return policy;
}

/** Everybody consents to everything: there is nothing here to protect. */
async function consent({ oidc }: Context): Promise<GrantModel> {
  const grant = new oidc.provider.Grant({
    accountId: oidc.session.accountId,
    clientId: oidc.client.clientId,
  });
  grant.addOIDCScope(oidc.params.scope ?? 'openid');
  await grant.save();
  return grant;
}

async function answerLogin(
  provider: Provider,
  people: ReadonlyMap<string, DemoPerson>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { uid } = await provider.interactionDetails(request, response);
  if (request.method === 'POST') {
    const username = new URLSearchParams(await bodyOf(request)).get('username') ?? '';
    if (people.has(username))
      return provider.interactionFinished(request, response, { login: { accountId: username } });
  }
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  });
  response.end(loginPage(uid, [...people.values()]));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MOST_FORM_BYTES) throw new RangeError('the form is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function claimsOf({ username, name, groups, email }: DemoPerson) {
  return { sub: username, name, groups, email };
}

function existing(people: ReadonlyMap<string, DemoPerson>, username: string): DemoPerson {
  const person = people.get(username);
  if (person === undefined) throw new RangeError(`the demo has nobody called ${username}`);
  return person;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the demo provider has no port');
  return address.port;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
