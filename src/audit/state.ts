import type { FactorProof, StoredData } from '../domain/events.ts';
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
  readonly codes: ExpiringMap<EnrolmentCode>;
  readonly signIns: ExpiringMap<SignIn>;
  readonly nonces: ExpiringMap<true>;
  readonly spentSteps: ExpiringMap<true>;
  readonly streams: ExpiringMap<number>;
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
}

export interface RuleInForce {
  readonly rule: ResolvedRule;
  readonly digest: string;
}

export interface Proposal {
  readonly fromDigest: string | null;
  readonly toDigest: string;
  readonly planDigest: string;
  readonly signers: Set<string>;
}

export interface PersonFactors {
  readonly factors: Map<string, { readonly means: string; readonly enrolledAtMs: number }>;
  recoveryCodes: number;
}

export interface EnrolmentCode {
  readonly person: string;
  /** null: made at genesis. */
  readonly voucher: string | null;
  readonly expiresAtMs: number;
}

export interface SignIn {
  readonly person: string;
  readonly keyThumbprint: string;
  readonly expiresAtMs: number;
}

export interface RequestState {
  readonly request: string;
  readonly leaf: string;
  readonly person: string;
  readonly byWorkload: boolean;
  readonly groups: readonly string[];
  readonly entitlement: string;
  readonly target: string;
  readonly ruleDigest: string;
  /** undefined: the policy is missing, or never had this entitlement. */
  readonly rule: ResolvedRule | undefined;
  readonly scope: Scope;
  readonly seconds: number;
  readonly stages: StoredData<'countersign.request.submitted.v1'>['stages'];
  readonly breakGlass: StoredData<'countersign.request.submitted.v1'>['break_glass'];
  readonly keyThumbprint: string;
  readonly proof: FactorProof | null;
  readonly reviewByMs: number;
  readonly reviews: Review[];
  outcome: 'pending' | 'denied' | 'withdrawn' | 'expired' | 'approved';
  grant: GrantState | undefined;
}

export interface Review {
  readonly reviewer: string;
  readonly stage: number;
  readonly verdict: 'approve' | 'deny';
  readonly scope: Scope;
  readonly seconds: number;
}

export interface GrantState {
  readonly grant: string;
  readonly scope: Scope;
  readonly seconds: number;
  readonly activateByMs: number;
  /** Set by the first opening; unset again when every opening has certainly failed. */
  endsAtMs: number | undefined;
  readonly sessions: Map<string, SessionState>;
  over: 'no' | 'ended' | 'revoking' | 'revoked' | 'expired';
}

export interface SessionState {
  readonly seq: number;
  readonly endsAtMs: number;
  readonly settleByMs: number;
  /** The key of the device; null where no factor of this person carried the opening. */
  readonly provedKey: string | null;
  outcome: 'opening' | 'uncertain' | 'opened' | 'failed';
}

export interface Emergency {
  readonly request: string;
  readonly requestLeaf: string;
  readonly person: string;
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
    codes: expiringMap<EnrolmentCode>(now),
    signIns: expiringMap<SignIn>(now),
    nonces: expiringMap<true>(now),
    spentSteps: expiringMap<true>(now),
    streams: expiringMap<number>(now),
    requests: new Map(),
    closed: [],
    emergencies: new Map(),
    roots: recentRoots(hasher),
  });
}

/** The first stage that lacks people; undefined: every stage has them. */
export function openStage(request: RequestState): number | undefined {
  const stage = request.stages.findIndex(
    ({ people }, at) =>
      request.reviews.filter((review) => review.stage === at && review.verdict === 'approve').length < people,
  );
  return stage < 0 ? undefined : stage;
}
