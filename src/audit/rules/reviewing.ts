import type { JudgedEntry } from '../audited-entry.ts';
import { ticketFactsOf } from '../command.ts';
import { type Checks, type Hearing, trial } from '../hearing.ts';
import { lastingGroups, ruleInForce } from '../rule-in-force.ts';
import { outside, sameScope } from '../scope.ts';
import { openStage } from '../state.ts';
import { closeRequest } from './closing.ts';
import { type Known, knownRequest } from './known-request.ts';
import { rememberNonce, statementRules } from './statement.ts';
import { type TicketCase, ticketMisfit, ticketMissing, ticketUnvouched } from './ticket.ts';

type Reviewed = 'countersign.request.reviewed.v1';
type ReviewedEntry = JudgedEntry<Reviewed>;

const rules: Checks<Reviewed, Known> = {
  ...statementRules,
  'request-is-pending': ({ data }, { request }) =>
    request.outcome !== 'pending'
      ? `it was ${request.outcome}`
      : data.decided_at_ms >= request.reviewByMs
        ? 'its time for review had passed'
        : undefined,
  'reviewer-is-human': ({ data }) =>
    data.by.kind === 'human' ? undefined : `${data.reviewer} is a ${data.by.kind}`,
  'approver-is-not-requester': ({ data }, { request }) =>
    data.reviewer === request.person ? `${data.reviewer} asked for it` : undefined,
  'reviewer-is-in-the-stage-group': ({ data }, { request, rule }) => {
    const group = request.stages[data.stage]?.from;
    return group !== undefined && lastingGroups(rule, data.groups, data.decided_at_ms).includes(group)
      ? undefined
      : `the stage wants ${group ?? 'nobody'}; the groups then were ${data.groups.join(', ') || 'none'}`;
  },
  'reviewer-has-not-reviewed-before': ({ data }, { request }) =>
    request.reviews.some(({ reviewer }) => reviewer === data.reviewer)
      ? `${data.reviewer} signed it before`
      : undefined,
  'reviewer-sponsors-not-the-workload': sponsors,
  'stages-come-in-order': ({ data }, { request }) => {
    const open = openStage(request);
    return data.stage === open
      ? undefined
      : `stage ${data.stage} was signed while stage ${open ?? 'none'} was open`;
  },
  'review-only-narrows': ({ data }, { request }) => {
    if (data.seconds > request.seconds) return `${data.seconds} s, of ${request.seconds} asked for`;
    const more = outside(data.scope, request.scope);
    return more && `nobody asked for ${more}`;
  },
  'policy-is-in-force': ({ data }, _, { state }) =>
    data.policy_digest === state.policy?.digest ? undefined : `in force is ${state.policy?.digest}`,
  'rule-is-unchanged-since-asking': changed,
  'statement-is-what-stands': differs,
  'ticket-is-given-when-required': forApproval(ticketMissing),
  'ticket-fits-the-rule': forApproval(ticketMisfit),
  'ticket-has-another-voucher': forApproval(ticketUnvouched),
};

export const judgeReviewed = trial<Reviewed, Known>({
  subjectOf: knownRequest,
  checks: rules,
  remember(entry, hearing) {
    const { reviewer, stage, verdict, scope, seconds } = entry.data;
    hearing.findings.attested.group_memberships++;
    rememberNonce(entry, hearing);
    const request = hearing.state.requests.get(entry.data.request);
    request?.reviews.push({ reviewer, stage, verdict, scope, seconds });
    if (request === undefined || verdict === 'approve' || request.outcome !== 'pending') return;
    request.outcome = 'denied';
    closeRequest(request, hearing.state);
  },
});

function sponsors({ data }: ReviewedEntry, { request, rule }: Known): string | undefined {
  if (!request.byWorkload) return undefined;
  const own = Object.values(rule.workloads).find(({ sponsor }) => data.groups.includes(sponsor))?.sponsor;
  return own && `${data.reviewer} is in ${own}, which answers for a workload of this rule`;
}

/** A denial stays possible whatever has changed. */
function changed(
  { data }: ReviewedEntry,
  { request }: Known,
  { state, hasher }: Hearing,
): string | undefined {
  if (data.rule_digest !== request.ruleDigest) return 'it names another rule than the request';
  if (data.verdict === 'deny') return undefined;
  const now = ruleInForce(state, hasher, request.entitlement)?.digest;
  return now === request.ruleDigest ? undefined : `the rule in force is ${now ?? 'gone'}`;
}

function differs(entry: ReviewedEntry, { request }: Known, { command }: Hearing): string | undefined {
  const { data } = entry;
  const { statement } = data;
  if (statement.purpose !== 'review') return `the statement is for ${statement.purpose}`;
  if (statement.request !== request.request || statement.request_leaf !== request.leaf)
    return 'it is about another request';
  if (statement.requester !== request.person) return `it names ${statement.requester} as requester`;
  if (statement.reviewer !== data.reviewer) return `it names ${statement.reviewer} as reviewer`;
  for (const field of ['verdict', 'stage', 'seconds', 'policy_digest', 'rule_digest'] as const) {
    if (statement[field] !== data[field]) return `${field} is ${data[field]}, signed was ${statement[field]}`;
  }
  if (!sameScope(statement.scope, data.scope)) return 'the scope is not the one that was signed';
  const ticket = ticketFactsOf(command, request.request)?.response_digest ?? null;
  return ticket === statement.ticket_digest || (ticket === null && data.verdict === 'deny')
    ? undefined
    : 'the ticket is not the one that was signed for';
}

function forApproval(check: (ticket: TicketCase) => string | undefined) {
  return ({ data }: ReviewedEntry, { request, rule }: Known, { command }: Hearing) =>
    data.verdict === 'deny'
      ? undefined
      : check({ rule, request: request.request, mayLackTicket: false, command, atMs: data.decided_at_ms });
}
