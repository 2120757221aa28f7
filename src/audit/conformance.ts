import type { Hasher } from '../log/hasher.ts';
import { type AttachmentSource, takeAttachments } from './attachments.ts';
import { auditRulesVersion } from './audit-rules.ts';
import type { AuditedEntry, JudgedEntry } from './audited-entry.ts';
import { catalogueMisfit } from './catalogue-misfit.ts';
import { inCommand } from './command.ts';
import { type Attested, type Fault, findings, type NotCheckable, type Signed } from './findings.ts';
import type { Hearing } from './hearing.ts';
import { judgeEntry } from './judges.ts';
import { checkSignatures, passkeyProofOf } from './passkey/check-signatures.ts';
import type { VerifySignature } from './passkey/verify-signature.ts';
import { overdueEmergencies } from './rules/break-glass.ts';
import { type AuditState, initialState } from './state.ts';
import { type AttestedFact, decisionIn, type Verdict, type VerdictCounts } from './verdict.ts';

export interface ConformanceInput {
  readonly hasher: Hasher;
  /** The log's name, as the auditor knows it. */
  readonly origin: string;
  /** In order from the first; their bytes, chain and tree are verified elsewhere. */
  readonly entries: Iterable<AuditedEntry> | AsyncIterable<AuditedEntry>;
  readonly attachment: AttachmentSource;
  /** Of passkeys, for the reviews and whatever else they signed. */
  readonly verifySignature: VerifySignature;
  /** Told of each entry, in order, once it is judged. */
  readonly onJudged?: (judged: JudgedDecision) => void;
}

/** An entry with what the audit says of it. */
export interface JudgedDecision {
  readonly entry: AuditedEntry;
  readonly kind: string;
  readonly verdict: Verdict;
  readonly attests: readonly AttestedFact[];
  readonly faults: readonly Fault[];
  readonly uncheckable: readonly NotCheckable[];
}

export interface Conformance {
  readonly verdict: 'conformant';
  /** `not-reached`: nothing was found at fault, but not everything could be judged. */
  readonly passed: boolean | 'not-reached';
  readonly rules_version: number;
  readonly entries: number;
  /** The first ones, in the order of the log. */
  readonly faults: readonly Fault[];
  readonly fault_count: number;
  readonly attested: Readonly<Attested>;
  readonly signed: Readonly<Signed>;
  /** Passkeys in use behind which the log shows no other human: of the genesis, or recovered and not vouched for. */
  readonly unvouched_keys: readonly UnvouchedKey[];
  readonly not_checkable: readonly NotCheckable[];
  readonly not_checkable_count: number;
  /** Personal texts that were erased: what they said cannot be checked, and no rule rests on it. */
  readonly erased_texts: number;
  /** By kind of decision: how many were judged how. What is no entry of the catalogue counts as `unknown`. */
  readonly decisions: Readonly<Record<string, Readonly<VerdictCounts>>>;
  /** Sessions whose outcome is not recorded yet, by the entry of their opening. */
  readonly unsettled: readonly number[];
  /** Emergencies nobody reviewed in time, by request. */
  readonly overdue_reviews: readonly string[];
}

export interface UnvouchedKey {
  readonly person: string;
  readonly factor: string;
  /** The entry of its enrolment. */
  readonly seq: number;
}

/** One that takes entries one by one, for callers who have their own loop. */
export interface ConformanceAudit {
  /** A promise only where an attachment has to be fetched, or a signature checked. */
  take(entry: AuditedEntry): Promise<void> | undefined;
  finish(): Promise<Conformance>;
}

/** Replays every decision in the log by the policy in force at its moment. Memory grows with people, not with the log. */
export async function auditConformance(input: ConformanceInput): Promise<Conformance> {
  const audit = startConformance(input);
  const take = async (entry: AuditedEntry) => {
    const pending = audit.take(entry);
    if (pending !== undefined) await pending;
  };
  if (Symbol.asyncIterator in input.entries) for await (const entry of input.entries) await take(entry);
  else {
    for (const entry of input.entries) {
      const pending = audit.take(entry);
      if (pending !== undefined) await pending;
    }
  }
  return audit.finish();
}

/** More entries than one decision makes; a hostile log must not be gathered whole. */
const LARGEST_COMMAND = 4096;

