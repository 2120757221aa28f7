import type { AuditRule } from './audit-rules.ts';

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

/** Listed at most this many of each kind; all are counted. */
export const LISTED_AT_MOST = 100;

export interface Findings {
  readonly faults: readonly Fault[];
  readonly faultCount: () => number;
  readonly uncheckable: readonly NotCheckable[];
  readonly uncheckableCount: () => number;
  readonly attested: Attested;
  readonly erased: { texts: number };
  fault(seq: number, rule: AuditRule, why: string): void;
  notCheckable(seq: number, why: string): void;
}

export function findings(): Findings {
  const faults: Fault[] = [];
  const uncheckable: NotCheckable[] = [];
  const counts = { faults: 0, uncheckable: 0 };
  return {
    faults,
    uncheckable,
    faultCount: () => counts.faults,
    uncheckableCount: () => counts.uncheckable,
    attested: { totp_proofs: 0, ticket_checks: 0, group_memberships: 0 },
    erased: { texts: 0 },
    fault(seq, rule, why) {
      counts.faults++;
      if (faults.length < LISTED_AT_MOST) faults.push({ seq, rule, why });
    },
    notCheckable(seq, why) {
      counts.uncheckable++;
      if (uncheckable.length < LISTED_AT_MOST) uncheckable.push({ seq, why });
    },
  };
}
