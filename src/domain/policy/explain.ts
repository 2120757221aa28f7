import { reviewRight } from '../request/stage.ts';
import { byPermission } from './explain/scope-sentences.ts';
import { lasts } from './membership.ts';
import { own } from './own.ts';
import type { Factors, Group, Policy, ResolvedRule, Stage } from './policy.ts';
import { resolveRule } from './resolve.ts';
import { sayDuration } from './say-duration.ts';

/** One thing about an entitlement: what it is about, in a word or two, and sentences. */
export interface Explained {
  readonly about: string;
  readonly says: readonly string[];
}

/** Whom it is explained to: the policy's groups and workloads they are in; null: to nobody in particular. */
export interface Listener {
  readonly groups: readonly string[] | null;
  readonly nowMs: number;
}

/** An entitlement in sentences, in the order in which somebody meets its rules. undefined: the policy has no such thing. */
export function explainEntitlement(
  policy: Policy,
  entitlement: string,
  listener: Listener,
): readonly Explained[] | undefined {
  const rule = resolveRule(policy, entitlement);
  if (rule === undefined) return undefined;
  return [
    { about: 'what', says: what(rule) },
    { about: 'may do', says: byPermission(rule.scope) },
    { about: 'who may ask', says: whoMayAsk(policy, rule, listener.nowMs) },
    { about: 'they need', says: needs(rule) },
    { about: 'who decides', says: whoDecides(rule, listener.nowMs) },
    { about: 'how long', says: howLong(rule) },
    { about: 'emergency', says: emergency(rule) },
    { about: 'refused', says: refused(rule) },
    ...(listener.groups === null ? [] : [{ about: 'you', says: you(rule, listener.groups, listener.nowMs) }]),
  ];
}

function what(rule: ResolvedRule): readonly string[] {
  const targets = Object.keys(rule.targets);
  const one =
    targets.length === 1 ? '' : '; a request says which, and becomes a grant for each person on each';
  return [
    `The role ${rule.role} on ${targets.join(', ')}${one}.`,
    `It lies in the zone ${rule.zone}, whose owner is ${rule.zone_owner} and may revoke it.`,
  ];
}

function whoMayAsk(policy: Policy, rule: ResolvedRule, nowMs: number): readonly string[] {
  if (rule.eligible.length === 0) return ['Nobody: `eligible` is empty.'];
  return rule.eligible.map((name) => {
    const workload = own(policy.workloads, name);
    return workload === undefined
      ? sayGroup(name, own(policy.groups, name), nowMs)
      : `The workload ${name}, by its own token; ${workload.sponsor} answer for it and cannot review for it.`;
  });
}

function sayGroup(name: string, group: Group | undefined, nowMs: number): string {
  if (group === undefined) return `${name}, which is no group.`;
  const who =
    group.people === undefined
      ? `${name}: whoever the identity provider${group.issuer === null ? '' : ` ${group.issuer}`} says is in “${group.idp}”`
      : `${name}: ${group.people.map(({ person, until }) => (until === null ? person : `${person} (until ${until})`)).join(', ')}`;
  if (group.until === null) return `${who}.`;
  return lasts(group.until, nowMs)
    ? `${who}, until ${group.until}.`
    : `${who}; but nobody since ${group.until}.`;
}

function needs(rule: ResolvedRule): readonly string[] {
  const parameters = Object.entries(rule.parameters ?? {}).map(
    ([name, { pattern, says }]) => `The ${says ?? name}, as ${name}: text that fits ${pattern}.`,
  );
  return [ticket(rule), factors(rule.factors), ...parameters];
}

function ticket({ ticket: rule }: ResolvedRule): string {
  if (rule === null) return 'No ticket.';
  const part = rule.requester === 'anyone' ? '' : `, in which they are ${rule.requester}`;
  const window = rule.window === 'required' ? ', inside its change window' : '';
  const closing = rule.closing === undefined ? '' : ' The grant ends when the ticket is that no more.';
  return (
    `A ticket ${rule.project}-… of ${rule.source} that is ${rule.state}${part}${window}, and that somebody else vouches for. ` +
    `It is looked at when asking, at each approval and at each opening.${closing}`
  );
}

function factors({ request, review, open }: Factors): string {
  const say = (kind: string) => (kind === 'none' ? 'none' : kind);
  return `A factor: ${say(request)} to ask, ${say(review)} to review, ${say(open)} to open (the one shown for asking serves a quarter of an hour).`;
}

function whoDecides(rule: ResolvedRule, nowMs: number): readonly string[] {
  if (rule.review === null) return ['Nobody: it is granted at once (`review: not-required`).'];
  const stages = rule.review.map((stage, at) => sayStage(stage, at, rule));
  return [
    ...stages,
    ...standIns(rule, nowMs),
    'Each is another human, and none of those it is asked for; they may shorten and narrow it, never widen it.',
  ];
}

