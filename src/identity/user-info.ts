import { z } from 'zod';
import { Failure } from '../domain/errors.ts';
import type { Claims } from './claims.ts';
import { unavailable } from './guarded-fetch.ts';
import type { Connection } from './issuer-connection.ts';

const told = z.looseObject({ sub: z.string() });

/**
 * What the provider says of a person now (OpenID Connect Core 1.0 §5.3), or `refused` when the token no
 * longer counts.
 * @param sub of the ID token: an answer about anybody else is not believed (§5.3.2)
 * @throws Failure `identity-provider-unavailable`, `not-signed-in`
 */
export async function userInfo(
  connection: Connection,
  accessToken: string,
  sub: string,
): Promise<Claims | 'refused'> {
  const { config, metadata } = connection;
  if (metadata.userinfo_endpoint === undefined) throw unavailable(config, 'has no userinfo endpoint');
  const response = await connection.fetch(metadata.userinfo_endpoint, {
    headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
  });
  if (response.status === 401 || response.status === 403) return 'refused';
  if (response.status !== 200)
    throw unavailable(config, `gave no user information (status ${response.status})`);
  const parsed = told.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw unavailable(config, 'gave user information that cannot be read');
  if (parsed.data.sub !== sub)
    throw new Failure('not-signed-in', `the identity provider ${config.name} told of somebody else`);
  return parsed.data;
}
