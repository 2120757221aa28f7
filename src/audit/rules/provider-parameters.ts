import type { ResolvedRule } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import type { Scope } from '../scope.ts';
import type { GrantState } from '../state.ts';
import { latestInstant, type SessionPolicy, sessionPolicyOf } from './session-policy.ts';

type OpeningData = JudgedEntry<'countersign.session.opening.v1'>['data'];

/** AWS gives no credentials for less; what is shorter must be cut by the session policy. */
const AWS_LEAST_MS = 900_000;
/** AWS counts from when the call arrives; the broker allows it that long. */
const CALL_ALLOWANCE_MS = 120_000;

/** Why what is sent to the cloud is not what was approved. */
export function unfitParameters(
  data: OpeningData,
  grant: GrantState,
  rule: ResolvedRule,
): string | undefined {
  if (data.target !== grant.target) return `it was approved on ${grant.target}`;
  const target = Object.hasOwn(rule.targets, grant.target) ? rule.targets[grant.target] : undefined;
  if (data.provider !== target?.provider) return `the target is one of ${target?.provider ?? 'nowhere'}`;
  return target.provider === 'token'
    ? unfitToken(data, grant, { role: rule.role, audience: target.audience })
    : unfitAws(data, grant, { role: rule.role, account: target.account });
}

/**
 * Why a session would outlive its grant, which ends at `endMs`. Credentials of AWS may be in the world a little
 * longer if their own policy stops allowing anything by then.
 */
export function outlives(data: OpeningData, endMs: number): string | undefined {
  if (data.earliest_end_ms > Math.min(data.ends_at_ms, endMs)) return 'its earliest end is after its end';
  if (data.ends_at_ms <= endMs) return undefined;
  const policy = data.provider === 'aws' ? sessionPolicyOf(data.parameters) : undefined;
  const isCut = policy !== undefined && (latestInstant(policy) ?? Number.POSITIVE_INFINITY) <= endMs;
  const mostMs = Math.max(endMs, data.decided_at_ms + AWS_LEAST_MS) + 1000 + CALL_ALLOWANCE_MS;
  return isCut && data.ends_at_ms <= mostMs
    ? undefined
    : `it may live ${data.ends_at_ms - endMs} ms longer than its grant`;
}

function unfitToken(
  { parameters, ...data }: OpeningData,
  grant: GrantState,
  { role, audience }: { readonly role: string; readonly audience: string },
): string | undefined {
  const expected = {
    aud: audience,
    sub: data.person,
    grant: data.grant,
    session: data.session,
    role,
  };
  const differing = Object.entries(expected).find(([name, value]) => parameters[name] !== value);
  if (differing !== undefined)
    return `${differing[0]} is ${JSON.stringify(parameters[differing[0]] ?? null)}, not ${differing[1]}`;
  if (typeof parameters['exp'] !== 'number' || parameters['exp'] * 1000 > data.ends_at_ms)
    return 'the token expires later than it says';
  return unfitPermissions(parameters['permissions'], grant.scope);
}

/** Each permission is the RFC 8785 text of its action and resource. */
function unfitPermissions(permissions: unknown, scope: Scope): string | undefined {
  const spelled = scope.map(
    ({ action, resource }) => `{"action":${JSON.stringify(action)},"resource":${JSON.stringify(resource)}}`,
  );
  if (!Array.isArray(permissions) || permissions.length === 0) return 'it has no list of permissions';
  const given = new Set<unknown>(permissions);
  const more = [...given].find(
    (permission) => typeof permission !== 'string' || !spelled.includes(permission),
  );
  if (more !== undefined) return `nobody approved ${String(more)}`;
  return given.size === new Set(spelled).size ? undefined : 'some of what was approved is missing';
}

function unfitAws(
  { parameters, ...data }: OpeningData,
  grant: GrantState,
  { role, account }: { readonly role: string; readonly account: string },
): string | undefined {
  const { role_arn, source_identity, role_session_name, duration_seconds } = parameters;
  const isRole =
    typeof role_arn === 'string' && role_arn.split(':')[4] === account && roleOf(role_arn) === role;
  if (!isRole) return `the role is ${String(role_arn)}, not ${role} of ${account}`;
  if (source_identity !== data.grant || role_session_name !== data.grant)
    return 'the cloud would not see the id of the grant';
  const lastsMs = data.ends_at_ms - data.decided_at_ms;
  if (typeof duration_seconds !== 'number' || duration_seconds * 1000 > lastsMs)
    return 'it asks for longer than its end says';
  const policy = sessionPolicyOf(parameters);
  return policy === undefined
    ? 'it has no session policy that can be judged'
    : unfitPolicy(policy, grant.scope);
}

const roleOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

function unfitPolicy(policy: SessionPolicy, scope: Scope): string | undefined {
  for (const { Effect, Action, Resource } of policy.Statement) {
    if (Effect !== 'Allow') continue;
    for (const action of Action) {
      const more = Resource.find(
        (resource) => !scope.some((line) => line.action === action && line.resource === resource),
      );
      if (more !== undefined) return `nobody approved ${action} on ${more}`;
    }
  }
  return undefined;
}
