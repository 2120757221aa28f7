import { afterEach, beforeEach, expect, test } from 'vitest';
import { listWaiting } from '../../../src/app/views/list-requests.ts';
import type { RequestId } from '../../../src/domain/ids.ts';
import type { Group, Policy } from '../../../src/domain/policy/policy.ts';
import { flowsPolicy, flowsWorld } from './flows-world.ts';
import { ask, failureOf, grantOf, incident, open, reviewEmergency } from './steps.ts';
import { publish, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await flowsWorld();
  await incident(world, 'INC-1', 'lea', 'maya', 'maya at work');
  await incident(world, 'INC-2', 'lea', 'maya', 'maya at work');
});
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

const emergency = (name: string, ticket: string) =>
  ask(world, name, { entitlement: 'operator', ticket, breakGlass: true });
const DAY_MS = 86_400_000;
const aDayLater = async (...names: readonly string[]) => {
  world.clock.advance(DAY_MS);
  for (const name of names) await world.signIn(name);
};
const waitsFor = async (name: string): Promise<readonly (RequestId | null)[]> => {
  const page = { limit: 50, before: undefined };
  return (await listWaiting(world.broker, world.who(name).actor, page)).items.map(({ request }) => request);
};
const under = (change: Partial<Policy>) => publish(world, { ...flowsPolicy, ...change }, ['ann', 'bob']);
const { operator } = flowsPolicy.entitlements;
if (operator === undefined || operator.break_glass === null) throw new Error('the policy has changed');
const judgedBy = (from: string) => ({
  ...flowsPolicy.entitlements,
  operator: {
    ...operator,
    break_glass: operator.break_glass && {
      ...operator.break_glass,
      review: { ...operator.break_glass.review, from },
    },
  },
});
const { security: _, ...withoutSecurity } = flowsPolicy.groups;
/** Nothing else of the policy asks for security. */
const withoutTheirEntitlements = (entitlements: Policy['entitlements']): Policy['entitlements'] => {
  const { repair: _repair, deploys: _deploys, outage: _outage, ...rest } = entitlements;
  return rest;
};

test('a debt of one login blocks the emergency of another; within the incident nobody is locked out', async () => {
  await emergency('maya at work', 'INC-1');
  await aDayLater('maya', 'sid');
  expect(await failureOf(emergency('maya', 'INC-2'))).toBe('refused-by-rule break-glass-debt-is-paid');
  const { request } = await emergency('maya', 'INC-1');
  await open(world, 'maya', await grantOf(world, request));
});

test('whoever may judge a debt is asked for by name, and judging it as not justified pays it, too', async () => {
  const first = await emergency('maya', 'INC-1');
  await aDayLater('maya', 'sid');
  const refused = await emergency('maya', 'INC-2').catch((error: Error) => error.message);
  expect(refused).toContain('Ask security to review it first');
  await reviewEmergency(world, 'sid', first.request, 'not-justified');
  expect(await failureOf(emergency('maya', 'INC-2'))).toBe('no failure');
});

test('a debt whose reviewers the policy replaced is paid by those it names today', async () => {
  const first = await emergency('maya', 'INC-1');
  const groups = withoutSecurity;
  await under({ groups, entitlements: withoutTheirEntitlements(judgedBy('leads')) });
  await aDayLater('maya', 'lea', 'sid');
  expect(await waitsFor('lea')).toContain(first.request);
  expect(await failureOf(reviewEmergency(world, 'sid', first.request))).toBe('not-found');
  await reviewEmergency(world, 'lea', first.request);
  expect(await waitsFor('lea')).not.toContain(first.request);
  expect(await failureOf(emergency('maya', 'INC-2'))).toBe('no failure');
});

test('a debt of an entitlement that is gone, with its reviewers, is paid by the administrators', async () => {
  const first = await emergency('maya', 'INC-1');
  const { operator: _gone, ...entitlements } = withoutTheirEntitlements(flowsPolicy.entitlements);
  await under({ groups: withoutSecurity, entitlements });
  await aDayLater('lea', 'ann');
  expect(await failureOf(reviewEmergency(world, 'lea', first.request))).toBe(
    'refused-by-rule reviewer-is-in-the-stage-group',
  );
  expect(await waitsFor('ann')).toContain(first.request);
  await reviewEmergency(world, 'ann', first.request);
});

test('reviewers whom the policy lists, none but whoever had it, are no reviewers', async () => {
  const only: Group = {
    idp: null,
    issuer: null,
    until: null,
    people: [
      { person: world.who('maya').person, until: null },
      { person: world.who('maya at work').person, until: null },
      { person: world.who('sid').person, until: '2026-05-04' },
    ],
  };
  await under({ groups: { ...flowsPolicy.groups, security: only } });
  const first = await emergency('maya', 'INC-1');
  await aDayLater('sid', 'ann', 'maya at work');
  expect(await failureOf(reviewEmergency(world, 'maya at work', first.request))).toBe(
    'refused-by-rule break-glass-reviewer-is-somebody-else',
  );
  await reviewEmergency(world, 'ann', first.request);
});

test('those under whom it was used judge it, also when the policy names others for the next', async () => {
  const first = await emergency('maya', 'INC-1');
  await under({ entitlements: judgedBy('leads') });
  expect(await failureOf(reviewEmergency(world, 'lea', first.request))).toBe(
    'refused-by-rule reviewer-is-in-the-stage-group',
  );
  expect(await waitsFor('sid')).toContain(first.request);
  await reviewEmergency(world, 'sid', first.request);
});
