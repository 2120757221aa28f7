import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { z } from 'zod';
import type { PreparedSession, SessionPlan } from '../../app/ports.ts';
import type { AskedPermission } from '../../domain/policy/narrow.ts';
import type { Target } from '../../domain/policy/policy.ts';
import { unfit } from '../unfit.ts';
import {
  ACCOUNT_PATTERN,
  CALL_ALLOWANCE_MS,
  EXTERNAL_ID_PATTERN,
  LEAST_SESSION_SECONDS,
  MOST_CHAINED_SECONDS,
  MOST_SESSION_SECONDS,
  SESSION_NAME_PATTERN,
  TAG_VALUE_PATTERN,
} from './limits.ts';
import { scopeOfSessionPolicy } from './scope-of-session-policy.ts';
import { sessionPolicy } from './session-policy.ts';

export type AwsTarget = Extract<Target, { provider: 'aws' }>;

export interface AwsSettings {
  /** Region of the STS endpoint; left out: the target's first. */
  readonly region?: string;
  /** `aws` unless the accounts are in China or GovCloud. */
  readonly partition?: string;
  /**
   * Account to the external id its roles' trust policies ask for. An account that is not in it cannot be
   * opened.
   */
  readonly externalIds: ReadonlyMap<string, string>;
  /** For roles with a path; left out: `arn:<partition>:iam::<account>:role/<role>`. */
  readonly roleArn?: (target: AwsTarget, role: string) => string;
  /** Whether the broker's own credentials are a role's session: no more than an hour then. */
  readonly chained: boolean;
}

/**
 * One call of AssumeRole, as `session.opening` records it. Only `sts_region` and `region` are not fields of
 * the call.
 */
const recorded = z.strictObject({
  sts_region: z.string(),
  role_arn: z.string(),
  role_session_name: z.string(),
  source_identity: z.string(),
  external_id: z.string(),
  duration_seconds: z.int(),
  policy: z.string(),
  /** `key=value`; no key has an equals sign. */
  tags: z.array(z.string()),
  /** Where the person's tools should begin. */
  region: z.string(),
});
export type AssumeRoleParameters = z.infer<typeof recorded>;

/**
 * A grant shorter than 900 s gets credentials for 900 s whose policy stops allowing anything at the grant's
 * end. `earliestEndMs` is that end, when they stop to work; `endsAtMs` is until when they can still be in the
 * world.
 */
export function prepareAssumeRole(plan: SessionPlan, settings: AwsSettings): PreparedSession {
  const { target } = plan;
  if (target.provider !== 'aws') throw new TypeError('the target is not one of AWS');
  const mostSeconds = settings.chained ? MOST_CHAINED_SECONDS : MOST_SESSION_SECONDS;
  const wantedSeconds = Math.ceil((plan.endsAtMs - plan.nowMs) / 1000);
  const duration_seconds = Math.min(Math.max(wantedSeconds, LEAST_SESSION_SECONDS), mostSeconds);
  const asked = plan.nowMs + duration_seconds * 1000;
  const earliestEndMs = Math.floor(Math.min(plan.endsAtMs, asked) / 1000) * 1000;
  if (earliestEndMs <= plan.nowMs)
    throw unfit('The grant ends before a session could be used.', 'Ask for access again.');
  const { partition = 'aws' } = settings;
  const policy = sessionPolicy(plan.scope, { endsAtMs: earliestEndMs, regions: target.regions, partition });
  const region = target.regions[0] ?? '';
  const parameters: AssumeRoleParameters = {
    sts_region: settings.region ?? region,
    role_arn: roleArnOf(target, plan.role, settings),
    role_session_name: sessionName(plan.grant),
    source_identity: sessionName(plan.grant),
    external_id: externalIdOf(target.account, settings),
    duration_seconds,
    policy,
    tags: tagsOf(plan),
    region,
  };
  return {
    provider: 'aws',
    parameters: { ...parameters },
    earliestEndMs,
    endsAtMs: asked + CALL_ALLOWANCE_MS,
  };
}

/** undefined when the parameters are not, to the last field, those of `prepareAssumeRole`. */
export function readAssumeRole(prepared: PreparedSession): AssumeRoleParameters | undefined {
  return recorded.safeParse(prepared.parameters).data;
}

/** What the session's policy in them allows; undefined when it cannot be read, or says more than that. */
export function assumeRoleScope(prepared: PreparedSession): readonly AskedPermission[] | undefined {
  const parameters = readAssumeRole(prepared);
  return parameters && scopeOfSessionPolicy(parameters.policy);
}

/** What is sent is made of what was recorded and of nothing else. */
export function assumeRoleInput(parameters: AssumeRoleParameters): AssumeRoleCommandInput {
  return {
    RoleArn: parameters.role_arn,
    RoleSessionName: parameters.role_session_name,
    SourceIdentity: parameters.source_identity,
    ExternalId: parameters.external_id,
    DurationSeconds: parameters.duration_seconds,
    Policy: parameters.policy,
    Tags: parameters.tags.map((tag) => {
      const equals = tag.indexOf('=');
      return { Key: tag.slice(0, equals), Value: tag.slice(equals + 1) };
    }),
  };
}

function roleArnOf(target: AwsTarget, role: string, { partition = 'aws', roleArn }: AwsSettings): string {
  const head = `arn:${partition}:iam::${target.account}:role/`;
  const arn = roleArn?.(target, role) ?? head + role;
  // A path is up to 512 characters, a name up to 64; an empty segment is nobody's path.
  const isRole = arn.startsWith(head) && /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/.test(arn.slice(head.length));
  if (!isRole || !ACCOUNT_PATTERN.test(target.account) || arn.length > 2_048) {
    throw unfit(
      'The role has no ARN in the account of the target.',
      'Have role and account corrected in the policy.',
    );
  }
  return arn;
}

function externalIdOf(account: string, { externalIds }: AwsSettings): string {
  const externalId = externalIds.get(account);
  if (externalId === undefined || !EXTERNAL_ID_PATTERN.test(externalId)) {
    throw unfit(
      'The broker has no external id for this account.',
      'Ask its operator to configure one for the account.',
    );
  }
  return externalId;
}

function sessionName(grant: string): string {
  if (!SESSION_NAME_PATTERN.test(grant))
    throw unfit('The grant id cannot name a session.', 'Ask for access again.');
  return grant;
}

/** The closed list of tag keys: a trust policy can demand these with `aws:TagKeys`. None is transitive. */
function tagsOf({ grant, session, person }: SessionPlan): string[] {
  const tags = { 'countersign:grant': grant, 'countersign:session': session, 'countersign:person': person };
  return Object.entries(tags).map(([key, value]) => {
    if (!TAG_VALUE_PATTERN.test(value))
      throw unfit(`The value of ${key} cannot be a tag.`, 'Ask for access again.');
    return `${key}=${value}`;
  });
}
