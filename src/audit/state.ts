import type { FactorProof, Passkey, StoredData } from '../domain/events.ts';
import type { Policy, ResolvedRule } from '../domain/policy/policy.ts';
import type { Hasher } from '../log/hasher.ts';
import { type ExpiringMap, expiringMap } from './expiring-map.ts';
import { type RecentRoots, recentRoots } from './recent-roots.ts';
import type { Scope } from './scope.ts';

/** What the audit remembers: people and open requests for good, everything else for as long as it can matter. */
export interface AuditState {
  readonly origin: string;
  timeMs: number;
  genesis: Genesis | undefined;
  policy: PolicyInForce | undefined;
  readonly proposals: Map<string, Proposal>;
  /** Policies proposed since the last publishing, by digest; fetched before their entry is judged. */
  readonly attachedPolicies: Map<string, Policy>;
  readonly people: Map<string, PersonFactors>;
  /** Every credential that was ever enrolled, with its factor. */
  readonly credentials: Map<string, string>;
  /** Of whom it is recorded that they have left, and not that they are back. */
  readonly left: Set<string>;
  /** The entry of everybody's newest leaving: what they signed before it counts no more, whether they are back or not. */
  readonly lastLeaving: Map<string, number>;
  /** The entry of everybody's newest leaving or reset: sign-ins and codes from before it are void. */
  readonly voidBefore: Map<string, number>;
  readonly codes: ExpiringMap<EnrolmentCode>;
  readonly signIns: ExpiringMap<SignIn>;
  readonly nonces: ExpiringMap<true>;
  readonly spentSteps: ExpiringMap<true>;
  readonly streams: ExpiringMap<number>;
  /** What each ticket of the register last said, by stream. */
  readonly tickets: ExpiringMap<StoredData<'countersign.ticket.written.v1'>>;
  /** When somebody's wrong codes were given, by person: the last quarter of an hour of them. */
  readonly wrongCodes: ExpiringMap<readonly number[]>;
  /** When a passkey alone signed somebody in, by its factor: those within an hour of the newest. */
  readonly emergencySignIns: ExpiringMap<readonly number[]>;
  readonly requests: Map<string, RequestState>;
  /** Requests that are over, in the order in which they may be forgotten. */
  readonly closed: { readonly request: string; readonly forgetAtMs: number }[];
  /** Emergencies by request: those that wait for a review, and others for a while. */
  readonly emergencies: Map<string, Emergency>;
  readonly roots: RecentRoots;
}

export interface Genesis {
  readonly administrators: ReadonlySet<string>;
  readonly publishNeeds: number;
}

export interface PolicyInForce {
  readonly digest: string;
  /** undefined: its attachment is missing or no policy. */
  readonly policy: Policy | undefined;
  readonly rules: Map<string, RuleInForce | undefined>;
  /** Of those whom the policy names as one human: every login, by each of them. */
  readonly logins: ReadonlyMap<string, readonly string[]>;
}

export interface RuleInForce {
  readonly rule: ResolvedRule;
  readonly digest: string;
}

export interface Proposal {
  readonly fromDigest: string | null;
  readonly toDigest: string;
  readonly planDigest: string;
  /** By signer: in which entry, and with which factor. */
  readonly signers: Map<string, { readonly seq: number; readonly factor: string }>;
}

export interface PersonFactors {
  readonly factors: Map<string, FactorHeld>;
  recoveryCodes: number;
  /** What waits for a second administrator, by id. */
  readonly resets: Map<string, AskedReset>;
}

export interface AskedReset {
  readonly requestedBy: string;
  readonly expiresAtMs: number;
  readonly seq: number;
  /** What the one who asked showed for it. */
  readonly factor: string;
}

export interface FactorHeld {
  readonly means: string;
  readonly enrolledAtMs: number;
  /** null: it shows codes. */
  readonly passkey: Passkey | null;
  /** The entry of its enrolment. */
  readonly seq: number;
  /** Another human stands behind it, or an older factor behind which one stands. */
  isVouchedFor: boolean;
  /** What its newest signature counted. */
  counter: number;
  /** Enrolled with a recovery code, and nobody has said yet that it was them. */
  isUnvouched: boolean;
}

export interface EnrolmentCode {
  readonly seq: number;
  readonly person: string;
  /** null: made at genesis. */
  readonly voucher: string | null;
  /** What the voucher showed for it; null: made at genesis. */
  readonly factor: string | null;
  readonly expiresAtMs: number;
}

export interface SignIn {
  readonly seq: number;
  readonly person: string;
  readonly keyThumbprint: string;
  readonly expiresAtMs: number;
  readonly mayOnlyAsk: boolean;
  /** By a passkey alone, without the identity provider. */
  readonly isEmergency: boolean;
}

