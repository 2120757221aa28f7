import type { RemoteJWKSet } from 'jose';
import type { FetchBody } from 'openid-client';
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  customFetch,
  None,
} from 'openid-client';
import type { Clock } from '../app/ports.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { guardedFetch, unavailable } from './guarded-fetch.ts';
import type { IssuerConfig } from './issuer-config.ts';
import { issuerKeys } from './issuer-keys.ts';
import type { IssuerMetadata } from './issuer-metadata.ts';
import { discover } from './issuer-metadata.ts';

const TIMEOUT_SECONDS = 5;
const MOST_METADATA_AGE_MS = 60 * 60_000;

/** What ID tokens may be signed with: never `none`, never a shared secret. */
export const ID_TOKEN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** A provider whose discovery document was read. */
export interface Connection {
  readonly config: IssuerConfig;
  readonly metadata: IssuerMetadata;
  readonly client: Configuration;
  readonly keys: RemoteJWKSet;
  readonly fetch: GuardedFetch;
}

/**
 * Connects on first use and reads the document again after an hour; several callers share one attempt, a
 * failed one is not remembered. The returned function throws Failure `identity-provider-unavailable`.
 */
export function issuerConnection(config: IssuerConfig, clock: Clock): () => Promise<Connection> {
  let current: { readonly made: Promise<Connection>; readonly atMs: number } | undefined;
  return () => {
    if (current !== undefined && clock.monotonicMs() - current.atMs < MOST_METADATA_AGE_MS)
      return current.made;
    const fresh = { made: connect(config), atMs: clock.monotonicMs() };
    current = fresh;
    fresh.made.catch(() => {
      if (current === fresh) current = undefined;
    });
    return fresh.made;
  };
}

async function connect(config: IssuerConfig): Promise<Connection> {
  const fetch = guardedFetch(config);
  const metadata = await discover(config, fetch);
  const offered = metadata.id_token_signing_alg_values_supported ?? ['RS256'];
  const algorithms = offered.filter((algorithm) => ID_TOKEN_ALGORITHMS.includes(algorithm));
  if (algorithms.length === 0) throw unavailable(config, 'signs with no algorithm that is believed');
  const server = { ...metadata, id_token_signing_alg_values_supported: algorithms };
  const client = new Configuration(server, config.client_id, {}, clientAuthentication(config, metadata));
  client.timeout = TIMEOUT_SECONDS;
  client[customFetch] = (url, { method, headers, body, signal }) =>
    fetch(url, { method, headers, body: formOf(body), signal });
  // Which plain addresses may be called is the guard's to say: the issuer's own loopback one, nothing else.
  if (config.allow_http_loopback) allowInsecureRequests(client);
  return { config, metadata, client, keys: issuerKeys(metadata.jwks_uri, fetch), fetch };
}

/** RFC 6749 §2.3.1: Basic unless the provider offers only the other form. */
function clientAuthentication({ client_secret }: IssuerConfig, metadata: IssuerMetadata) {
  if (client_secret === undefined) return None();
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const isPostOnly = !offered.includes('client_secret_basic') && offered.includes('client_secret_post');
  return isPostOnly ? ClientSecretPost(client_secret) : ClientSecretBasic(client_secret);
}

/** The client library only ever sends forms. */
function formOf(body: FetchBody): URLSearchParams | null {
  if (body === null || body === undefined || body instanceof URLSearchParams) return body ?? null;
  throw new TypeError('a call to an identity provider has a form as its body, or none');
}
