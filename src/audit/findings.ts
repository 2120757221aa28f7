import type { AuditRule } from './audit-rules.ts';
import { noVerdicts, type Verdict, type VerdictCounts } from './verdict.ts';

export interface Fault {
  readonly seq: number;
  readonly rule: AuditRule;
  readonly why: string;
}

/** A fact the log does not hold, so that nobody can say whether it was right. */
export interface NotCheckable {
  readonly seq: number;
  readonly why: string;
}

/** Facts that rest on the broker's word, counted. */
export interface Attested {
  totp_proofs: number;
  ticket_checks: number;
  group_memberships: number;
}

/** Facts that whoever has the log checks for themselves, counted. */
export interface Signed {
  passkey_proofs: number;
}

/** Listed at most this many of each kind; all are counted. */
export const LISTED_AT_MOST = 100;

export interface AboutEntry {
  readonly faults: Fault[];
  readonly uncheckable: NotCheckable[];
}

export interface Findings {
  readonly faults: readonly Fault[];
  readonly faultCount: () => number;
  readonly uncheckable: readonly NotCheckable[];
  readonly uncheckableCount: () => number;
  readonly attested: Attested;
  readonly signed: Signed;
  readonly erased: { texts: number };
  /** By kind of decision. */
  readonly decisions: ReadonlyMap<string, VerdictCounts>;
  /** Everything found about one entry since `beginCommand`; undefined: nothing. */
  about(seq: number): AboutEntry | undefined;
  /** Entries are judged command by command: what was found before is counted, and no more asked for. */
  beginCommand(): void;
  count(kind: string, verdict: Verdict): void;
  fault(seq: number, rule: AuditRule, why: string): void;
  notCheckable(seq: number, why: string): void;
}

export function findings(): Findings {
  const faults: Fault[] = [];
  const uncheckable: NotCheckable[] = [];
  const counts = { faults: 0, uncheckable: 0 };
  const decisions = new Map<string, VerdictCounts>();
  const ofCommand = new Map<number, AboutEntry>();
  const aboutEntry = (seq: number): AboutEntry => {
    const about = ofCommand.get(seq) ?? { faults: [], uncheckable: [] };
    ofCommand.set(seq, about);
    return about;
  };
  return {
    faults,
    uncheckable,
    faultCount: () => counts.faults,
    uncheckableCount: () => counts.uncheckable,
    signed: { passkey_proofs: 0 },
    attested: { totp_proofs: 0, ticket_checks: 0, group_memberships: 0 },
    erased: { texts: 0 },
    decisions,
    about: (seq) => ofCommand.get(seq),
    beginCommand() {
      if (ofCommand.size > 0) ofCommand.clear();
    },
    count(kind, verdict) {
      const counted = decisions.get(kind) ?? noVerdicts();
      counted[verdict]++;
      decisions.set(kind, counted);
    },
    fault(seq, rule, why) {
      counts.faults++;
      aboutEntry(seq).faults.push({ seq, rule, why });
      if (faults.length < LISTED_AT_MOST) faults.push({ seq, rule, why });
    },
    notCheckable(seq, why) {
      counts.uncheckable++;
      aboutEntry(seq).uncheckable.push({ seq, why });
      if (uncheckable.length < LISTED_AT_MOST) uncheckable.push({ seq, why });
    },
  };
}
