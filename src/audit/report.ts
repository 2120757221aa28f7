import { base64 } from '../log/bytes.ts';
import type { JsonObject } from '../log/json.ts';
import type { CompleteVerdict, IntactVerdict } from '../log/verify.ts';
import type { Fault } from '../log/verify-range.ts';
import { judgedSince } from './audit-rules.ts';
import type { Conformance } from './conformance.ts';
import { safeText } from './safe-text.ts';
import type { Verdict } from './verdict.ts';

/** The three verdicts, side by side and never merged. */
export interface AuditReport {
  /** How many entries the log has. */
  readonly size: number;
  readonly intact: IntactVerdict;
  readonly complete: CompleteVerdict;
  /** undefined: not judged, since what is not intact cannot be read as decisions. */
  readonly conformant: Conformance | undefined;
  /** The log policy came with the export, so that the log says itself whom to believe. */
  readonly isSelfDeclared: boolean;
}

const signs = { true: '✓', false: '✗', 'not-reached': '?' } as const;
const sign = (passed: boolean | 'not-reached'): string => signs[`${passed}`];

/** For a terminal: one line a verdict, then what could not be judged. */
export function reportText(report: AuditReport): string {
  const lines = [
    `intact      ${intactText(report.intact)}`,
    `complete    ${completeText(report)}`,
    `conformant  ${conformantText(report.conformant)}`,
    ...remarks(report.conformant).map((remark) => `            ${remark}`),
  ];
  return `${lines.join('\n')}\n`;
}

function intactText({ passed, fault, why }: IntactVerdict): string {
  if (passed) return '✓ chain, tree, signatures';
  return `✗ ${fault === undefined ? why : sayFault(fault)}`;
}

/** An entry is bound by the one after it, so a change shows there: the entry before is the one to look at. */
function sayFault({ seq, reason }: Fault): string {
  if (reason === 'wrong-prev' && seq > 0)
    return `entry #${seq - 1}: hash differs from the one that #${seq} was bound to`;
  if (reason === 'root-differs') return `entry #${seq}: the tree’s root differs from the one that was signed`;
  return `entry #${seq}: ${reason.replaceAll('-', ' ')}`;
}

function completeText({ complete, size, isSelfDeclared }: AuditReport): string {
  const { passed, coveredSize, why, quorum } = complete;
  if (passed !== true) return `${sign(passed)} ${why}`;
  const witnesses =
    quorum?.required === true
      ? `${quorum.witnesses.join(', ')}${isSelfDeclared ? ' (self-declared)' : ''}`
      : '';
  const by = witnesses === '' ? 'the kept checkpoint' : `the witnesses ${witnesses}`;
  const watched = coveredSize >= size ? `✓ all ${size}, by ${by}` : `✓ first ${coveredSize}, by ${by}`;
  return coveredSize >= size ? watched : `${watched}   ? ${span(coveredSize, size - 1)}: nobody watched`;
}

const span = (first: number, last: number): string =>
  first === last ? `#${first}` : last === first + 1 ? `#${first} #${last}` : `#${first} to #${last}`;

function conformantText(verdict: Conformance | undefined): string {
  if (verdict === undefined) return '? not judged: the log is not intact';
  const [first] = verdict.faults;
  if (first !== undefined) {
    const more = verdict.fault_count > 1 ? `, and ${verdict.fault_count - 1} more` : '';
    return `✗ entry #${first.seq}: ${first.rule}: ${safeText(first.why)}${more}`;
  }
  const [missing] = verdict.not_checkable;
  if (missing !== undefined) return `? entry #${missing.seq} cannot be checked: ${safeText(missing.why)}`;
  if (verdict.passed !== true) return '? there is nothing to judge';
  const { attested, signed } = verdict;
  const factors = [
    ...(signed.passkey_proofs > 0 ? ['passkeys: signed'] : []),
    ...(attested.totp_proofs > 0 ? ['TOTP: attested, not signed'] : []),
  ].join('; ');
  return `✓ ticket, factor, reviewer, limit${factors === '' ? '' : ` (${factors})`}`;
}

