import type { EventType } from '../domain/events.ts';
import type { Hasher } from '../log/hasher.ts';
import type { AuditRule } from './audit-rules.ts';
import type { JudgedEntry } from './audited-entry.ts';
import type { Command } from './command.ts';
import type { Findings } from './findings.ts';
import type { CheckedSignature } from './passkey/read-assertion.ts';
import type { AuditState } from './state.ts';

/** All that a rule may look at beside its entry. */
export interface Hearing {
  readonly state: AuditState;
  readonly command: Command;
  readonly hasher: Hasher;
  readonly findings: Findings;
  /** Every passkey’s signature of the command, checked against the keys that the log held before it. */
  readonly signatures: Map<string, CheckedSignature>;
}

/** A sentence that says why the entry is at fault; undefined: it is not. */
export type Check<T extends EventType, Subject> = (
  entry: JudgedEntry<T>,
  subject: Subject,
  hearing: Hearing,
) => string | undefined;

export type Checks<T extends EventType, Subject> = { readonly [R in AuditRule]?: Check<T, Subject> };

/** Why an entry's own rules cannot be applied at all. */
export type Unheard =
  | { readonly unheard: 'fault'; readonly rule: AuditRule; readonly why: string }
  | { readonly unheard: 'not-checkable'; readonly why: string };

export const atFault = (rule: AuditRule, why: string): Unheard => ({ unheard: 'fault', rule, why });
export const notCheckable = (why: string): Unheard => ({ unheard: 'not-checkable', why });

const isUnheard = (subject: object): subject is Unheard => 'unheard' in subject;

export interface Trial<T extends EventType, Subject extends object> {
  /** What the rules compare the entry with. */
  readonly subjectOf: (entry: JudgedEntry<T>, hearing: Hearing) => Subject | Unheard;
  readonly checks: Checks<T, Subject>;
  /** Faults or not, the story goes on from here. */
  readonly remember: (entry: JudgedEntry<T>, hearing: Hearing) => void;
}

export interface Judge<T extends EventType> {
  (entry: JudgedEntry<T>, hearing: Hearing): void;
  /** By which rules, beside those of every entry. */
  readonly rules: readonly AuditRule[];
}

/** Applies every rule of one type of entry, then remembers the entry. */
export function trial<T extends EventType, Subject extends object>(parts: Trial<T, Subject>): Judge<T> {
  // Object.entries forgets the names' type: they are exactly those of `Checks`.
  const checks = Object.entries(parts.checks) as unknown as [AuditRule, Check<T, Subject>][];
  const judge = (entry: JudgedEntry<T>, hearing: Hearing): void => {
    const { findings } = hearing;
    const subject = parts.subjectOf(entry, hearing);
    if (isUnheard(subject)) {
      if (subject.unheard === 'fault') findings.fault(entry.seq, subject.rule, subject.why);
      else findings.notCheckable(entry.seq, subject.why);
    } else {
      for (const [rule, check] of checks) {
        const why = check(entry, subject, hearing);
        if (why !== undefined) findings.fault(entry.seq, rule, why);
      }
    }
    parts.remember(entry, hearing);
  };
  return Object.assign(judge, { rules: checks.map(([rule]) => rule) });
}

/** For entries with nothing to compare with. */
export const nothing = () => ({});
