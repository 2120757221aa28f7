import type { ResolvedRule } from '../../domain/policy/policy.ts';
import { base64 } from '../../log/bytes.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { inCommand } from '../command.ts';
import { digestOf } from '../digest-of.ts';
import { atFault, type Checks, type Hearing, notCheckable, trial, type Unheard } from '../hearing.ts';
import { eligibleAs } from '../membership.ts';
import { hasLeft } from '../one-human.ts';
import { filledIn, unfitValues } from '../parameters.ts';
import { ruleInForce } from '../rule-in-force.ts';
import { outside } from '../scope.ts';
import type { RequestState, RuleInForce } from '../state.ts';
import { lacksGrants } from './approving.ts';
import { unfitEmergency } from './break-glass.ts';
import { notExtending } from './extending.ts';
import { notProvedHere, stillUnvouched, tooWeak } from './factor-proof.ts';
import { notFresh, notFreshInEmergency } from './freshness.ts';
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
  'targets-are-of-the-entitlement': ({ data }, { rule }) => unfitTargets(data.targets, rule),
  'people-are-named-once': unfitPeople,
  'person-has-not-left': ({ data }, _, { state }) => {
    const gone = data.people.find((person) => hasLeft(state, person));
    return gone && `it is asked for ${gone}, who has left`;
  },
  'requester-is-eligible': (entry, { rule }) => notEligible(entry, entry.data.groups, rule),
  'membership-is-fresh': (entry, { rule }) =>
    entry.data.break_glass?.marks.includes('membership-cached')
      ? notFreshInEmergency(entry, rule)
      : notFresh(entry),
  'duration-is-within-limit': ({ data }, { rule }) => {
    const most = (data.break_glass === null ? rule.at_most_seconds : rule.break_glass?.at_most_seconds) ?? 0;
    return data.seconds <= most ? undefined : `${data.seconds} s, of at most ${most}`;
  },
  'start-is-within-limit': ({ data }, { rule }) => startMisfit(data, rule),
  'extension-follows-its-grant': notExtending,
  'parameters-fit-their-patterns': ({ data }, { rule }) => unfitValues(rule.parameters, data.parameters),
  'scope-is-within-entitlement': ({ data }, { rule }) => {
    const more = outside(data.scope, filledIn(rule.scope, data.parameters));
    return more && `the entitlement does not declare ${more}`;
  },
  'ticket-is-given-when-required': (entry, subject, hearing) =>
    ticketMissing(ticketCase(entry, subject, hearing)),
  'ticket-fits-the-rule': (entry, subject, hearing) => ticketMisfit(ticketCase(entry, subject, hearing)),
  'ticket-has-another-voucher': (entry, subject, hearing) =>
    ticketUnvouched(ticketCase(entry, subject, hearing)),
  'factor-is-proved': notProved,
  'factor-is-strong-enough': ({ data }, { rule }) =>
    data.by.kind === 'workload' ? undefined : tooWeak(data.proof, rule.factors.request),
  'recovered-factor-is-vouched': (entry, _, hearing) =>
    entry.data.proof === null ? undefined : stillUnvouched(entry, entry.data.proof.factor, hearing),
  'waiting-is-within-limit': ({ data }, { rule }) => {
    const most = data.decided_at_ms + rule.waiting.review_seconds * 1000;
    return data.review_by_ms <= most ? undefined : `it waits ${data.review_by_ms - most} ms longer`;
  },
  'break-glass-is-allowed': unfitEmergency,
  'break-glass-is-recorded': notRecorded,
  'every-grant-is-made': ({ data }, { rule }, { command }) =>
    rule.review === null || data.break_glass !== null ? lacksGrants(data, command) : undefined,
};

