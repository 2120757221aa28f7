import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Broker } from '../../../src/app/broker.ts';
import { openSession } from '../../../src/app/grant/open-session.ts';
import { sweepGrants } from '../../../src/app/grant/sweep-grants.ts';
import { prepareReview } from '../../../src/app/request/review-request.ts';
import { flowsWorld } from './flows-world.ts';
import { approve, ask, failureOf, incident, open, ticket } from './steps.ts';
import type { World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await flowsWorld();
  await incident(world, 'INC-1', 'lea', 'maya');
  await incident(world, 'INC-2', 'lea', 'maya');
});
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

/** Whoever can write into the store gives every request the ticket that serves them. */
const retold = ({ broker }: World, name: string, reports: string[] = []): Broker => ({
  ...broker,
  store: {
    ...broker.store,
    disclosures: async (seqs) =>
      (await broker.store.disclosures(seqs)).map((one) =>
        one.field === 'ticket' ? { ...one, value: name } : one,
      ),
  },
  report: ({ error }) => void reports.push(String(error)),
});
const asked = () => ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
const byMaya = (broker: Broker, grant: Awaited<ReturnType<typeof approve>>) =>
  openSession(broker, world.who('maya').actor, grant, {
    totp: undefined,
    idempotency: { key: 'k', digest: 'sha256:body' },
  });

test('a closed ticket opens nothing under the name of an open one', async () => {
  const grant = await approve(world, 'tomas', (await asked()).request);
  await open(world, 'maya', grant);
  expect(await failureOf(byMaya(retold(world, 'INC-2'), grant))).toBe('read-only');
  await ticket(world, 'lea', 'INC-1', { state: 'closed' }, false);
  expect(await failureOf(byMaya(retold(world, 'INC-2'), grant))).toBe('read-only');
});

test('nobody is shown another ticket than the one that was named', async () => {
  const { request } = await asked();
  const { actor } = world.who('tomas');
  const shown = prepareReview(retold(world, 'INC-2'), actor, request, { verdict: 'approve' });
  expect(await failureOf(shown)).toBe('read-only');
});

test('a grant that should end with its ticket is reported, and not looked at by another ticket', async () => {
  await approve(world, 'tomas', (await asked()).request);
  const reports: string[] = [];
  await sweepGrants(retold(world, 'INC-2', reports));
  expect(reports.join()).toContain('was altered in the store');
});
