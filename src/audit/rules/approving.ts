import type { JudgedEntry } from '../audited-entry.ts';
import { type Command, inCommand } from '../command.ts';
import { type Checks, type Hearing, trial } from '../hearing.ts';
import { ruleInForce } from '../rule-in-force.ts';
import { commonScope, type Scope, sameScope } from '../scope.ts';
import { openStage, type RequestState } from '../state.ts';
import { type Known, knownRequest } from './known-request.ts';

type Approved = 'countersign.request.approved.v1';

const rules: Checks<Approved, Known> = {
  'request-is-pending': (_, { request }, { command }) =>
    request.outcome === 'pending' || request.approvedIn === command.id
      ? undefined
      : `it was ${request.outcome}`,
  'approval-has-its-reviews': lacksReviews,
  'grant-is-the-intersection': isMore,
  'grant-is-for-whom-it-was-asked': isForAnother,
  'grant-begins-as-asked': ({ data }, { request }) => {
    const asked = request.startMs !== null && request.startMs > data.decided_at_ms ? request.startMs : null;
    return data.starts_at_ms === asked ? undefined : `asked was a start at ${asked ?? 'once'}`;
  },
  'policy-is-in-force': ({ data }, _, { state }) =>
    data.policy_digest === state.policy?.digest ? undefined : `in force is ${state.policy?.digest}`,
  'rule-is-unchanged-since-asking': ({ data }, { request }, { state, hasher }) => {
    const now = ruleInForce(state, hasher, request.entitlement)?.digest;
    return data.rule_digest === request.ruleDigest && now === request.ruleDigest
      ? undefined
      : `the rule in force is ${now ?? 'gone'}`;
  },
  'waiting-is-within-limit': ({ data }, { rule }) => {
    const fromMs = data.starts_at_ms ?? data.decided_at_ms;
    const most = fromMs + rule.waiting.activation_seconds * 1000;
    return data.activate_by_ms <= most ? undefined : `it may wait ${data.activate_by_ms - most} ms longer`;
  },
};

export const judgeApproved = trial<Approved, Known>({
  subjectOf: knownRequest,
  checks: rules,
  remember({ data }, { state, command }) {
    const request = state.requests.get(data.request);
    if (request === undefined || request.grants.has(data.grant)) return;
    request.outcome = 'approved';
    request.approvedIn ??= command.id;
    request.grants.set(data.grant, {
      grant: data.grant,
      person: data.person,
      target: data.target,
      scope: data.scope,
      seconds: data.seconds,
      startsAtMs: data.starts_at_ms,
      activateByMs: data.activate_by_ms,
      endsAtMs: undefined,
      sessions: new Map(),
      over: 'no',
      overSinceMs: undefined,
      wasTakenAway: false,
    });
  },
});

/** Every stage has its people, and the last of them decided in this very command; or there was nobody to ask. */
function lacksReviews(
  { data }: JudgedEntry<Approved>,
  { request, rule }: Known,
  { command }: Hearing,
): string | undefined {
  const needsNone = request.breakGlass !== null || rule.review === null;
  const cause = needsNone ? 'countersign.request.submitted.v1' : 'countersign.request.reviewed.v1';
  const open = needsNone ? undefined : openStage(request);
  if (open !== undefined) return `stage ${open.stage} of ${request.stages.length} lacks people`;
  return inCommand(command, cause).some((entry) => entry.data.request === data.request)
    ? undefined
    : 'nothing in the same command completed it';
}

function isMore({ data }: JudgedEntry<Approved>, { request }: Known): string | undefined {
  const approvals = request.reviews.filter(({ verdict }) => verdict === 'approve');
  const least = Math.min(request.seconds, ...approvals.map(({ seconds }) => seconds));
  if (data.seconds !== least) return `the least duration signed is ${least} s`;
  return sameScope(signedByAll(request), data.scope) ? undefined : 'its scope is not what all of them signed';
}

/** What every approval so far leaves of what was asked for. */
export const signedByAll = (request: RequestState): Scope =>
  request.reviews
    .filter(({ verdict }) => verdict === 'approve')
    .reduce((left, { scope }) => (sameScope(left, scope) ? left : commonScope(left, scope)), request.scope);

function isForAnother({ data }: JudgedEntry<Approved>, { request }: Known): string | undefined {
  if (!request.people.includes(data.person)) return `it was asked for ${request.people.join(', ')}`;
  if (!request.targets.includes(data.target)) return `it was asked for on ${request.targets.join(', ')}`;
  const twice = [...request.grants.values()].find(
    ({ person, target }) => person === data.person && target === data.target,
  );
  return twice && `${data.person} has ${twice.grant} on ${data.target} already`;
}

/** Why a command that completes a request does not make its grants: one for each person on each target. */
export function lacksGrants(
  asked: Pick<RequestState, 'request' | 'people' | 'targets'>,
  command: Command,
): string | undefined {
  const made = inCommand(command, 'countersign.request.approved.v1').filter(
    ({ data }) => data.request === asked.request,
  ).length;
  const wanted = asked.people.length * asked.targets.length;
  return made === wanted ? undefined : `it made ${made} grants, of ${wanted}`;
}
