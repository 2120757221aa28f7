import { afterEach, beforeEach, expect, test } from 'vitest';
import { cutOffGrantsOf, cutOffWhatMust } from '../../../src/app/grant/cut-off-grants.ts';
import { readGrant, readRequest } from '../../../src/app/grant/find-grant.ts';
import { sweepGrants } from '../../../src/app/grant/sweep-grants.ts';
import { recordLeaving, recordReturn } from '../../../src/app/person/record-leaving.ts';
import type { GrantId, RequestId } from '../../../src/domain/ids.ts';
import { grantStatus, requestStatus } from '../../../src/domain/request/status.ts';
import { flowsWorld } from './flows-world.ts';
import { approve, ask, failureOf, grantOf, incident, open, review } from './steps.ts';
import type { World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await flowsWorld();
});
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

const statusOf = async (grant: string) =>
  grantStatus((await readGrant(world.broker, grant)).grant, world.clock.nowMs());
const requestStatusOf = async (request: RequestId) =>
  requestStatus(await readRequest(world.broker, request), world.clock.nowMs());
const leaves = (name: string, broker = world.broker) =>
  recordLeaving(broker, world.who('ann').actor, world.who(name).person, {
    reason: 'left the company',
    totp: world.code('ann'),
  });
const count = async (type: string) => (await world.entries()).filter((entry) => entry.type === type).length;
const listless = (): World['broker'] => ({
  ...world.broker,
  store: { ...world.broker.store, rows: async () => [] },
});

test('whoever leaves loses every grant at once, under each of their logins, and what they asked for is cancelled', async () => {
  await incident(world, 'INC-1', 'lea', 'maya');
  const used = await grantOf(world, (await ask(world, 'maya', { entitlement: 'look' })).request);
  await open(world, 'maya', used);
  const unused = await grantOf(world, (await ask(world, 'maya', { entitlement: 'look' })).request);
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const omars = await grantOf(world, (await ask(world, 'omar', { entitlement: 'look' })).request);
  const { ended } = await leaves('maya at work');
  expect(ended.length).toBeGreaterThan(0);
  expect([await statusOf(used), await statusOf(unused), await statusOf(omars)]).toEqual([
    'revoked',
    'revoked',
    'approved',
  ]);
  expect(await requestStatusOf(request)).toBe('cancelled');
  expect(await failureOf(review(world, 'tomas', request))).toBe('refused-by-rule request-is-pending');
});

test('a sweep that comes upon a request as it is approved looks at everybody who holds a grant of it then', async () => {
  await incident(world, 'INC-1', 'lea', 'maya', 'omar');
  const people = [world.who('omar').person, world.who('maya').person];
  const { request } = await ask(world, 'omar', { entitlement: 'operator', ticket: 'INC-1', people });
  const { sequencer } = world.broker;
  let reads = 0;
  const interrupted: World['broker'] = {
    ...world.broker,
    sequencer: {
      ...sequencer,
      async read(streams) {
        const view = await sequencer.read(streams);
        if (++reads === 1) {
          await review(world, 'tomas', request);
          await leaves('maya', { ...listless(), store: { ...world.broker.store, rows: rowsOfPeopleOnly } });
        }
        return view;
      },
    },
  };
  await cutOffWhatMust(interrupted, request);
  expect(world.reports).toEqual([]);
  expect(await count('countersign.grant.cut-off.v1')).toBe(1);
});