export function startConformance({
  hasher,
  origin,
  attachment,
  verifySignature,
  onJudged,
}: Omit<ConformanceInput, 'entries'>): ConformanceAudit {
  const state = initialState(origin, hasher);
  const found = findings();
  let gathered: JudgedEntry[] = [];
  let count = 0;

  const judgeGathered = (): Promise<void> | undefined => {
    if (gathered.length === 0) return undefined;
    const entries = gathered;
    gathered = [];
    const hearing: Hearing = {
      state,
      hasher,
      findings: found,
      command: { id: entries[0]?.data.command ?? '', entries },
      signatures: new Map(),
    };
    found.beginCommand();
    const pending = judgeCommand(hearing, attachment, verifySignature);
    if (pending === undefined) return void tellVerdicts(hearing, onJudged);
    return pending.then(() => tellVerdicts(hearing, onJudged));
  };

  return {
    take(entry) {
      if (count++ === 0 && entry.type !== 'countersign.log.genesis.v1') {
        found.fault(entry.seq, 'genesis-comes-first', `the log begins with ${entry.type}`);
      }
      state.roots.append(entry.leafHash);
      const misfit = catalogueMisfit(entry);
      if (misfit !== undefined) {
        found.fault(entry.seq, 'entry-fits-the-catalogue', misfit);
        found.count('unknown', 'at-fault');
        const faults = found.about(entry.seq)?.faults ?? [];
        onJudged?.({ entry, kind: 'unknown', verdict: 'at-fault', attests: [], faults, uncheckable: [] });
        state.streams.set(entry.stream, entry.streamVersion, Number.POSITIVE_INFINITY);
        return undefined;
      }
      const judged = entry as unknown as JudgedEntry; // type and data were compared with the catalogue just now
      const [first] = gathered;
      const isSameCommand = first !== undefined && first.data.command === judged.data.command;
      const pending = isSameCommand && gathered.length < LARGEST_COMMAND ? undefined : judgeGathered();
      gathered.push(judged);
      return pending;
    },
    async finish() {
      await judgeGathered();
      judgeUnsettled(state, found);
      return conclude(state, found, count);
    },
  };
}

function judgeCommand(
  hearing: Hearing,
  attachment: AttachmentSource,
  verify: VerifySignature,
): Promise<void> | undefined {
  const proposed = inCommand(hearing.command, 'countersign.policy.proposed.v1');
  const judgeAll = () => {
    for (const entry of hearing.command.entries) judgeEntry(entry, hearing);
  };
  const isSigned = hearing.command.entries.some((entry) => passkeyProofOf(entry) !== undefined);
  if (proposed.length === 0 && !isSigned) return void judgeAll();
  return (async () => {
    for (const entry of proposed) await takeAttachments(entry, attachment, hearing);
    if (isSigned) await checkSignatures(hearing, verify);
    judgeAll();
  })();
}

/** Counts every decision of a command that was judged, and tells of it. */
function tellVerdicts({ command, findings: found }: Hearing, onJudged: ConformanceInput['onJudged']): void {
  for (const entry of command.entries) {
    const { kind, attests } = decisionIn(entry, command);
    const { faults = [], uncheckable = [] } = found.about(entry.seq) ?? {};
    const verdict =
      faults.length > 0
        ? 'at-fault'
        : uncheckable.length > 0
          ? 'not-checkable'
          : attests.length > 0
            ? 'attested'
            : 'conformant';
    found.count(kind, verdict);
    // It came in as an audited entry; its data are JSON, which an interface cannot show.
    onJudged?.({ entry: entry as unknown as AuditedEntry, kind, verdict, attests, faults, uncheckable });
  }
}

/** A broker that is gone leaves its openings to another, which settles them soon. */
const LONGEST_UNSETTLED_MS = 600_000;

function judgeUnsettled(state: AuditState, found: ReturnType<typeof findings>): void {
  for (const session of openSessions(state)) {
    const late = state.timeMs - session.settleByMs;
    if (late <= LONGEST_UNSETTLED_MS) continue;
    found.fault(session.seq, 'session-is-settled', `what became of it was due ${late} ms ago`);
    found.count('settle', 'at-fault');
  }
}

const openSessions = (state: AuditState) =>
  [...state.requests.values()]
    .flatMap(({ grants }) => [...grants.values()])
    .flatMap(({ sessions }) => [...sessions.values()])
    .filter(({ outcome }) => outcome === 'opening');

const unvouchedKeys = (state: AuditState): readonly UnvouchedKey[] =>
  [...state.people]
    .flatMap(([person, { factors }]) =>
      [...factors]
        .filter(([, { passkey, isVouchedFor }]) => passkey !== null && !isVouchedFor)
        .map(([factor, { seq }]) => ({ person, factor, seq })),
    )
    .toSorted((left, right) => left.seq - right.seq);

function conclude(state: AuditState, found: ReturnType<typeof findings>, entries: number): Conformance {
  const judgedAll = entries > 0 && found.uncheckableCount() === 0;
  return {
    verdict: 'conformant',
    passed: found.faultCount() > 0 ? false : judgedAll ? true : 'not-reached',
    rules_version: auditRulesVersion,
    entries,
    faults: found.faults.toSorted((left, right) => left.seq - right.seq),
    fault_count: found.faultCount(),
    attested: found.attested,
    signed: found.signed,
    unvouched_keys: unvouchedKeys(state),
    not_checkable: found.uncheckable,
    not_checkable_count: found.uncheckableCount(),
    erased_texts: found.erased.texts,
    decisions: Object.fromEntries(found.decisions),
    unsettled: openSessions(state).map(({ seq }) => seq),
    overdue_reviews: overdueEmergencies(state.emergencies.values(), state.timeMs).map(
      ({ request }) => request,
    ),
  };
}
