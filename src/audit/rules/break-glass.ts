import type { Policy } from '../../domain/policy/policy.ts';
import { base64 } from '../../log/bytes.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { inCommand } from '../command.ts';
import { atFault, type Checks, type Hearing, nothing, trial, type Unheard } from '../hearing.ts';
import { groupsHeld, isOver } from '../membership.ts';
import { areOneHuman, sameHumanAmong } from '../one-human.ts';
import type { Emergency, RuleInForce } from '../state.ts';
import { rememberNonce, statementRules } from './statement.ts';

const used = 'countersign.break-glass.used.v1';
type Used = typeof used;
type Reviewed = 'countersign.break-glass.reviewed.v1';

const isPaid = ({ reviewers, reviewPeople }: Emergency): boolean => reviewers.size >= reviewPeople;

type Submitted = 'countersign.request.submitted.v1';
type Mark = NonNullable<JudgedEntry<Submitted>['data']['break_glass']>['marks'][number];

/** What each mark says the emergency went without, and what the policy must let be down for it. */
const withoutWhat = {
  'ticket-unverified': 'ticket',
  unwitnessed: 'witness',
  'membership-cached': 'identity-provider',
} as const satisfies Record<Mark, string>;

/** Why an ask may be no emergency, or not go without what it says it went without. */
export function unfitEmergency(
  { data }: JudgedEntry<Submitted>,
  { rule }: RuleInForce,
  { command }: Hearing,
): string | undefined {
  if (data.break_glass === null) return undefined;
  if (data.by.kind !== 'human') return 'a workload has no emergencies';
  const allowed = rule.break_glass;
  if (allowed === null) return 'the policy has none for it';
  const missed = data.break_glass.marks.map((mark) => withoutWhat[mark]);
  const forbidden = missed.find((what) => !allowed.without.includes(what));
  if (forbidden !== undefined) return `the policy lets no emergency go without the ${forbidden}`;
  const down = inCommand(command, used).flatMap((entry) => entry.data.down.map(({ what }) => what));
  const unmarked = down.find((what) => !missed.includes(what));
  if (unmarked !== undefined)
    return `the ${unmarked} is said to have been down, and no mark of the request says so`;
  // A ticket may go unverified although its source answered; the others are marked for having been down alone.
  const unseen = missed.find((what) => what !== 'ticket' && !down.includes(what));
  return unseen && `it went without the ${unseen}, and does not say how that was seen to be down`;
}

/** Emergencies whose review should have happened by then. */
export const overdueEmergencies = (emergencies: Iterable<Emergency>, atMs: number): Emergency[] =>
  [...emergencies].filter((emergency) => !isPaid(emergency) && atMs >= emergency.reviewByMs);

export const judgeBreakGlassUsed = trial<Used, object>({
  subjectOf: nothing,
  checks: {
    'break-glass-is-recorded': ({ data }, _, { command }) =>
      submittedWith(data.request, command)?.data.break_glass == null
        ? 'no emergency was asked for in the same command'
        : undefined,
    'break-glass-debt-is-paid': ({ data }, _, { state }) => {
      const debts = overdueEmergencies(state.emergencies.values(), data.decided_at_ms);
      const debt = debts.find(
        ({ person, incident }) => incident !== data.incident && areOneHuman(state, person, data.person),
      );
      return debt && `${debt.request} of another incident was not reviewed in time`;
    },
  },
  remember({ data }, { state, command }) {
    forgetPaid(state);
    const submitted = submittedWith(data.request, command);
    state.emergencies.set(data.request, {
      request: data.request,
      requestLeaf: submitted === undefined ? '' : base64(submitted.leafHash),
      person: data.person,
      entitlement: data.entitlement,
      incident: data.incident,
      reviewByMs: data.review_by_ms,
      reviewFrom: data.review_from,
      reviewPeople: data.review_people,
      reviewers: new Set(),
    });
  },
});

const NINETY_DAYS_MS = 90 * 86_400_000;

/** A further review may come after enough of them; not for ever. */
function forgetPaid({ emergencies, timeMs }: Hearing['state']): void {
  for (const [request, emergency] of emergencies) {
    if (isPaid(emergency) && emergency.reviewByMs + NINETY_DAYS_MS < timeMs) emergencies.delete(request);
  }
}

const submittedWith = (request: string, command: Hearing['command']) =>
  inCommand(command, 'countersign.request.submitted.v1').find(({ data }) => data.request === request);

const reviewedRules: Checks<Reviewed, Emergency> = {
  ...statementRules,
  'break-glass-reviewer-is-somebody-else': ({ data }, emergency, { state }) => {
    if (data.by.kind !== 'human') return 'only a human reviews';
    if (areOneHuman(state, data.reviewer, emergency.person)) return `${data.reviewer} had the emergency`;
    const before = sameHumanAmong(state, emergency.reviewers, data.reviewer);
    return before && `${before} reviewed it before`;
  },
  'break-glass-reviewer-is-in-the-group': notInTheGroup,
  'statement-is-what-stands': ({ data }, emergency) => {
    const { statement } = data;
    const stands =
      statement.purpose === 'review-break-glass' &&
      statement.request === data.request &&
      statement.request_leaf === emergency.requestLeaf &&
      statement.requester === emergency.person &&
      data.person === emergency.person &&
      statement.reviewer === data.reviewer &&
      statement.verdict === data.verdict;
    return stands ? undefined : 'what was signed is not this emergency';
  },
};

function notInTheGroup(
  { data }: JudgedEntry<Reviewed>,
  emergency: Emergency,
  { state }: Hearing,
): string | undefined {
  const policy = state.policy?.policy;
  const held = policy && groupsHeld(policy, data.reviewer, data.groups, data.decided_at_ms);
  const wanted = policy ? inWhoseHands(policy, emergency, state, data.decided_at_ms) : emergency.reviewFrom;
  return (held ?? data.groups).includes(wanted)
    ? undefined
    : `it wants ${wanted}; the groups then were ${data.groups.join(', ') || 'none'}`;
}

/**
 * An emergency stays with the group it was used under while that is anybody but who had it; then it is with the group
 * of its entitlement, and at last with the administrators.
 */
function inWhoseHands(policy: Policy, emergency: Emergency, state: Hearing['state'], atMs: number): string {
  const { entitlements, groups, administrators } = policy;
  const now = Object.hasOwn(entitlements, emergency.entitlement)
    ? entitlements[emergency.entitlement]?.break_glass?.review.from
    : undefined;
  for (const name of [emergency.reviewFrom, ...(now === undefined ? [] : [now])]) {
    const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
    if (group === undefined || isOver(group.until, atMs)) continue;
    const listed = group.people?.filter(({ until }) => !isOver(until, atMs));
    if (listed?.every(({ person }) => areOneHuman(state, person, emergency.person)) !== true) return name;
  }
  return administrators.from;
}

export const judgeBreakGlassReviewed = trial<Reviewed, Emergency>({
  subjectOf: knownEmergency,
  checks: reviewedRules,
  remember(entry, hearing) {
    rememberNonce(entry, hearing);
    hearing.findings.attested.group_memberships++;
    hearing.state.emergencies.get(entry.data.request)?.reviewers.add(entry.data.reviewer);
  },
});

function knownEmergency({ data }: JudgedEntry<Reviewed>, { state }: Hearing): Emergency | Unheard {
  return (
    state.emergencies.get(data.request) ??
    atFault('break-glass-is-recorded', `there is no emergency ${data.request} to be reviewed`)
  );
}