export const judgeSubmitted = trial<Submitted, RuleInForce>({
  subjectOf: subjectOf,
  checks: rules,
  remember(entry, hearing) {
    const { state, hasher, findings } = hearing;
    findings.attested.group_memberships++;
    const known = ruleInForce(state, hasher, entry.data.entitlement);
    if (!state.requests.has(entry.data.request))
      state.requests.set(entry.data.request, begun(entry, known?.rule, hearing));
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

interface Stage {
  readonly people: number;
  readonly from: string;
  readonly escalate?: { readonly after_seconds: number; readonly to: string } | null;
}

function misfitsRule({ data }: SubmittedEntry, { rule }: RuleInForce): string | undefined {
  const expected = spelled(rule.review ?? []);
  return spelled(data.stages) === expected ? undefined : `the rule's stages are ${expected || 'none'}`;
}

const spelled = (stages: readonly Stage[]): string =>
  stages
    .map(({ people, from, escalate }) => {
      const later = escalate ? ` (after ${escalate.after_seconds} s ${escalate.to} as well)` : '';
      return `${people} from ${from}${later}`;
    })
    .join(', then ');

export function unfitTargets(targets: readonly string[], rule: ResolvedRule): string | undefined {
  const other = targets.find((target) => !Object.hasOwn(rule.targets, target));
  if (other !== undefined)
    return `the targets of ${rule.entitlement} are ${Object.keys(rule.targets).join(', ')}`;
  return new Set(targets).size === targets.length ? undefined : 'a target is named twice';
}

/** A command that makes more than this many grants was made by no broker. */
const MOST_GRANTS = 50;

function unfitPeople({ data }: SubmittedEntry): string | undefined {
  const { people, targets, person, by } = data;
  if (new Set(people).size !== people.length) return 'somebody is named twice';
  if (people.length * targets.length > MOST_GRANTS) return `it would make more than ${MOST_GRANTS} grants`;
  if (people.length === 1 && people[0] === person) return undefined;
  if (by.kind !== 'human') return 'a workload asks for itself only';
  if (data.break_glass !== null) return 'an emergency is one’s own';
  const other = people.find((one) => !one.startsWith('p-'));
  return other && `${other} is no human`;
}

/** Also asked at an opening: membership may have been taken away in between. */
export function notEligible(
  entry: JudgedEntry,
  groups: readonly string[],
  rule: ResolvedRule,
): string | undefined {
  const names = eligibleAs(rule, entry, groups);
  return rule.eligible.some((name) => names.includes(name))
    ? undefined
    : `eligible are ${rule.eligible.join(', ') || 'nobody'}; the groups then were ${groups.join(', ') || 'none'}`;
}

function startMisfit({ start_ms, extends: extended, ...data }: SubmittedEntry['data'], rule: ResolvedRule) {
  if (start_ms === null || extended !== null) return undefined;
  if (data.break_glass !== null) return 'an emergency begins at once';
  if (start_ms <= data.decided_at_ms) return 'its start had passed';
  const most = data.decided_at_ms + (rule.waiting.schedule_seconds ?? 0) * 1000;
  return start_ms <= most ? undefined : `it starts ${start_ms - most} ms later than the policy lets it`;
}

const ticketCase = ({ data }: SubmittedEntry, { rule }: RuleInForce, { command }: Hearing): TicketCase => ({
  rule,
  request: data.request,
  people: data.people,
  at: 'submit',
  mayLackTicket: saysItLacksTicket(rule, data.break_glass),
  command,
  atMs: data.decided_at_ms,
  startMs: data.start_ms,
});

function notProved(entry: SubmittedEntry, { rule }: RuleInForce, hearing: Hearing): string | undefined {
  const { proof, by, key_thumbprint, request } = entry.data;
  if (proof !== null) {
    const shown = {
      proof,
      purpose: 'request',
      isAbout: (about: string) => about === request,
      signed: {
        act: 'request',
        isActAbout: (about: string) => about === entry.data.entitlement,
        actDigest: digestOf(hearing.hasher, askedFor(entry.data)) ?? '',
      },
    } as const;
    return notProvedHere(entry, shown, hearing) ?? otherKey(by, key_thumbprint, hearing);
  }
  return by.kind === 'workload' || rule.factors.request === 'none' ? undefined : 'no factor was shown for it';
}

/** All that was asked for, as a passkey signs it. */
const askedFor = ({ extends: extended, ...data }: SubmittedEntry['data']) => ({
  entitlement: data.entitlement,
  people: data.people,
  targets: data.targets,
  parameters: data.parameters,
  scope: data.scope,
  seconds: data.seconds,
  start_ms: data.start_ms,
  extends: extended?.grant ?? null,
  break_glass: data.break_glass !== null,
});

/** The key that an opening may lean on later must be the sign-in's own. */
export function otherKey(
  by: JudgedEntry['data']['by'],
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
    used.data.person === data.person &&
    used.data.zone === rule.zone &&
    used.data.review_by_ms === data.break_glass.review_by_ms &&
    used.data.review_by_ms <= data.decided_at_ms + review.within_seconds * 1000;
  return agrees ? undefined : 'the record of the emergency is not what the policy demands';
}

function begun(
  { data, leafHash }: SubmittedEntry,
  rule: ResolvedRule | undefined,
  { state }: Hearing,
): RequestState {
  const { extends: extended } = data;
  return {
    request: data.request,
    leaf: base64(leafHash),
    person: data.person,
    byWorkload: data.by.kind === 'workload',
    entitlement: data.entitlement,
    people: data.people,
    targets: data.targets,
    ruleDigest: data.rule_digest,
    rule,
    scope: data.scope,
    seconds: data.seconds,
    startMs: data.start_ms,
    // Kept here: what it carries on may be over, and forgotten, before this is opened.
    extended:
      extended === null ? undefined : state.requests.get(extended.request)?.grants.get(extended.grant),
    extends: extended,
    stages: data.stages,
    breakGlass: data.break_glass,
    keyThumbprint: data.key_thumbprint,
    proof: data.proof,
    askedAtMs: data.decided_at_ms,
    reviewByMs: data.review_by_ms,
    reviews: [],
    nudgedAtMs: [],
    outcome: 'pending',
    approvedIn: undefined,
    grants: new Map(),
  };
}
