import type { EventType } from '../domain/events.ts';
import type { AuditRule } from './audit-rules.ts';
import type { JudgedEntry } from './audited-entry.ts';
import { type Hearing, type Judge, nothing, trial } from './hearing.ts';
import { judgeApproved } from './rules/approving.ts';
import { judgeBreakGlassReviewed, judgeBreakGlassUsed } from './rules/break-glass.ts';
import { forgetClosed } from './rules/closing.ts';
import { judgeConfigured } from './rules/configuring.ts';
import {
  judgeCancelled,
  judgeCutOff,
  judgeEnded,
  judgeGrantExpired,
  judgeRequestExpired,
  judgeRevokeConfirmed,
  judgeRevokeRequested,
  judgeWithdrawn,
} from './rules/ending.ts';
import { judgeErased } from './rules/erasing.ts';
import { everyEntryRules } from './rules/every-entry.ts';
import { judgeGenesis } from './rules/genesis.ts';
import { judgeLeft, judgeReturned } from './rules/leaving.ts';
import { judgeNotified } from './rules/notifying.ts';
import { judgeNudged } from './rules/nudging.ts';
import { judgeOpening } from './rules/opening.ts';
import {
  judgeAuthenticated,
  judgeEnrolled,
  judgeFailedCode,
  judgeRemoved,
  judgeSignedOut,
  judgeUsed,
  judgeVouched,
} from './rules/people.ts';
import { judgePolicySigned, judgeProposed, judgePublished } from './rules/publishing.ts';
import { judgeRefused } from './rules/refusing.ts';
import { judgeRecoveryVouched, judgeReset, judgeResetRequested } from './rules/resetting.ts';
import { judgeReviewed } from './rules/reviewing.ts';
import { judgeFailed, judgeOpened } from './rules/settling.ts';
import { rememberedForMs } from './rules/stream-of.ts';
import { judgeSubmitted } from './rules/submitting.ts';
import { judgeTicketWritten } from './rules/ticket-register.ts';

const judgeTicketChecked = trial<'countersign.ticket.checked.v1', object>({
  subjectOf: nothing,
  checks: {},
  remember: (_, { findings }) => void findings.attested.ticket_checks++,
});

/** Every type has its judge: a new one does not compile until somebody decided how it is judged. */
const judges: { readonly [T in EventType]: Judge<T> } = {
  'countersign.log.genesis.v1': judgeGenesis,
  'countersign.server.configured.v1': judgeConfigured,
  'countersign.text.erased.v1': judgeErased,
  'countersign.person.authenticated.v1': judgeAuthenticated,
  'countersign.person.signed-out.v1': judgeSignedOut,
  'countersign.factor.vouched.v1': judgeVouched,
  'countersign.factor.enrolled.v1': judgeEnrolled,
  'countersign.factor.removed.v1': judgeRemoved,
  'countersign.factor.recovery-vouched.v1': judgeRecoveryVouched,
  'countersign.factor.reset-requested.v1': judgeResetRequested,
  'countersign.factor.reset.v1': judgeReset,
  'countersign.person.left.v1': judgeLeft,
  'countersign.person.returned.v1': judgeReturned,
  'countersign.factor.used.v1': judgeUsed,
  'countersign.factor.failed.v1': judgeFailedCode,
  'countersign.command.refused.v1': judgeRefused,
  'countersign.ticket.written.v1': judgeTicketWritten,
  'countersign.ticket.checked.v1': judgeTicketChecked,
  'countersign.request.submitted.v1': judgeSubmitted,
  'countersign.request.reviewed.v1': judgeReviewed,
  'countersign.request.approved.v1': judgeApproved,
  'countersign.request.nudged.v1': judgeNudged,
  'countersign.request.withdrawn.v1': judgeWithdrawn,
  'countersign.request.cancelled.v1': judgeCancelled,
  'countersign.request.expired.v1': judgeRequestExpired,
  'countersign.session.opening.v1': judgeOpening,
  'countersign.session.opened.v1': judgeOpened,
  'countersign.session.failed.v1': judgeFailed,
  'countersign.grant.ended.v1': judgeEnded,
  'countersign.grant.revoke-requested.v1': judgeRevokeRequested,
  'countersign.grant.cut-off.v1': judgeCutOff,
  'countersign.grant.revoke-confirmed.v1': judgeRevokeConfirmed,
  'countersign.grant.expired.v1': judgeGrantExpired,
  'countersign.break-glass.used.v1': judgeBreakGlassUsed,
  'countersign.break-glass.reviewed.v1': judgeBreakGlassReviewed,
  'countersign.notification.sent.v1': judgeNotified,
  'countersign.policy.proposed.v1': judgeProposed,
  'countersign.policy.signed.v1': judgePolicySigned,
  'countersign.policy.published.v1': judgePublished,
};

/** Which rules judge which type of entry, beside those of every entry: for documentation, and for the tests. */
export const rulesOfTypes: readonly (readonly [type: string, rules: readonly AuditRule[]])[] = Object.entries(
  judges,
).map(([type, { rules }]) => [type, rules]);

/** Judges one entry against all that came before it, and remembers it. */
export function judgeEntry(entry: JudgedEntry, hearing: Hearing): void {
  const { state, findings } = hearing;
  state.timeMs = entry.timeMs;
  for (const [rule, check] of everyEntryRules) {
    const why = check(entry, hearing);
    if (why !== undefined) findings.fault(entry.seq, rule, why);
  }
  // The table's key is the entry's own type; TypeScript does not correlate the two.
  (judges[entry.type] as Judge<EventType>)(entry, hearing);
  state.streams.set(entry.stream, entry.streamVersion, entry.timeMs + rememberedForMs(entry.stream));
  forgetClosed(state);
}