function sayStage({ people, from, escalate }: Stage, at: number, rule: ResolvedRule): string {
  const number = (rule.review ?? []).length === 1 ? '' : at === 0 ? 'First ' : 'Then ';
  const later =
    escalate === undefined
      ? ''
      : `; after ${sayDuration(escalate.after_seconds)} of waiting anybody of ${escalate.to} may as well`;
  return `${number}${people} of ${from}${later}.`;
}

const standIns = ({ delegates = [] }: ResolvedRule, nowMs: number): readonly string[] =>
  delegates
    .filter(({ until }) => lasts(until, nowMs))
    .map(
      ({ for: group, to, from, until }) =>
        `From ${from} to ${until} (UTC) ${to} may in the place of ${group}.`,
    );

function howLong({ at_most_seconds, waiting, review }: ResolvedRule): readonly string[] {
  const waits =
    review === null
      ? []
      : [`A request waits ${sayDuration(waiting.review_seconds)} for its review, then it is expired.`];
  const ahead =
    waiting.schedule_seconds === undefined
      ? 'A start cannot be asked for ahead.'
      : `A start may be asked for up to ${sayDuration(waiting.schedule_seconds)} ahead.`;
  return [
    `At most ${sayDuration(at_most_seconds)}, from the first session on; it can be extended from its end by a further request.`,
    ...waits,
    `What is approved has to be used within ${sayDuration(waiting.activation_seconds)}.`,
    ahead,
  ];
}

function emergency({ break_glass }: ResolvedRule): readonly string[] {
  if (break_glass === null) return ['There is no break-glass: without a review nobody gets in.'];
  const { at_most_seconds, without, named, review } = break_glass;
  const people =
    named === undefined
      ? []
      : [`While the identity provider is down: only ${named.join(', ')}, on what it told within a day.`];
  return [
    `Whoever may ask may break the glass for ${sayDuration(at_most_seconds)}, at once.`,
    without.length === 0
      ? 'Everything else has to be there.'
      : `It works while these are down, and is marked so: ${without.join(', ')}.`,
    ...people,
    `${review.people} of ${review.from} judge it within ${sayDuration(review.within_seconds)}: justified or not. Overdue, it keeps its user from the next one.`,
  ];
}

function refused({ eligible, ticket: rule, review }: ResolvedRule): readonly string[] {
  return [
    `Whoever is in none of ${eligible.join(', ') || 'these groups'} is refused (requester-is-eligible).`,
    'More actions, other resources or longer than this are refused (scope-is-within-entitlement, duration-is-within-limit).',
    ...(rule === null
      ? []
      : ['A ticket that only the requester opened or edited is refused (ticket-has-another-voucher).']),
    ...(review === null
      ? []
      : ['Signing off on one’s own request is refused, by whatever login (approver-is-not-requester).']),
    'An approval counts only while none of this has changed (rule-is-unchanged-since-asking).',
  ];
}

/** By the same function that decides by what right somebody reviews. */
function you(rule: ResolvedRule, groups: readonly string[], nowMs: number): readonly string[] {
  const mayAsk = rule.eligible.filter((name) => groups.includes(name));
  const asks =
    mayAsk.length > 0
      ? `You may ask, being in ${mayAsk.join(', ')}.`
      : `You may not ask: you are in ${groups.join(', ') || 'none of its groups'}, and it takes ${rule.eligible.join(' or ') || 'nobody'}.`;
  return [asks, ...(rule.review ?? []).flatMap((stage, at) => yourStage(rule, stage, at, groups, nowMs))];
}

function yourStage(
  rule: ResolvedRule,
  stage: Stage,
  at: number,
  groups: readonly string[],
  nowMs: number,
): readonly string[] {
  const escalate = stage.escalate ?? null;
  const asked = { stage: at, from: stage.from, people: stage.people, have: 0, openedAtMs: nowMs, escalate };
  const delegates = rule.delegates ?? [];
  const number = at + 1;
  const right = reviewRight(asked, groups, delegates, nowMs);
  if (right === 'delegation') return [`You may decide stage ${number}, standing in for its group.`];
  if (right !== undefined) return [`You may decide stage ${number}, for others than yourself.`];
  if (escalate === null) return [];
  const later = reviewRight(asked, groups, delegates, nowMs + escalate.after_seconds * 1000);
  return later === undefined
    ? []
    : [
        `You may decide stage ${number} once it has waited ${sayDuration(escalate.after_seconds)}, for others than yourself.`,
      ];
}
