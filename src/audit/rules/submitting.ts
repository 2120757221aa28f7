import type { ResolvedRule } from '../../domain/policy/policy.ts';
import { base64 } from '../../log/bytes.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { inCommand } from '../command.ts';
import { atFault, type Checks, type Hearing, notCheckable, trial, type Unheard } from '../hearing.ts';
import { lastingGroups, ruleInForce } from '../rule-in-force.ts';
import { outside } from '../scope.ts';
import type { RequestState, RuleInForce } from '../state.ts';
import { notProvedHere } from './factor-proof.ts';
import {
  saysItLacksTicket,
  type TicketCase,
  ticketMisfit,
  ticketMissing,
  ticketUnvouched,
} from './ticket.ts';

type Submitted = 'countersign.request.submitted.v1';
type SubmittedEntry = JudgedEntry<Submitted>;

const rules: Checks<Submitted, RuleInForce> = {
  'policy-is-in-force': ({ data }, _, { state }) =>
    data.policy_digest === state.policy?.digest ? undefined : `in force is ${state.policy?.digest}`,
  'rule-has-its-digest': ({ data }, { digest }) =>
    data.rule_digest === digest ? undefined : `the rule's digest is ${digest}`,
  'request-fits-the-rule': misfitsRule,
  'requester-is-eligible': ({ data }, { rule }) => notEligible(data.groups, rule, data.decided_at_ms),
  'duration-is-within-limit': ({ data }, { rule }) => {
    const most = (data.break_glass === null ? rule.at_most_seconds : rule.break_glass?.at_most_seconds) ?? 0;
    return data.seconds <= most ? undefined : `${data.seconds} s, of at most ${most}`;
  },
  'scope-is-within-entitlement': ({ data }, { rule }) => {
    const more = outside(data.scope, rule.scope);
    return more && `the entitlement does not declare ${more}`;
  },
  'ticket-is-given-when-required': (entry, subject, hearing) =>
    ticketMissing(ticketCase(entry, subject, hearing)),
  'ticket-fits-the-rule': (entry, subject, hearing) => ticketMisfit(ticketCase(entry, subject, hearing)),
  'ticket-has-another-voucher': (entry, subject, hearing) =>
    ticketUnvouched(ticketCase(entry, subject, hearing)),
  'factor-is-proved': notProved,
  'waiting-is-within-limit': ({ data }, { rule }) => {
    const most = data.decided_at_ms + rule.waiting.review_seconds * 1000;
    return data.review_by_ms <= most ? undefined : `it waits ${data.review_by_ms - most} ms longer`;
  },
  'break-glass-is-allowed': ({ data }, { rule }) => {
    if (data.break_glass === null) return undefined;
    if (data.by.kind !== 'human') return 'a workload has no emergencies';
    return rule.break_glass === null ? 'the policy has none for it' : undefined;
  },
  'break-glass-is-recorded': notRecorded,
};

export const judgeSubmitted = trial<Submitted, RuleInForce>({
  subjectOf: subjectOf,
  checks: rules,
  remember(entry, { state, hasher, findings }) {
    findings.attested.group_memberships++;
    const known = ruleInForce(state, hasher, entry.data.entitlement);
    if (!state.requests.has(entry.data.request))
      state.requests.set(entry.data.request, begun(entry, known?.rule));
  },
});

function subjectOf({ data }: SubmittedEntry, { state, hasher }: Hearing): RuleInForce | Unheard {
  if (state.requests.has(data.request))
    return atFault('request-is-over', `${data.request} was asked for before`);
  if (state.policy === undefined) return atFault('policy-is-in-force', 'no policy is in force yet');
  if (state.policy.policy === undefined)
    return notCheckable(`the policy in force, ${state.policy.digest}, is missing`);
  return (
    ruleInForce(state, hasher, data.entitlement) ??
    atFault('entitlement-exists', `no rule for ${data.entitlement}`)
  );
}

function misfitsRule({ data }: SubmittedEntry, { rule }: RuleInForce): string | undefined {
  if (data.target !== rule.target) return `the target of ${rule.entitlement} is ${rule.target}`;
  const spelled = (stages: readonly { readonly people: number; readonly from: string }[]) =>
    stages.map(({ people, from }) => `${people} from ${from}`).join(', then ');
  const expected = spelled(rule.review ?? []);
  return spelled(data.stages) === expected ? undefined : `the rule's stages are ${expected || 'none'}`;
}

/** Also asked at an opening: membership may have been taken away in between. */
export function notEligible(groups: readonly string[], rule: ResolvedRule, atMs: number): string | undefined {
  const lasting = lastingGroups(rule, groups, atMs);
  return rule.eligible.some((name) => lasting.includes(name))
    ? undefined
    : `eligible are ${rule.eligible.join(', ') || 'nobody'}; the groups then were ${groups.join(', ') || 'none'}`;
}

const ticketCase = ({ data }: SubmittedEntry, { rule }: RuleInForce, { command }: Hearing): TicketCase => ({
  rule,
  request: data.request,
  mayLackTicket: saysItLacksTicket(rule, data.break_glass),
  command,
  atMs: data.decided_at_ms,
});

function notProved(entry: SubmittedEntry, { rule }: RuleInForce, hearing: Hearing): string | undefined {
  const { proof, by, key_thumbprint } = entry.data;
  if (proof !== null)
    return notProvedHere(entry, proof, 'request', hearing) ?? otherKey(by, key_thumbprint, hearing);
  return by.kind === 'workload' || rule.factors.request === 'none' ? undefined : 'no factor was shown for it';
}

/** The key that an opening may lean on later must be the sign-in's own. */
function otherKey(
  by: SubmittedEntry['data']['by'],
  thumbprint: string,
  { state }: Hearing,
): string | undefined {
  const signIn = by.kind === 'human' && by.sign_in !== null ? state.signIns.get(by.sign_in) : undefined;
  return signIn === undefined || signIn.keyThumbprint === thumbprint
    ? undefined
    : 'it names another key than its sign-in';
}

function notRecorded(
  { data }: SubmittedEntry,
  { rule }: RuleInForce,
  { command }: Hearing,
): string | undefined {
  const used = inCommand(command, 'countersign.break-glass.used.v1').find(
    (entry) => entry.data.request === data.request,
  );
  if (data.break_glass === null)
    return used === undefined ? undefined : 'it does not say that it is an emergency';
  if (used === undefined) return 'the emergency was not recorded with it';
  const review = rule.break_glass?.review;
  const agrees =
    used.data.review_from === review?.from &&
    used.data.review_people === review.people &&
    used.data.entitlement === data.entitlement &&
    used.data.review_by_ms === data.break_glass.review_by_ms &&
    used.data.review_by_ms <= data.decided_at_ms + review.within_seconds * 1000;
  return agrees ? undefined : 'the record of the emergency is not what the policy demands';
}

function begun({ data, leafHash }: SubmittedEntry, rule: ResolvedRule | undefined): RequestState {
  return {
    request: data.request,
    leaf: base64(leafHash),
    person: data.person,
    byWorkload: data.by.kind === 'workload',
    groups: data.groups,
    entitlement: data.entitlement,
    target: data.target,
    ruleDigest: data.rule_digest,
    rule,
    scope: data.scope,
    seconds: data.seconds,
    stages: data.stages,
    breakGlass: data.break_glass,
    keyThumbprint: data.key_thumbprint,
    proof: data.proof,
    reviewByMs: data.review_by_ms,
    reviews: [],
    outcome: 'pending',
    grant: undefined,
  };
}
