import type { FactorProof, StoredData } from '../events.ts';
import type { GrantId, RequestId, SessionId } from '../ids.ts';
import type { Permission } from '../policy/policy.ts';

/** One request with its reviews and the grant it became. The whole story of an access is one stream. */
export interface RequestState {
  readonly request: RequestId | null;
  readonly person: string;
  readonly byWorkload: boolean;
  readonly entitlement: string;
  readonly target: string;
  readonly policyDigest: string;
  readonly ruleDigest: string;
  readonly scope: readonly Permission[];
  readonly seconds: number;
  readonly stages: readonly { readonly people: number; readonly from: string }[];
  readonly keyThumbprint: string;
  readonly proof: FactorProof | null;
  readonly breakGlass: StoredData<'countersign.request.submitted.v1'>['break_glass'];
  readonly submittedSeq: number;
  /** Base64; what statements refer to. */
  readonly submittedLeaf: string;
  readonly submittedAtMs: number;
  readonly reviewByMs: number;
  readonly reviews: readonly ReviewRecord[];
  /** Nonces of statements about this request. A statement names its request, so it cannot be replayed elsewhere. */
  readonly nonces: readonly string[];
  /** How the asking ended, by what was written; time may have ended it since (status.ts). */
  readonly outcome: 'pending' | 'approved' | 'denied' | 'withdrawn' | 'expired';
  readonly grants: Readonly<Record<string, GrantState>>;
}

export interface ReviewRecord {
  readonly reviewer: string;
  readonly stage: number;
  readonly verdict: 'approve' | 'deny';
  readonly scope: readonly Permission[];
  readonly seconds: number;
  readonly seq: number;
  readonly atMs: number;
}

export interface GrantState {
  readonly grant: GrantId;
  readonly person: string;
  readonly target: string;
  readonly ruleDigest: string;
  readonly scope: readonly Permission[];
  readonly seconds: number;
  readonly approvedAtMs: number;
  readonly activateByMs: number;
  /** Set by the first opening that was not certainly in vain: waiting for a review costs no time. */
  readonly endsAtMs: number | null;
  readonly sessions: Readonly<Record<string, SessionState>>;
  readonly endedAtMs: number | null;
  readonly revokeRequestedAtMs: number | null;
  readonly revokeConfirmedAtMs: number | null;
  readonly expired: boolean;
}

export interface SessionState {
  readonly session: SessionId;
  /** `uncertain`: no answer was recorded; it counts as open until it would have ended. */
  readonly phase: 'opening' | 'opened' | 'failed' | 'uncertain';
  readonly openingAtMs: number;
  readonly settleByMs: number;
  readonly endsAtMs: number;
  readonly cloudSession: string | null;
  readonly keyThumbprint: string;
  readonly proof: FactorProof | null;
}

export const initialRequest: RequestState = {
  request: null,
  person: '',
  byWorkload: false,
  entitlement: '',
  target: '',
  policyDigest: '',
  ruleDigest: '',
  scope: [],
  seconds: 0,
  stages: [],
  keyThumbprint: '',
  proof: null,
  breakGlass: null,
  submittedSeq: -1,
  submittedLeaf: '',
  submittedAtMs: 0,
  reviewByMs: 0,
  reviews: [],
  nonces: [],
  outcome: 'pending',
  grants: {},
};
