import type { OpenOutcome, PreparedSession, Provider, SessionPlan } from '../../src/app/ports.ts';
import type { GrantId } from '../../src/domain/ids.ts';
import { assumeRoleScope, prepareAssumeRole } from '../../src/providers/aws/assume-role-parameters.ts';
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
  readonly bornMs: number;
  /** After this nothing can be done with it. */
  readonly usableUntilMs: number;
  endedMs: number | null;
}

/** What really exists in the clouds. */
export interface Cloud {
  readonly sessions: CloudSession[];
  readonly endedGrants: Set<string>;
  /** Called at the very moment a session comes into being. */
  onOpened: (session: CloudSession) => void;
  /** Says that a revocation was carried out, and carries out nothing: a sabotage. */
  liesAboutRevocations: boolean;
}

export const newCloud = (): Cloud => ({
  sessions: [],
  endedGrants: new Set(),
  onOpened: () => undefined,
  liesAboutRevocations: false,
});

export const worksAt = ({ usableUntilMs, endedMs }: CloudSession, nowMs: number): boolean =>
  nowMs < usableUntilMs && (endedMs === null || nowMs < endedMs);

/** The cloud's side of an opening: it happens when the call arrives, however late, and for whoever is still there. */
export function openInCloud(cloud: Cloud, prepared: PreparedSession, time: TrueTime): OpenOutcome {
  const { provider, parameters } = prepared;
  const at = provider === 'token' ? tokenCall(parameters) : assumeRoleCall(parameters, time.nowMs);
  const cloudSession = `${provider}-${at.session.slice(2)}`;
  const opened: CloudSession = {
    ...at,
    cloudSession,
    kind: provider,
    bornMs: time.nowMs,
    endedMs: cloud.endedGrants.has(at.grant) ? time.nowMs : null,
  };
  cloud.sessions.push(opened);
  cloud.onOpened(opened);
  return {
    outcome: 'opened',
    cloudSession,
    providerRequest: null,
    expiresAtMs: at.expiresAtMs,
    packedPolicyPercent: null,
    credentials: { kind: 'token', token: cloudSession, audience: 'https://orders.example' },
  };
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
