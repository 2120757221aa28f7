import type { JudgedEntry } from '../audited-entry.ts';
import { type Checks, trial } from '../hearing.ts';
import { ruleInForce } from '../rule-in-force.ts';
import { commonScope, type Scope, sameScope } from '../scope.ts';
import { openStage } from '../state.ts';
import { type Known, knownRequest } from './known-request.ts';

type Approved = 'countersign.request.approved.v1';

const rules: Checks<Approved, Known> = {
  'request-is-pending': (_, { request }) =>
    request.outcome === 'pending' ? undefined : `it was ${request.outcome}`,
  'approval-has-its-reviews': (_, { request, rule }) => {
    if (request.breakGlass !== null || rule.review === null) return undefined;
    const open = openStage(request);
    return open === undefined ? undefined : `stage ${open} of ${request.stages.length} lacks people`;
  },
  'grant-is-the-intersection': isMore,
  'policy-is-in-force': ({ data }, _, { state }) =>
    data.policy_digest === state.policy?.digest ? undefined : `in force is ${state.policy?.digest}`,
  'rule-is-unchanged-since-asking': ({ data }, { request }, { state, hasher }) => {
    const now = ruleInForce(state, hasher, request.entitlement)?.digest;
    return data.rule_digest === request.ruleDigest && now === request.ruleDigest
      ? undefined
      : `the rule in force is ${now ?? 'gone'}`;
  },
  'waiting-is-within-limit': ({ data }, { rule }) => {
    const most = data.decided_at_ms + rule.waiting.activation_seconds * 1000;
    return data.activate_by_ms <= most ? undefined : `it may wait ${data.activate_by_ms - most} ms longer`;
  },
};

export const judgeApproved = trial<Approved, Known>({
  subjectOf: knownRequest,
  checks: rules,
  remember({ data }, { state }) {
    const request = state.requests.get(data.request);
    if (request === undefined || request.grant !== undefined) return;
    request.outcome = 'approved';
    request.grant = {
      grant: data.grant,
      scope: data.scope,
      seconds: data.seconds,
      activateByMs: data.activate_by_ms,
      endsAtMs: undefined,
      sessions: new Map(),
      over: 'no',
    };
  },
});

function isMore({ data }: JudgedEntry<Approved>, { request }: Known): string | undefined {
  const approvals = request.reviews.filter(({ verdict }) => verdict === 'approve');
  if (data.person !== request.person) return `${request.person} asked for it`;
  if (data.target !== request.target) return `it was asked for on ${request.target}`;
  const least = Math.min(request.seconds, ...approvals.map(({ seconds }) => seconds));
  if (data.seconds !== least) return `the least duration signed is ${least} s`;
  const common = approvals.reduce<Scope>(
    (left, { scope }) => (sameScope(left, scope) ? left : commonScope(left, scope)),
    request.scope,
  );
  return sameScope(common, data.scope) ? undefined : 'its scope is not what all of them signed';
}
