import type { Entitlement, Policy, Stage } from '../../../src/domain/policy/policy.ts';
import type { World } from '../world.ts';
import type { History, Told } from './history.ts';
import type { Law } from './law.ts';
import { distinctHumans, human, LOOK_MS, ruleText, wasInOne } from './membership.ts';

type Submitted = Told<'countersign.request.submitted.v1'>;
type Reviewed = Told<'countersign.request.reviewed.v1'>;
type Approved = Told<'countersign.request.approved.v1'>;

const DAY_MS = 86_400_000;

export const whoAsksMayAsk: Law = {
  name: 'who-asks-may-ask',
  *breaches(world, history) {
    for (const asked of history.of('countersign.request.submitted.v1')) {
      const policy = history.policyBefore(asked.seq);
      const rule = policy?.entitlements[asked.entitlement];
      if (policy === undefined || rule === undefined) {
        yield `#${asked.seq}: ${asked.entitlement} was not there to be asked for`;
        continue;
      }
      if (!isEligible(world, policy, rule, asked))
        yield `#${asked.seq}: ${asked.person} was not eligible for ${asked.entitlement}`;
      const most = asked.break_glass === null ? rule.at_most_seconds : rule.break_glass?.at_most_seconds;
      if (asked.seconds > (most ?? 0)) yield `#${asked.seq}: asked for ${asked.seconds} s of ${most}`;
      if (asked.proof === null && asked.by.kind === 'human' && policy.factors.request !== 'none')
        yield `#${asked.seq}: no factor was shown`;
    }
  },
};

function isEligible(world: World, policy: Policy, rule: Entitlement, asked: Submitted): boolean {
  const slack = asked.break_glass?.marks.includes('membership-cached') ? DAY_MS : LOOK_MS;
  return (
    asked.by.kind === 'workload' ||
    wasInOne(world, policy, asked.person, rule.eligible, asked.decided_at_ms, slack)
  );
}

export const grantsHaveTheirReviews: Law = {
  name: 'grants-have-their-reviews',
  *breaches(world, history) {
    for (const granted of history.of('countersign.request.approved.v1')) {
      const asked = history.request(granted.request);
      const policy = history.policyBefore(granted.seq);
      if (asked === undefined || policy === undefined) {
        yield `#${granted.seq}: nobody asked for this`;
        continue;
      }
      for (const why of reviewsMissing(world, history, { granted, asked, policy }))
        yield `#${granted.seq} (${granted.request}): ${why}`;
      for (const why of widened(history, granted, asked))
        yield `#${granted.seq} (${granted.request}): ${why}`;
    }
  },
};

interface Case {
  readonly granted: Approved;
  readonly asked: Submitted;
  readonly policy: Policy;
}

function* reviewsMissing(world: World, history: History, { granted, asked, policy }: Case): Iterable<string> {
  const rule = policy.entitlements[asked.entitlement];
  const before = history.policyBefore(asked.seq);
  if (before === undefined || ruleText(before, asked.entitlement) !== ruleText(policy, asked.entitlement))
    yield 'the rule changed between asking and approving';
  if (asked.break_glass !== null) {
    if (rule?.break_glass == null) yield 'the policy has no break-glass for this';
    return;
  }
  const reviews = history
    .of('countersign.request.reviewed.v1')
    .filter(({ request, seq }) => request === granted.request && seq < granted.seq);
  if (reviews.some(({ verdict }) => verdict === 'deny')) yield 'somebody denied it';
  const all = reviews.map(({ reviewer }) => reviewer);
  if (distinctHumans(policy, all) < all.length) yield 'one human signed twice';
  const takers = [asked.person, ...asked.people].map((person) => human(policy, person));
  if (all.some((reviewer) => takers.includes(human(policy, reviewer))))
    yield 'somebody signed for themselves';
  yield* stagesMissing(world, policy, rule?.review ?? [], reviews, asked.decided_at_ms);
}