export interface RequestState {
  readonly request: string;
  readonly leaf: string;
  /** Who asked. */
  readonly person: string;
  readonly byWorkload: boolean;
  readonly entitlement: string;
  /** A grant for each of them on each of these. */
  readonly people: readonly string[];
  readonly targets: readonly string[];
  readonly ruleDigest: string;
  /** undefined: the policy is missing, or never had this entitlement. */
  readonly rule: ResolvedRule | undefined;
  readonly scope: Scope;
  readonly seconds: number;
  readonly startMs: number | null;
  /** The grant that this one carries on, as it goes on. */
  readonly extended: GrantState | undefined;
  readonly extends: Submitted['extends'];
  readonly stages: Submitted['stages'];
  readonly breakGlass: Submitted['break_glass'];
  readonly keyThumbprint: string;
  readonly proof: FactorProof | null;
  readonly askedAtMs: number;
  readonly reviewByMs: number;
  readonly reviews: Review[];
  /** When its reviewers were reminded. */
  readonly nudgedAtMs: number[];
  outcome: 'pending' | 'denied' | 'withdrawn' | 'cancelled' | 'expired' | 'approved';
  /** The command that made its grants. */
  approvedIn: string | undefined;
  readonly grants: Map<string, GrantState>;
}

type Submitted = StoredData<'countersign.request.submitted.v1'>;

export interface Review {
  readonly seq: number;
  readonly reviewer: string;
  /** With which they signed. */
  readonly factor: string;
  readonly stage: number;
  readonly verdict: 'approve' | 'deny';
  readonly scope: Scope;
  readonly seconds: number;
  readonly atMs: number;
}

export interface GrantState {
  readonly grant: string;
  readonly person: string;
  readonly target: string;
  readonly scope: Scope;
  readonly seconds: number;
  readonly startsAtMs: number | null;
  readonly activateByMs: number;
  /** Set by the first opening; unset again when every opening has certainly failed. */
  endsAtMs: number | undefined;
  readonly sessions: Map<string, SessionState>;
  over: 'no' | 'ended' | 'revoking' | 'revoked' | 'expired';
  /** When it was first ended, revoked or cut off. */
  overSinceMs: number | undefined;
  /** By somebody else or by the broker; not merely ended by its holder, and not run out. */
  wasTakenAway: boolean;
}

export interface SessionState {
  readonly seq: number;
  /** What its opening says; once it is open, when its credentials expire. */
  endsAtMs: number;
  readonly settleByMs: number;
  /** The key of the device; null where no factor of this person carried the opening. */
  readonly provedKey: string | null;
  outcome: 'opening' | 'uncertain' | 'opened' | 'failed';
}

export interface Emergency {
  readonly request: string;
  readonly requestLeaf: string;
  readonly person: string;
  readonly entitlement: string;
  readonly incident: string;
  readonly reviewByMs: number;
  readonly reviewFrom: string;
  readonly reviewPeople: number;
  readonly reviewers: Set<string>;
}

export function initialState(origin: string, hasher: Hasher): AuditState {
  const state: Pick<AuditState, 'timeMs'> = { timeMs: 0 };
  const now = () => state.timeMs;
  return Object.assign(state, {
    origin,
    genesis: undefined,
    policy: undefined,
    proposals: new Map(),
    attachedPolicies: new Map(),
    people: new Map(),
    credentials: new Map<string, string>(),
    left: new Set<string>(),
    lastLeaving: new Map<string, number>(),
    voidBefore: new Map<string, number>(),
    codes: expiringMap<EnrolmentCode>(now),
    signIns: expiringMap<SignIn>(now),
    nonces: expiringMap<true>(now),
    spentSteps: expiringMap<true>(now),
    streams: expiringMap<number>(now),
    tickets: expiringMap<StoredData<'countersign.ticket.written.v1'>>(now),
    wrongCodes: expiringMap<readonly number[]>(now),
    emergencySignIns: expiringMap<readonly number[]>(now),
    requests: new Map(),
    closed: [],
    emergencies: new Map(),
    roots: recentRoots(hasher),
  });
}

/** The first stage that lacks people, and when its turn came; undefined: every stage has them. */
export function openStage(
  request: RequestState,
): { readonly stage: number; readonly sinceMs: number } | undefined {
  let sinceMs = request.askedAtMs;
  for (const [stage, { people }] of request.stages.entries()) {
    const approvals = request.reviews.filter((one) => one.stage === stage && one.verdict === 'approve');
    if (approvals.length < people) return { stage, sinceMs };
    sinceMs = Math.max(sinceMs, ...approvals.map(({ atMs }) => atMs));
  }
  return undefined;
}
