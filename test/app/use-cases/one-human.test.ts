import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { recordLeaving } from '../../../src/app/person/record-leaving.ts';
import { confirmReset, requestReset } from '../../../src/app/person/reset-factors.ts';
import { preparePublication, proposePolicy, signPolicy } from '../../../src/app/policy/publish-policy.ts';
import type { Policy } from '../../../src/domain/policy/policy.ts';
import { personId } from '../../../src/identity/person-id.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import { approve, ask, failureOf, incident, open, review, reviewEmergency, ticket } from './steps.ts';
import { storyGroups } from './story-world.ts';
import { type World, worldUnder } from './world.ts';

const idOf = (name: string) => personId(new Uint8Array(32).fill(5), 'human', 'https://idp.example', name);
const link = (...names: readonly string[]) => names.map(idOf);

/** Four humans with a second login each, which has the right that the first lacks. */
const groups = {
  ...storyGroups,
  'maya at work': ['leads', 'sec'],
  'tomas at work': ['sec'],
  'ann at home': ['adm'],
  'sid at home': ['sec', 'leads'],
} as const;
const policy: Policy = {
  ...ordersPolicy,
  humans: {
    Maya: link('maya', 'maya at work'),
    Tomas: link('tomas', 'tomas at work'),
    Ann: link('ann', 'ann at home'),
    Sid: link('sid', 'sid at home'),
  },
};

let world: World;
beforeAll(async () => {
  world = await worldUnder(policy, groups, ['ann', 'bob']);
});
afterEach(async () => {
  const { faults } = await world.audit();
  expect(faults).toEqual([]);
});
afterAll(() => world.close());

test('a request is not signed off by another login of whoever asked', async () => {
  await incident(world, 'INC-1', 'tomas', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  expect(await failureOf(review(world, 'maya at work', request))).toBe(
    'refused-by-rule approver-is-not-requester',
  );
  await open(world, 'maya', await approve(world, 'lea', request));
});

test('of two stages one human signs one', async () => {
  const now = world.clock.nowMs();
  const window = { from_ms: now, to_ms: now + 7_200_000 };
  await ticket(world, 'lea', 'CHG-1', { assignee: world.who('omar').person, window });
  await ticket(world, 'bob', 'CHG-1', { state: 'approved' }, false);
  const { request } = await ask(world, 'omar', { entitlement: 'repair', ticket: 'CHG-1' });
  await review(world, 'tomas', request);
  expect(await failureOf(review(world, 'tomas at work', request))).toBe(
    'refused-by-rule reviewer-has-not-reviewed-before',
  );
  await review(world, 'sol', request);
});

test('a ticket in which another login of theirs put somebody has nobody behind it, nor has a change they approved themselves', async () => {
  await incident(world, 'INC-2', 'maya at work', 'maya');
  const asking = ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-2' });
  expect(await failureOf(asking)).toBe('refused-by-rule ticket-has-another-voucher');
  await ticket(world, 'maya', 'CHG-2', { assignee: world.who('omar').person });
  const approving = ticket(world, 'maya at work', 'CHG-2', { state: 'approved' }, false);
  expect(await failureOf(approving)).toBe('refused-by-rule ticket-editor-is-entitled');
});

test('an emergency is not judged by another login of whoever had it', async () => {
  const { request } = await ask(world, 'maya', {
    entitlement: 'operator',
    ticket: 'INC-1',
    breakGlass: true,
  });
  expect(await failureOf(reviewEmergency(world, 'maya at work', request))).toBe(
    'refused-by-rule break-glass-reviewer-is-somebody-else',
  );
  await reviewEmergency(world, 'sol', request);
});

test('a policy is not signed twice by one human', async () => {
  const { broker } = world;
  const changed: Policy = { ...policy, waiting: { review_seconds: 60, activation_seconds: 60 } };
  const { proposal } = await proposePolicy(broker, world.who('ann').actor, {
    policy: changed,
    text: 'x',
    catalogue: null,
    idempotency: undefined,
  });
  const sign = async (name: string) => {
    const { actor, factor } = world.who(name);
    const { statement } = await preparePublication(broker, actor, proposal, factor);
    const totp = world.code(name);
    return signPolicy(broker, actor, proposal, { statement, totp, idempotency: undefined });
  };
  await sign('ann');
  expect(await failureOf(sign('ann at home'))).toBe('refused-by-rule reviewer-has-not-reviewed-before');
});

test('one human neither resets nor records for themselves', async () => {
  const { broker } = world;
  const ann = (name: string) => ({ actor: world.who(name).actor, totp: world.code(name) });
  const lea = world.who('lea').person;
  const asking = ann('ann');
  const { reset } = await requestReset(broker, asking.actor, lea, { reason: 'x', totp: asking.totp });
  const confirming = ann('ann at home');
  expect(await failureOf(confirmReset(broker, confirming.actor, lea, reset, { totp: confirming.totp }))).toBe(
    'refused-by-rule reset-takes-two-humans',
  );
  const leaving = ann('ann');
  const self = world.who('ann at home').person;
  const given = { reason: 'x', totp: leaving.totp };
  expect(await failureOf(recordLeaving(broker, leaving.actor, self, given))).toBe(
    'refused-by-rule administrator-records-leaving',
  );
});