/** More of them than that are for the JSON. */
const LISTED_KEYS = 10;

function remarks(verdict: Conformance | undefined): string[] {
  if (verdict === undefined) return [];
  const { unsettled, overdue_reviews, erased_texts, attested, signed, unvouched_keys, rules_version } =
    verdict;
  return [
    ...(unsettled.length > 0 ? [`? not settled yet: ${unsettled.map((seq) => `#${seq}`).join(' ')}`] : []),
    ...(overdue_reviews.length > 0
      ? [`? emergencies not reviewed in time: ${overdue_reviews.join(' ')}`]
      : []),
    ...(erased_texts > 0
      ? [`not checkable: what was erased (${erased_texts} texts); no rule rests on it`]
      : []),
    ...(signed.passkey_proofs > 0
      ? [`signed, and checked here: ${signed.passkey_proofs} times with a passkey`]
      : []),
    ...(unvouched_keys.length > 0
      ? [
          `passkeys that no other human stands behind: ${unvouched_keys
            .slice(0, LISTED_KEYS)
            .map(({ factor, seq }) => `${factor} (#${seq})`)
            .join(
              ' ',
            )}${unvouched_keys.length > LISTED_KEYS ? ` and ${unvouched_keys.length - LISTED_KEYS} more` : ''}`,
        ]
      : []),
    `by the broker's word: ${attested.totp_proofs} codes, ${attested.ticket_checks} ticket checks, ` +
      `${attested.group_memberships} group memberships; rules version ${rules_version}`,
    `decisions: ${decisionsText(verdict)}`,
  ];
}

const words = {
  conformant: 'conformant',
  attested: 'attested',
  'not-checkable': 'not checkable',
  'at-fault': 'at fault',
} as const satisfies Record<Verdict, string>;

function decisionsText({ decisions }: Conformance): string {
  const each = Object.entries(words).map(([verdict, said]) => {
    // Object.entries forgets that the keys are verdicts.
    const count = Object.values(decisions).reduce((sum, counts) => sum + counts[verdict as Verdict], 0);
    return `${count} ${said}`;
  });
  return each.join(', ');
}

/** For machines: the same, whole. */
export function reportJson({ size, intact, complete, conformant, isSelfDeclared }: AuditReport): JsonObject {
  const checkpoint = intact.checkpoint;
  return {
    size,
    intact: {
      passed: intact.passed,
      why: intact.why,
      first_fault: intact.fault === undefined ? null : { ...intact.fault },
      root: checkpoint === undefined ? null : base64(checkpoint.root),
      signed_by: intact.signedBy ?? null,
    },
    complete: {
      passed: complete.passed,
      why: complete.why,
      covered_size: complete.coveredSize,
      witnesses: complete.quorum?.witnesses ?? [],
      self_declared: isSelfDeclared,
    },
    conformant:
      conformant === undefined
        ? { passed: 'not-reached', why: 'the log is not intact' }
        : conformanceJson(conformant),
  };
}

function conformanceJson({
  verdict: _name,
  faults,
  attested,
  signed,
  unvouched_keys,
  not_checkable,
  decisions,
  ...counts
}: Conformance): JsonObject {
  return {
    ...counts,
    faults: faults.map((fault) => ({ ...fault, since: judgedSince(fault.rule) })),
    attested: { ...attested },
    signed: { ...signed },
    unvouched_keys: unvouched_keys.map((one) => ({ ...one })),
    decisions: Object.fromEntries(Object.entries(decisions).map(([kind, counted]) => [kind, { ...counted }])),
    not_checkable: not_checkable.map((one) => ({ ...one })),
  };
}

/** Whether nothing was found at fault: what was not reached is no fault, and no pass either. */
export const isFaultless = ({ intact, complete, conformant }: AuditReport): boolean =>
  intact.passed && complete.passed !== false && conformant?.passed !== false;
