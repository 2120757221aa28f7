import { z } from 'zod';
import type { Guard, GuardedFetch } from './guarded-fetch.ts';
import { allowedUrl, unavailable } from './guarded-fetch.ts';

const metadata = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  authorization_endpoint: z.string().exactOptional(),
  token_endpoint: z.string().exactOptional(),
  userinfo_endpoint: z.string().exactOptional(),
  id_token_signing_alg_values_supported: z.array(z.string()).exactOptional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).exactOptional(),
  end_session_endpoint: z.string().exactOptional(),
  authorization_response_iss_parameter_supported: z.boolean().exactOptional(),
});
export type IssuerMetadata = z.infer<typeof metadata>;

/**
 * The issuer's discovery document (OpenID Connect Discovery 1.0 §4). The issuer it names must be the
 * configured one, character by character (§4.3), and every address in it one that may be called.
 * @throws Failure `identity-provider-unavailable`
 */
export async function discover(guard: Guard, fetch: GuardedFetch): Promise<IssuerMetadata> {
  const response = await fetch(`${guard.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (response.status !== 200)
    throw unavailable(guard, `has no discovery document (status ${response.status})`);
  const parsed = metadata.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw unavailable(guard, 'has a discovery document that cannot be read');
  const found = parsed.data;
  if (found.issuer !== guard.issuer) throw unavailable(guard, 'has a discovery document of another issuer');
  for (const url of [
    found.jwks_uri,
    found.authorization_endpoint,
    found.token_endpoint,
    found.userinfo_endpoint,
    found.end_session_endpoint,
  ]) {
    if (url !== undefined) allowedUrl(guard, url);
  }
  return found;
}
