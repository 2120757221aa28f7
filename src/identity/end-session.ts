import { buildEndSessionUrl } from 'openid-client';
import type { SignInName } from '../app/identity-ports.ts';
import type { OidcParts } from './finish-sign-in.ts';
import type { Connection } from './issuer-connection.ts';
import { findProviderTokens, openProviderTokens } from './provider-tokens.ts';

/**
 * OpenID Connect RP-Initiated Logout 1.0 §2. The hint is the ID token of this very sign-in: it goes to the provider that
 * issued it, in the person's own browser, and some providers send nobody back without it.
 */
export async function endSessionUrl(
  parts: OidcParts,
  connect: (issuer: string) => Promise<Connection>,
  ask: { readonly name: SignInName; readonly issuer: string; readonly returnTo: string },
): Promise<string | undefined> {
  const sealed = await findProviderTokens(parts, ask.name, parts.clock.nowMs());
  if (sealed === undefined) return undefined;
  const { id_token } = openProviderTokens(parts, ask.name, sealed);
  // Signing out here never waits for a provider that is down.
  const connection = await connect(ask.issuer).catch(() => undefined);
  if (connection?.metadata.end_session_endpoint === undefined) return undefined;
  return buildEndSessionUrl(connection.client, {
    id_token_hint: id_token,
    post_logout_redirect_uri: ask.returnTo,
  }).href;
}
