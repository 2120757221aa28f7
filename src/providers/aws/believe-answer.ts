import type { AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import type { OpenOutcome, PreparedSession } from '../../app/ports.ts';
import type { AssumeRoleParameters } from './assume-role-parameters.ts';
import { CALL_ALLOWANCE_MS } from './limits.ts';
import { requestIdOf } from './request-id.ts';

/**
 * Whether an answer is the one to our call: its role, session name, source identity, and a length near the
 * one asked for. Anything else is 'unknown', and the credentials in it are dropped.
 */
export function believeAnswer(
  answer: AssumeRoleCommandOutput,
  asked: AssumeRoleParameters,
  prepared: PreparedSession,
): OpenOutcome {
  const doubt = doubtAbout(answer, asked, prepared);
  if (doubt !== undefined) return { outcome: 'unknown', reason: `AWS answered with ${doubt}.` };
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
  if (
    !isAccessKeyId(AccessKeyId) ||
    !isSecret(SecretAccessKey) ||
    !isToken(SessionToken) ||
    Expiration === undefined
  ) {
    return { outcome: 'unknown', reason: 'AWS answered with credentials of another shape.' };
  }
  return {
    outcome: 'opened',
    cloudSession: AccessKeyId,
    providerRequest: requestIdOf(answer),
    // The policy in them stops allowing anything then, though AWS names a later moment.
    expiresAtMs: Math.min(Expiration.getTime(), prepared.earliestEndMs),
    packedPolicyPercent: answer.PackedPolicySize ?? null,
    credentials: {
      kind: 'aws',
      access_key_id: AccessKeyId,
      secret_access_key: SecretAccessKey,
      session_token: SessionToken,
      region: asked.region,
    },
  };
}

function doubtAbout(
  { AssumedRoleUser, SourceIdentity, Credentials, PackedPolicySize }: AssumeRoleCommandOutput,
  asked: AssumeRoleParameters,
  prepared: PreparedSession,
): string | undefined {
  if (AssumedRoleUser?.Arn !== assumedRoleArn(asked)) return 'another role or session name';
  if (!AssumedRoleUser.AssumedRoleId?.endsWith(`:${asked.role_session_name}`)) return 'another role id';
  if (SourceIdentity !== asked.source_identity) return 'another source identity';
  if (!isPercent(PackedPolicySize)) return 'a packed policy size that is no percentage';
  const expiresAtMs = Credentials?.Expiration?.getTime() ?? Number.NaN;
  const earliestMs = prepared.endsAtMs - 2 * CALL_ALLOWANCE_MS;
  // Written so that a time that could not be read is doubted too.
  return expiresAtMs >= earliestMs && expiresAtMs <= prepared.endsAtMs
    ? undefined
    : 'an expiry that was not asked for';
}

/** The ARN of a role's session has the role's name without its path. */
function assumedRoleArn({ role_arn, role_session_name }: AssumeRoleParameters): string {
  const [, partition, , , account, resource = ''] = role_arn.split(':');
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  return `arn:${partition}:sts::${account}:assumed-role/${name}/${role_session_name}`;
}

/** Temporary access keys begin with ASIA; a key that does not expire begins with AKIA. */
function isAccessKeyId(text: string | undefined): text is string {
  return text !== undefined && /^ASIA[A-Z0-9]{12,124}$/.test(text);
}

function isSecret(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9/+=]{16,128}$/.test(text);
}

function isToken(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9/+=]{16,16384}$/.test(text);
}

function isPercent(size: number | undefined): boolean {
  return size === undefined || (Number.isInteger(size) && size >= 0 && size <= 100);
}
