import type { Delegation } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { ticketFactsOf } from '../command.ts';
import { type Checks, type Hearing, trial } from '../hearing.ts';
import { groupsHeld, isOver } from '../membership.ts';
import { areOneHuman, hasLeft, sameHumanAmong } from '../one-human.ts';
import { ruleInForce } from '../rule-in-force.ts';
import { commonScope, outside, sameScope } from '../scope.ts';
import { openStage, type RequestState } from '../state.ts';
import { lacksGrants, signedByAll } from './approving.ts';
import { closeRequest } from './closing.ts';
import { type Known, knownRequest } from './known-request.ts';
import { sponsorByAnotherLogin } from './sponsoring.ts';
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
  'approver-is-not-requester': ({ data }, { request }, { state }) => {
    if (areOneHuman(state, data.reviewer, request.person)) return `${request.person} asked for it`;
    const gets = sameHumanAmong(state, request.people, data.reviewer);
    return gets && `it was asked for ${gets}`;
  },
  'reviewer-is-in-the-stage-group': hasNoRight,
  'escalation-has-waited': escalatedTooEarly,
  'delegation-lasts': delegatedOnAnotherDay,
  'reviewer-has-not-reviewed-before': ({ data }, { request }, { state }) => {
    const before = sameHumanAmong(
      state,
      request.reviews.map(({ reviewer }) => reviewer),
      data.reviewer,
    );
    return before && `${before} signed it before`;
  },
  'reviewer-sponsors-not-the-workload': sponsors,
  'stages-come-in-order': ({ data }, { request }) => {
    const open = openStage(request)?.stage;
    return data.stage === open
      ? undefined
      : `stage ${data.stage} was signed while stage ${open ?? 'none'} was open`;
  },
  'person-has-not-left': ({ data }, { request }, { state }) => {
    if (data.verdict === 'deny') return undefined;
    const gone = [request.person, ...request.people].find((person) => hasLeft(state, person));
    return gone && `it is asked by or for ${gone}, who has left`;
  },
  'extended-grant-was-not-revoked': ({ data }, { request }) =>
    data.verdict === 'approve' && request.extended?.wasTakenAway
      ? `it carries on ${request.extended.grant}, which was taken away`
      : undefined,
  'review-only-narrows': ({ data }, { request }) => {
    if (data.seconds > request.seconds) return `${data.seconds} s, of ${request.seconds} asked for`;
    const more = outside(data.scope, request.scope);
    if (more !== undefined) return `nobody asked for ${more}`;
    return commonScope(signedByAll(request), data.scope).length > 0
      ? undefined
      : 'it leaves nothing to be approved';
  },
  'policy-is-in-force': ({ data }, _, { state }) =>
    data.policy_digest === state.policy?.digest ? undefined : `in force is ${state.policy?.digest}`,
  'rule-is-unchanged-since-asking': changed,
  'statement-is-what-stands': differs,
  'ticket-is-given-when-required': forApproval(ticketMissing),
  'ticket-fits-the-rule': forApproval(ticketMisfit),
  'ticket-has-another-voucher': forApproval(ticketUnvouched),
  'every-grant-is-made': ({ data }, { request }, { command }) =>
    data.verdict === 'approve' && completes(data.stage, request) ? lacksGrants(request, command) : undefined,
};

export const judgeReviewed = trial<Reviewed, Known>({
  subjectOf: knownRequest,
  checks: rules,
  remember(entry, hearing) {
    const { reviewer, stage, verdict, scope, seconds, decided_at_ms } = entry.data;
    hearing.findings.attested.group_memberships++;
    rememberNonce(entry, hearing);
    const request = hearing.state.requests.get(entry.data.request);
    request?.reviews.push({
      seq: entry.seq,
      reviewer,
      factor: entry.data.proof.factor,
      stage,
      verdict,
      scope,
      seconds,
      atMs: decided_at_ms,
    });
    if (request === undefined || verdict === 'approve' || request.outcome !== 'pending') return;
    request.outcome = 'denied';
    closeRequest(request, hearing.state);
  },
});

/** Groups that may decide a stage: its own, and the one it escalates to. */
const askedOf = (stage: RequestState['stages'][number] | undefined): string[] =>
  stage === undefined ? [] : [stage.from, ...(stage.escalate === null ? [] : [stage.escalate.to])];

const heldBy = ({ data }: ReviewedEntry, { state }: Hearing): readonly string[] => {
  const policy = state.policy?.policy;
  return policy === undefined ? [] : groupsHeld(policy, data.reviewer, data.groups, data.decided_at_ms);
};

function hasNoRight(entry: ReviewedEntry, { request, rule }: Known, hearing: Hearing): string | undefined {
  const { right, stage, groups } = entry.data;
  const at = request.stages[stage];
  const held = heldBy(entry, hearing);
  const wanted =
    right === 'stage'
      ? at?.from
      : right === 'escalation'
        ? at?.escalate?.to
        : standIns(request, rule, hearing, stage).find(({ to }) => held.includes(to))?.to;
  return wanted !== undefined && held.includes(wanted)
    ? undefined
    : `by ${right}, stage ${stage} wants ${wanted ?? 'nobody'}; the groups then were ${groups.join(', ') || 'none'}`;
}