test('a process that dies between the record and its consequences changes nothing for whoever left', async () => {
  await incident(world, 'INC-1', 'lea', 'maya', 'omar');
  const grant = await grantOf(world, (await ask(world, 'maya', { entitlement: 'look' })).request);
  const people = [world.who('omar').person, world.who('maya').person];
  const shared = await ask(world, 'omar', { entitlement: 'operator', ticket: 'INC-1', people });
  const own = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  // Lists that find nothing stand for a process that looked at none of them.
  await leaves('maya', { ...listless(), store: { ...world.broker.store, rows: rowsOfPeopleOnly } });
  expect(await statusOf(grant)).toBe('approved');
  expect(await failureOf(open(world, 'maya', grant))).toMatch(/^not-signed-in/);
  expect(await failureOf(review(world, 'tomas', own.request))).toBe('refused-by-rule person-has-not-left');
  expect(await failureOf(review(world, 'tomas', shared.request))).toBe('refused-by-rule person-has-not-left');
  await Promise.all([sweepGrants(world.broker), sweepGrants(world.broker)]);
  await sweepGrants(world.broker);
  expect(await statusOf(grant)).toBe('revoked');
  expect(await requestStatusOf(own.request)).toBe('cancelled');
  expect(await requestStatusOf(shared.request)).toBe('pending');
  expect(await count('countersign.grant.cut-off.v1')).toBe(1);
  expect(await count('countersign.request.cancelled.v1')).toBe(1);
  await review(world, 'tomas', shared.request, { verdict: 'deny' });
});

const rowsOfPeopleOnly: World['broker']['store']['rows'] = async (query) =>
  query.table === 'people' ? world.broker.store.rows(query) : [];

test('what somebody approved opens nothing more once they left, whether they are back or not', async () => {
  await incident(world, 'INC-1', 'ann', 'omar');
  const { request } = await ask(world, 'omar', { entitlement: 'operator', ticket: 'INC-1' });
  const grant = await approve(world, 'lea', request);
  await leaves('lea');
  expect(await failureOf(open(world, 'omar', grant))).toBe('refused-by-rule approver-has-not-left');
  await recordReturn(world.broker, world.who('ann').actor, world.who('lea').person, {
    reason: 'is back',
    totp: world.code('ann'),
  });
  expect(await failureOf(open(world, 'omar', grant))).toBe('refused-by-rule approver-has-not-left');
});

test('cutting off somebody who has not left ends nothing: the log is asked, not the caller', async () => {
  const grant = await grantOf(world, (await ask(world, 'maya', { entitlement: 'look' })).request);
  expect(await cutOffGrantsOf(world.broker, world.who('maya').person)).toEqual([]);
  expect(await statusOf(grant)).toBe('approved');
});

test('leaving while a session is being opened: the credentials are thrown away', async () => {
  const grant = (await grantOf(
    world,
    (
      await ask(world, 'maya', { entitlement: 'look' })
    ).request,
  )) as GrantId;
  world.cloud.next = { before: async () => void (await leaves('maya')) };
  expect(await failureOf(open(world, 'maya', grant))).toBe('conflict');
  expect(await statusOf(grant)).toBe('revoked');
  expect(await count('countersign.session.opened.v1')).toBe(1);
});

test('leaving while a session is being opened, and nobody has ended the grant yet: no credentials come out either', async () => {
  const grant = (await grantOf(
    world,
    (
      await ask(world, 'maya', { entitlement: 'look' })
    ).request,
  )) as GrantId;
  const lists = { ...world.broker.store, rows: rowsOfPeopleOnly };
  world.cloud.next = {
    before: async () => void (await leaves('maya at work', { ...listless(), store: lists })),
  };
  expect(await failureOf(open(world, 'maya', grant))).toBe('conflict');
  expect(await count('countersign.session.opened.v1')).toBe(1);
  await sweepGrants(world.broker);
  expect(await statusOf(grant)).toBe('revoked');
});

test('two who are told of one leaving at the same moment write one cut-off', async () => {
  const grant = await grantOf(world, (await ask(world, 'maya', { entitlement: 'look' })).request);
  await leaves('maya', { ...listless(), store: { ...world.broker.store, rows: rowsOfPeopleOnly } });
  const { person } = world.who('maya at work');
  await Promise.all([1, 2, 3].map(() => cutOffGrantsOf(world.broker, person)));
  expect(await statusOf(grant)).toBe('revoked');
  expect(await count('countersign.grant.cut-off.v1')).toBe(1);
});
