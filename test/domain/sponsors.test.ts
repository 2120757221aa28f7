import { expect, test } from 'vitest';
import type { Group, ResolvedRule } from '../../src/domain/policy/policy.ts';
import { requestFold } from '../../src/domain/request/evolve.ts';
import { decideReview } from '../../src/domain/request/review.ts';
import { reviewInput, rule, submitted } from './cases.ts';
import { NOON_MS, stateAfter, told } from './story.ts';

const group = (idp: string): Group => ({ idp, issuer: null, until: null });
const listing = (person: string, until: string | null = null): Group => ({
  idp: null,
  issuer: null,
  until: null,
  people: [{ person, until }],
});

/** Asked by a workload that `platform` sponsors; waits for the leads, escalates to security, standby stands in. */
const asked = stateAfter(requestFold, [
  submitted({
    stages: [{ people: 1, from: 'leads', escalate: { after_seconds: 60, to: 'security' } }],
  }),
]);
const state = { ...asked, byWorkload: true, submittedAtMs: NOON_MS - 60_000 };
const ruleWith = (platform: Group): ResolvedRule => ({
  ...rule,
  delegates: [{ for: 'leads', to: 'standby', from: '2026-05-04', until: '2026-05-04' }],
  workloads: { deploy: { issuer: 'i', subject: 's', sponsor: 'platform' } },
  groups: { ...rule.groups, platform },
});
const reviewing = (groups: readonly string[], more: Parameters<typeof reviewInput>[0] = {}) =>
  told(
    decideReview(
      reviewInput({
        state,
        rule: ruleWith(group('platform')),
        statement: { ...reviewInput().statement, request_leaf: asked.submittedLeaf },
        groups,
        ...more,
      }),
    ),
  ).refusal;
const sponsors = 'reviewer-sponsors-not-the-workload';

test.each([
  ['of the stage itself', 'leads'],
  ['of the group it escalates to', 'security'],
  ['of a group that stands in', 'standby'],
])('a member %s reviews for a workload, unless they sponsor it as well', (_, right) => {
  expect(reviewing([right])).toBeUndefined();
  expect(reviewing([right, 'platform'])).toBe(sponsors);
});

test('what a person asks is reviewed by sponsors of workloads like by anybody else', () => {
  const byPerson = { ...state, byWorkload: false };
  expect(reviewing(['leads', 'platform'], { state: byPerson })).toBeUndefined();
});

test('another login counts as a sponsor where a list names it, on its days; a list without it lets them sign', () => {
  const humans = { humans: { Lea: ['p-lea', 'p-lea-at-work'] } };
  const under = (platform: Group) => reviewing(['leads'], { humans, rule: ruleWith(platform) });
  expect(under(listing('p-lea-at-work'))).toBe(sponsors);
  expect(under(listing('p-lea-at-work', '2026-05-04'))).toBe(sponsors);
  expect(under(listing('p-lea-at-work', '2026-05-03'))).toBeUndefined();
  expect(under(listing('p-omar'))).toBeUndefined();
  expect(under({ ...listing('p-lea-at-work'), until: '2026-05-03' })).toBeUndefined();
});

test('where a provider would have to be asked about the other login, the answer is taken to be yes', () => {
  const humans = { humans: { Lea: ['p-lea', 'p-lea-at-work'] } };
  expect(reviewing(['leads'], { humans })).toBe(sponsors);
  expect(
    reviewing(['leads'], { humans: { humans: { Omar: ['p-omar', 'p-omar-at-work'] } } }),
  ).toBeUndefined();
});