/** Whoever stands in for a group of the stage, by the rule in force. */
function standIns(
  request: RequestState,
  askedUnder: Known['rule'],
  { state, hasher }: Hearing,
  stage: number,
): readonly Delegation[] {
  const rule = ruleInForce(state, hasher, request.entitlement)?.rule ?? askedUnder;
  const asked = askedOf(request.stages[stage]);
  return (rule.delegates ?? []).filter((delegation) => asked.includes(delegation.for));
}

/** A moment from which the group that a stage escalates to may decide it; undefined: never. */
function escalatesAtMs(request: RequestState, stage: number): number | undefined {
  const open = openStage(request);
  const escalate = request.stages[stage]?.escalate;
  return escalate == null || open?.stage !== stage ? undefined : open.sinceMs + escalate.after_seconds * 1000;
}

function escalatedTooEarly({ data }: ReviewedEntry, { request }: Known): string | undefined {
  if (data.right !== 'escalation') return undefined;
  const fromMs = escalatesAtMs(request, data.stage);
  if (fromMs === undefined) return 'the stage does not escalate';
  return data.decided_at_ms >= fromMs ? undefined : `it escalates ${fromMs - data.decided_at_ms} ms later`;
}

function delegatedOnAnotherDay(
  entry: ReviewedEntry,
  { request, rule }: Known,
  hearing: Hearing,
): string | undefined {
  const { data } = entry;
  if (data.right !== 'delegation') return undefined;
  const held = heldBy(entry, hearing);
  const stage = request.stages[data.stage];
  const escalatedMs = escalatesAtMs(request, data.stage) ?? Number.POSITIVE_INFINITY;
  const isAsked = (group: string) =>
    group === stage?.from || (group === stage?.escalate?.to && data.decided_at_ms >= escalatedMs);
  const lasts = standIns(request, rule, hearing, data.stage).some(
    (delegation) =>
      held.includes(delegation.to) &&
      isAsked(delegation.for) &&
      data.decided_at_ms >= Date.parse(`${delegation.from}T00:00:00.000Z`) &&
      !isOver(delegation.until, data.decided_at_ms),
  );
  return lasts
    ? undefined
    : `nobody in ${data.groups.join(', ') || 'no group'} stands in for ${stage?.from} at that moment`;
}

/** By the rule in force: whoever answers for the workload today may deny what was asked under another sponsor. */
function sponsors(
  { data }: ReviewedEntry,
  { request }: Known,
  { state, hasher }: Hearing,
): string | undefined {
  const rule = ruleInForce(state, hasher, request.entitlement)?.rule;
  if (!request.byWorkload || rule === undefined) return undefined;
  const own = Object.values(rule.workloads).find(({ sponsor }) => data.groups.includes(sponsor))?.sponsor;
  return own === undefined
    ? sponsorByAnotherLogin(state, rule, data.reviewer, data.decided_at_ms)
    : `${data.reviewer} is in ${own}, which answers for a workload of this rule`;
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
  if (!areSameNames(statement.people, request.people)) return 'it is for other people';
  if (!areSameNames(statement.targets, request.targets)) return 'it is for other targets';
  if (statement.start_ms !== request.startMs) return 'it is for another start';
  if (!sameScope(statement.scope, data.scope)) return 'the scope is not the one that was signed';
  return otherTicket(data, statement.ticket_digest, request, command);
}

/** A denial needs no ticket; whatever ticket was looked at has to be the one that was signed for. */
function otherTicket(
  { verdict }: ReviewedEntry['data'],
  signed: string | null,
  { request, people }: RequestState,
  command: Hearing['command'],
): string | undefined {
  const digests = people.map(
    (person) => ticketFactsOf(command, request, person)?.facts.response_digest ?? null,
  );
  const isSigned = digests.every((digest) => digest === signed);
  return isSigned || (verdict === 'deny' && digests.includes(null))
    ? undefined
    : 'the ticket is not the one that was signed for';
}

const areSameNames = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((name, at) => name === right[at]);

/** Whether one more approval of that stage is the last that is wanted. */
function completes(stage: number, request: RequestState): boolean {
  const had = request.reviews.filter((one) => one.stage === stage && one.verdict === 'approve').length;
  return stage === request.stages.length - 1 && had + 1 >= (request.stages[stage]?.people ?? 0);
}

function forApproval(check: (ticket: TicketCase) => string | undefined) {
  return ({ data }: ReviewedEntry, { request, rule }: Known, { command }: Hearing) =>
    data.verdict === 'deny'
      ? undefined
      : check({
          rule,
          request: request.request,
          people: request.people,
          at: 'review',
          mayLackTicket: false,
          command,
          atMs: data.decided_at_ms,
          startMs: request.startMs,
        });
}