function* stagesMissing(
  world: World,
  policy: Policy,
  stages: readonly Stage[],
  reviews: readonly Reviewed[],
  askedAtMs: number,
): Iterable<string> {
  let openedAtMs = askedAtMs;
  for (const [at, stage] of stages.entries()) {
    const signed = reviews.filter((one) => one.stage === at);
    if (signed.length < stage.people) yield `stage ${at} has ${signed.length} of ${stage.people} signatures`;
    for (const one of signed) {
      if (!mayReview(world, policy, stage, one, openedAtMs))
        yield `${one.reviewer} had no right to sign stage ${at}`;
    }
    openedAtMs = Math.max(openedAtMs, ...signed.map((one) => one.decided_at_ms));
  }
}

function mayReview(
  world: World,
  policy: Policy,
  stage: Stage,
  review: Reviewed,
  openedAtMs: number,
): boolean {
  const atMs = review.decided_at_ms;
  const escalated = stage.escalate !== undefined && atMs >= openedAtMs + stage.escalate.after_seconds * 1000;
  const groups = [stage.from, ...(escalated && stage.escalate ? [stage.escalate.to] : [])];
  const standIns = (policy.delegates ?? [])
    .filter(({ for: group, from, until }) => {
      const [first, last] = [Date.parse(`${from}T00:00:00Z`), Date.parse(`${until}T00:00:00Z`) + DAY_MS];
      return groups.includes(group) && atMs >= first && atMs < last;
    })
    .map(({ to }) => to);
  return wasInOne(world, policy, review.reviewer, [...groups, ...standIns], atMs);
}

/** A grant is no more than the least of all that was asked and signed, for exactly those and there. */
function* widened(history: History, granted: Approved, asked: Submitted): Iterable<string> {
  const signed = history
    .of('countersign.request.reviewed.v1')
    .filter(({ request, seq }) => request === granted.request && seq < granted.seq);
  const least = Math.min(asked.seconds, ...signed.map(({ seconds }) => seconds));
  if (granted.seconds !== least) yield `${granted.seconds} s were granted where ${least} were signed`;
  const text = ({ action, resource }: { action: string; resource: string }) => `${action} ${resource}`;
  for (const scope of [asked.scope, ...signed.map((one) => one.scope)]) {
    const allowed = new Set(scope.map(text));
    const more = granted.scope.map(text).filter((one) => !allowed.has(one));
    if (more.length > 0) yield `${more.join(', ')} was granted and not signed`;
  }
  if (!asked.people.includes(granted.person) || !asked.targets.includes(granted.target))
    yield `${granted.person} on ${granted.target} was not asked for`;
  const same = history
    .of('countersign.request.approved.v1')
    .filter(
      ({ request, person, target }) =>
        request === granted.request && person === granted.person && target === granted.target,
    );
  if (same.length > 1) yield `${granted.person} has ${same.length} grants of one request`;
}

export const reviewsOnlyNarrow: Law = {
  name: 'reviews-only-narrow',
  *breaches(_world, history) {
    for (const { seq, request, seconds, scope } of history.of('countersign.request.reviewed.v1')) {
      const asked = history.request(request);
      const text = ({ action, resource, access }: (typeof scope)[number]) =>
        `${action} ${resource} ${access}`;
      const allowed = new Set(asked?.scope.map(text));
      const more = scope.map(text).filter((one) => !allowed.has(one));
      if (more.length > 0) yield `#${seq} (${request}): ${more.join(', ')} was signed and never asked for`;
      if (seconds > (asked?.seconds ?? 0))
        yield `#${seq} (${request}): ${seconds} s were signed of ${asked?.seconds}`;
    }
  },
};

export const policiesHaveTheirSigners: Law = {
  name: 'policies-have-their-signers',
  *breaches(world, history) {
    for (const { proposal, seq, to_digest } of history.of('countersign.policy.published.v1')) {
      const before = history.policyBefore(seq);
      const signed = history.of('countersign.policy.signed.v1').filter((one) => one.proposal === proposal);
      const signers = new Set(signed.map(({ signer }) => signer));
      if (signers.size < 2) yield `#${seq}: ${signers.size} signed ${to_digest}`;
      if (before === undefined) continue;
      const { from } = before.administrators;
      for (const one of signed) {
        if (!wasInOne(world, before, one.signer, [from], one.decided_at_ms))
          yield `#${one.seq}: ${one.signer} was no administrator`;
      }
    }
  },
};
