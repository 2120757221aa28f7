import type { FactorProof, StoredData } from '../events.ts';
import type { GrantId, RequestId, SessionId } from '../ids.ts';
import type { Permission } from '../policy/policy.ts';

type Submitted = StoredData<'countersign.request.submitted.v1'>;

/** One request with its reviews and the grants it became. The whole story of an access is one stream. */
export interface RequestState {
  readonly request: RequestId | null;
  /** Who asked. */
  readonly person: string;
  readonly byWorkload: boolean;
  readonly entitlement: string;
  /** For whom, and where: a grant for each of them on each of these. */
  readonly people: readonly string[];
  readonly targets: readonly string[];
  readonly policyDigest: string;
  readonly ruleDigest: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly scope: readonly Permission[];
  readonly seconds: number;
  /** Milliseconds since 1970; null: as soon as it is approved. */
  readonly startMs: number | null;
  readonly extends: Submitted['extends'];
  readonly stages: Submitted['stages'];
  readonly keyThumbprint: string;
  readonly proof: FactorProof | null;
  readonly breakGlass: Submitted['break_glass'];
  /** Base64; what the ticket's name, which is kept beside the log, is held against. null: none was given. */
  readonly ticketCommitment: string | null;
  readonly submittedSeq: number;
  /** Base64; what statements refer to. */
  readonly submittedLeaf: string;
  readonly submittedAtMs: number;
  readonly reviewByMs: number;
  readonly reviews: readonly ReviewRecord[];
  /** Reminders of those whose turn it was, oldest first. */
  readonly nudges: readonly NudgeRecord[];
  /** Nonces of statements about this request. A statement names its request, so it cannot be replayed elsewhere. */
  readonly nonces: readonly string[];
  /** How the asking ended, by what was written; time may have ended it since (status.ts). */
  readonly outcome: 'pending' | 'approved' | 'denied' | 'withdrawn' | 'cancelled' | 'expired';
  readonly grants: Readonly<Record<string, GrantState>>;
}

export interface ReviewRecord {
  readonly reviewer: string;
  readonly stage: number;
  readonly verdict: 'approve' | 'deny';
  readonly scope: readonly Permission[];
  readonly seconds: number;
  readonly seq: number;
  /** What it was signed with. */
  readonly factor: string;
  readonly atMs: number;
}

export interface NudgeRecord {
  readonly seq: number;
  readonly stage: number;
  /** The groups that are to hear of it. */
  readonly hear: readonly string[];
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
  /** Not usable before; null: from the approval on. */
  readonly startsAtMs: number | null;
  readonly activateByMs: number;
  /** Set by the first opening that was not certainly in vain: waiting for a review costs no time. */
  readonly endsAtMs: number | null;
  readonly sessions: Readonly<Record<string, SessionState>>;
  readonly endedAtMs: number | null;
  /** Asked for by somebody, or by the broker because of something that was recorded. */
  readonly revokeRequestedAtMs: number | null;
  /** Why the broker took it away by itself; null: it did not. */
  readonly cutOff: Pick<StoredData<'countersign.grant.cut-off.v1'>, 'cause' | 'about'> | null;
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
  people: [],
  targets: [],
  policyDigest: '',
  ruleDigest: '',
  parameters: {},
  scope: [],
  seconds: 0,
  startMs: null,
  extends: null,
  stages: [],
  keyThumbprint: '',
  proof: null,
  breakGlass: null,
  ticketCommitment: null,
  submittedSeq: -1,
  submittedLeaf: '',
  submittedAtMs: 0,
  reviewByMs: 0,
  reviews: [],
  nudges: [],
  nonces: [],
  outcome: 'pending',
  grants: {},
};
