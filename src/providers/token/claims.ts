import { z } from 'zod';
import type { PreparedSession, SessionPlan } from '../../app/ports.ts';
import { canonicalize } from '../../log/canonical-json.ts';

const text = z.string().min(1);
const seconds = z.int().min(0);
const permission = z.strictObject({ action: text, resource: text });

/**
 * What a grant token says (RFC 7519 names first). `permissions` is not called `scope`, which OAuth reads as
 * one string of words (RFC 7662 §2.2).
 */
export const grantClaims = z.strictObject({
  iss: text,
  aud: text,
  sub: text,
  jti: text,
  iat: seconds,
  nbf: seconds,
  exp: seconds,
  grant: text,
  session: text,
  role: text,
  target: text,
  permissions: z.array(permission).min(1),
});
export type GrantClaims = z.infer<typeof grantClaims>;

/**
 * Claims as they go into `session.opening`: each permission is its RFC 8785 text, since parameters do not
 * nest.
 */
export function claimsToParameters(kid: string, claims: GrantClaims): PreparedSession['parameters'] {
  return { kid, ...claims, permissions: claims.permissions.map((permission) => canonicalize(permission)) };
}

/** The way back. Throws when the parameters are not the ones of `claimsToParameters`. */
export function claimsFromParameters(parameters: PreparedSession['parameters']): {
  kid: string;
  claims: GrantClaims;
} {
  const { kid, permissions, ...rest } = parameters;
  const listed = z.array(z.string()).parse(permissions);
  return {
    kid: text.parse(kid),
    claims: grantClaims.parse({
      ...rest,
      permissions: listed.map((permission): unknown => JSON.parse(permission)),
    }),
  };
}

/** How much access a permission is, the target need not know: action and resource alone are checked there. */
export function permissionsOf(plan: SessionPlan): GrantClaims['permissions'] {
  return plan.scope.map(({ action, resource }) => ({ action, resource }));
}

/** What a token of these parameters will say; undefined when they are not the ones of `claimsToParameters`. */
export function permissionsSaid(
  parameters: PreparedSession['parameters'],
): GrantClaims['permissions'] | undefined {
  try {
    return claimsFromParameters(parameters).claims.permissions;
  } catch {
    return undefined;
  }
}
