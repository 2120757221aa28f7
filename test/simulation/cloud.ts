import type { OpenOutcome, PreparedSession, Provider, SessionPlan } from '../../src/app/ports.ts';
import type { GrantId } from '../../src/domain/ids.ts';
import {
  assumeRoleScope,
  prepareAssumeRole,
  readAssumeRole,
} from '../../src/providers/aws/assume-role-parameters.ts';
import { believeAnswer } from '../../src/providers/aws/believe-answer.ts';
import type { GrantKeys } from '../../src/providers/token/keys.ts';
import { tokenProvider } from '../../src/providers/token.ts';
import type { TrueTime } from './clocks.ts';
import { type Dice, randomOf } from './dice.ts';

/** One session as it really exists, whatever the log says. */
export interface CloudSession {
  readonly session: string;
  readonly grant: string;
  readonly cloudSession: string;
  readonly kind: 'token' | 'aws';
  /** How many entries the log had when it came into being. */
  readonly sizeAtBirth: number;
  /** After this nothing can be done with it. */
  readonly usableUntilMs: number;
  endedMs: number | null;
}

/** What really exists in the clouds. */
export interface Cloud {
  readonly sessions: CloudSession[];
  readonly endedGrants: Set<string>;
  /** Says that a revocation was carried out, and carries out nothing: a sabotage. */
  liesAboutRevocations: boolean;
}

export const newCloud = (): Cloud => ({
  sessions: [],
  endedGrants: new Set(),
  liesAboutRevocations: false,
});

export const worksAt = ({ usableUntilMs, endedMs }: CloudSession, nowMs: number): boolean =>
  nowMs < usableUntilMs && (endedMs === null || nowMs < endedMs);

/** The cloud's side of an opening: it happens when the call arrives, however late, and for whoever is still there. */
export function openInCloud(
  cloud: Cloud,
  prepared: PreparedSession,
  time: TrueTime,
  sizeAtBirth: number,
): OpenOutcome {
  const { provider, parameters } = prepared;
  const called = provider === 'token' ? tokenCall(parameters) : assumeRoleCall(parameters, time.nowMs);
  const id = called.session.slice(2);
  const cloudSession = provider === 'token' ? `token-${id}` : `ASIA${id}`;
  cloud.sessions.push({
    ...called,
    cloudSession,
    kind: provider,
    sizeAtBirth,
    endedMs: cloud.endedGrants.has(called.grant) ? time.nowMs : null,
  });
  return provider === 'token'
    ? tokenAnswer(cloudSession, called)
    : assumeRoleAnswer(cloudSession, called, prepared);
}

const tokenAnswer = (token: string, { expiresAtMs }: Called): OpenOutcome => ({
  outcome: 'opened',
  cloudSession: token,
  providerRequest: null,
  expiresAtMs,
  packedPolicyPercent: null,
  credentials: { kind: 'token', token, audience: 'https://orders.example' },
});

/** What STS would send, believed or doubted by the real adapter. */
function assumeRoleAnswer(
  AccessKeyId: string,
  { expiresAtMs }: Called,
  prepared: PreparedSession,
): OpenOutcome {
  const asked = readAssumeRole(prepared);
  if (asked === undefined) throw new Error('what was prepared is no call of AssumeRole');
  const role = asked.role_arn.slice(asked.role_arn.lastIndexOf('/') + 1);
  const account = asked.role_arn.split(':')[4];
  const answer = {
    $metadata: {},
    AssumedRoleUser: {
      Arn: `arn:aws:sts::${account}:assumed-role/${role}/${asked.role_session_name}`,
      AssumedRoleId: `AROA:${asked.role_session_name}`,
    },
    SourceIdentity: asked.source_identity,
    PackedPolicySize: 7,
    Credentials: {
      AccessKeyId,
      SecretAccessKey: 'a-secret-of-the-simulation'.replaceAll('-', '/'),
      SessionToken: 'a/token/of/the/simulation',
      Expiration: new Date(expiresAtMs),
    },
  };
  return believeAnswer(answer, asked, prepared);
}

interface Called {
  readonly session: string;
  readonly grant: string;
  readonly expiresAtMs: number;
  readonly usableUntilMs: number;
}

function tokenCall(parameters: PreparedSession['parameters']): Called {
  const expiresAtMs = Number(parameters['exp']) * 1000;
  return {
    session: String(parameters['session']),
    grant: String(parameters['grant']),
    expiresAtMs,
    usableUntilMs: expiresAtMs,
  };
}

/** STS counts from when the call arrives; the session's policy stops allowing anything at the moment it names. */
function assumeRoleCall(parameters: PreparedSession['parameters'], nowMs: number): Called {
  const { tags, policy, duration_seconds } = parameters;
  const expiresAtMs = nowMs + Number(duration_seconds) * 1000;
  const allowedUntil = /"aws:CurrentTime":"([^"]+)"/.exec(String(policy))?.[1] ?? '';
  const tagged = (key: string) =>
    (Array.isArray(tags) ? (tags as readonly string[]) : [])
      .find((tag) => tag.startsWith(`${key}=`))
      ?.slice(key.length + 1) ?? '';
  return {
    session: tagged('countersign:session'),
    grant: tagged('countersign:grant'),
    expiresAtMs,
    usableUntilMs: Math.min(expiresAtMs, Date.parse(allowedUntil)),
  };
}

/** Ends all sessions of a grant, and those that come later. */
export function endInCloud(cloud: Cloud, grant: string, time: TrueTime): 'confirmed' {
  if (cloud.liesAboutRevocations) return 'confirmed';
  cloud.endedGrants.add(grant);
  for (const session of cloud.sessions.filter((one) => one.grant === grant)) {
    session.endedMs ??= time.nowMs;
  }
  return 'confirmed';
}

/** How the two kinds of cloud are reached: what a call really does is not up to the adapter. */
export interface CloudCalls {
  open(prepared: PreparedSession): Promise<OpenOutcome>;
  revoke(grant: GrantId): Promise<'confirmed'>;
}

/** The real providers' words for a session, sent to the simulated cloud. */
export function providersOf(
  calls: CloudCalls,
  clock: { nowMs(): number },
  dice: Dice,
): ReadonlyMap<'token' | 'aws', Provider> {
  const keys: Pick<GrantKeys, 'currentKid'> = { currentKid: () => 'key-of-the-simulation' };
  const token = tokenProvider({
    issuer: 'https://broker.example/grants',
    // Only signing would need the rest, and the simulated cloud signs nothing.
    keys: keys as GrantKeys,
    clock,
    random: randomOf(dice),
  });
  const aws: Provider = {
    kind: 'aws',
    leastSeconds: 900,
    mostSeconds: 43_200,
    outlivesRevocation: 'What was opened works until it expires.',
    revocationChannel: 'expiry',
    prepare: (plan: SessionPlan) =>
      prepareAssumeRole(plan, { externalIds: new Map([['447109238812', 'countersign']]), chained: false }),
    scopeOf: assumeRoleScope,
    open: calls.open,
    revoke: async () => 'by-expiry',
  };
  return new Map([
    ['token', { ...token, open: calls.open, revoke: calls.revoke }],
    ['aws', aws],
  ]);
}
