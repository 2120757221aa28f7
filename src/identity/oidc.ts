import { hash } from 'node:crypto';
import { buildAuthorizationUrl } from 'openid-client';
import type { SignInDestination, SignInName } from '../app/identity-ports.ts';
import type { SecretChange } from '../app/store.ts';
import { Failure } from '../domain/errors.ts';
import { checkedCliCallback } from './cli-callback.ts';
import { endSessionUrl } from './end-session.ts';
import type { FinishedSignIn, OidcParts } from './finish-sign-in.ts';
import { finishSignIn } from './finish-sign-in.ts';
import type { FreshClaims } from './fresh-claims.ts';
import { freshClaims, lastToldClaims } from './fresh-claims.ts';
import { unfitIdentityClaim } from './identity-claim.ts';
import { answering } from './is-answering.ts';
import type { IssuerConfig } from './issuer-config.ts';
import type { Connection } from './issuer-connection.ts';
import { issuerConnection } from './issuer-connection.ts';
import { signedOutAtProvider } from './logout-token.ts';
import { keepAttempt } from './sign-in-attempt.ts';
import { type StandIn, standIn } from './stand-in.ts';

export type { FinishedSignIn, OidcParts, SignInFacts } from './finish-sign-in.ts';

export interface OidcIssuers {
  /** Names of the issuers, in the order of the configuration. */
  readonly names: readonly string[];
  /**
   * Where to send the person's browser, once `secrets` are stored.
   * @param ask.redirectUri of this broker, made from its configured public address
   * @param ask.cli of a command line, untrusted; without it, `goesTo` says what the sign-in is for
   * @throws Failure `malformed-input`, `not-found` for another issuer, `identity-provider-unavailable`
   */
  beginSignIn(ask: {
    readonly issuer: string;
    readonly redirectUri: string;
    readonly cli?: unknown;
    readonly goesTo?: Exclude<SignInDestination, { kind: 'command-line' }>;
  }): Promise<{ readonly url: string; readonly secrets: readonly SecretChange[] }>;
  /**
   * @param answer.currentUrl as called by the browser: only its query counts
   * @param answer.browser digest of its cookie of the beginning; null, or left out: it has none
   * @throws Failure `not-signed-in`, `identity-provider-unavailable`
   */
  finishSignIn(answer: {
    readonly currentUrl: string;
    readonly browser?: string | null;
  }): Promise<FinishedSignIn>;
  /** See `endSessionUrl`. */
  endSessionUrl(name: SignInName, issuer: string, returnTo: string): Promise<string | undefined>;
  /** See `signedOutAtProvider`. */
  signedOutAtProvider(logoutToken: string): Promise<readonly SignInName[]>;
  /** See `freshClaims`. */
  refreshClaims(name: SignInName): Promise<FreshClaims>;
  /** See `standIn`. */
  standIn(name: SignInName): Promise<StandIn>;
  /** See `lastToldClaims`. */
  lastClaims(name: SignInName): Promise<FreshClaims | undefined>;
}

/** @throws RangeError for a configuration that cannot work */
export function oidcIssuers(configs: readonly IssuerConfig[], parts: OidcParts): OidcIssuers {
  const connections = new Map<string, () => Promise<Connection>>();
  for (const config of configs) {
    checkConfig(config);
    if (connections.has(config.name)) throw new RangeError(`two identity providers are named ${config.name}`);
    connections.set(config.name, issuerConnection(config, parts.clock));
  }
  async function connect(issuer: string): Promise<Connection> {
    const connection = connections.get(issuer);
    if (connection === undefined)
      throw new Failure('not-signed-in', `the identity provider ${issuer} is not configured`);
    return connection();
  }
  const isAnswering = answering(configs, parts.clock);
  return {
    names: [...connections.keys()],
    async beginSignIn({ issuer, redirectUri, cli, goesTo }) {
      const checked = goesTo ?? { kind: 'command-line' as const, ...checkedCliCallback(cli) };
      if (!connections.has(issuer)) throw new Failure('not-found', 'there is no such identity provider');
      return beginSignIn(parts, await connect(issuer), redirectUri, checked);
    },
    finishSignIn: (answer) => finishSignIn(parts, connect, answer),
    endSessionUrl: (name, issuer, returnTo) => endSessionUrl(parts, connect, { name, issuer, returnTo }),
    signedOutAtProvider: (logoutToken) => signedOutAtProvider(parts, { configs, connect }, logoutToken),
    refreshClaims: freshClaims({ ...parts, connect, isAnswering }),
    standIn: (name) => standIn(parts, isAnswering, name),
    lastClaims: (name) => lastToldClaims(parts, name),
  };
}

function checkConfig({ name, issuer, scopes, identity_claim }: IssuerConfig): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url === undefined || url.search !== '' || url.hash !== '')
    throw new RangeError(`${name}: the issuer is no URL`);
  if (!scopes.includes('openid')) throw new RangeError(`${name}: the scopes lack openid`);
  const unfit = unfitIdentityClaim(identity_claim);
  if (unfit !== undefined) throw new RangeError(`${name}: identity_claim ${unfit}`);
}

function beginSignIn(
  parts: OidcParts,
  { client, config }: Connection,
  redirectUri: string,
  goesTo: SignInDestination,
) {
  const fresh = (): string => Buffer.from(parts.random.bytes(32)).toString('base64url');
  const [state, nonce, verifier] = [fresh(), fresh(), fresh()];
  const url = buildAuthorizationUrl(client, {
    redirect_uri: redirectUri,
    scope: config.scopes.join(' '),
    state,
    nonce,
    code_challenge: hash('sha256', verifier, 'base64url'),
    code_challenge_method: 'S256',
  });
  const attempt = {
    issuer: config.name,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    nonce,
    goes_to: goesTo,
  };
  return { url: url.href, secrets: [keepAttempt(parts.sealer, state, attempt, parts.clock.nowMs())] };
}
