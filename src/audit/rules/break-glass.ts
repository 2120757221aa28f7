import { base64 } from '../../log/bytes.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { inCommand } from '../command.ts';
import { atFault, type Checks, type Hearing, nothing, trial, type Unheard } from '../hearing.ts';
import type { Emergency } from '../state.ts';
import { rememberNonce, statementRules } from './statement.ts';

type Used = 'countersign.break-glass.used.v1';
type Reviewed = 'countersign.break-glass.reviewed.v1';

const isPaid = ({ reviewers, reviewPeople }: Emergency): boolean => reviewers.size >= reviewPeople;

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
      const debt = debts.find(({ person, incident }) => person === data.person && incident !== data.incident);
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
  'break-glass-reviewer-is-somebody-else': ({ data }, emergency) =>
    data.by.kind !== 'human'
      ? 'only a human reviews'
      : data.reviewer === emergency.person
        ? `${data.reviewer} had the emergency`
        : emergency.reviewers.has(data.reviewer)
          ? `${data.reviewer} reviewed it before`
          : undefined,
  'break-glass-reviewer-is-in-the-group': ({ data }, { reviewFrom }) =>
    data.groups.includes(reviewFrom)
      ? undefined
      : `it wants ${reviewFrom}; the groups then were ${data.groups.join(', ') || 'none'}`,
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
