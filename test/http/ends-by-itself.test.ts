import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../src/app/store.ts';
import { startWorld, type World } from './harness.ts';
import { publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { approve, ask, introspect, must, open, openedGrant, openTicket } from './story.ts';
import { conformant, verdictOn } from './verdict.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  const closing = policyText.replace(
    'requester: responder }',
    'requester: responder, closing: ends-grants }',
  );
  await publish(closing, [world.people.ada, world.people.bo]);
});
afterAll(async () => {
  expect(await verdictOn(world)).toMatchObject(conformant);
  await world.stop();
});

const statusOf = async (grant: string): Promise<string> =>
  must(await world.people.tomas.get(`/v1/grants/${grant}`), 200).status;

/** A broker that finds nothing in its lists stands for one that dies before it has looked. */
async function withoutLists(work: () => Promise<unknown>): Promise<void> {
  const store = world.broker.store as { rows: Store['rows'] };
  const rows = store.rows;
  const hidden = (query: Parameters<Store['rows']>[0]) =>
    (query.table === 'grants' && query.where['open'] !== undefined) || 'extends_grant' in query.where;
  store.rows = async (query) => (hidden(query) ? [] : rows.call(store, query));
  try {
    await work();
  } finally {
    store.rows = rows;
  }
}

async function untilStatus(grant: string, status: string): Promise<void> {
  for (let tries = 0; tries < 100 && (await statusOf(grant)) !== status; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await statusOf(grant)).toBe(status);
}

test('a ticket closed by a broker that died at once ends its grants when the next one starts', async () => {
  const { maya, ada, tomas } = world.people;
  const ticket = await openTicket(world);
  const { grants } = await approve(tomas, (await ask(world, { ticket })).request);
  const { grant } = grants[0];
  const { credentials } = must(await open(maya, grant), 201);
  await withoutLists(async () => {
    must(await ada.send('PATCH', `/v1/tickets/${ticket}`, { state: 'closed' }), 200);
  });
  expect(await statusOf(grant)).toBe('active');
  expect((await open(maya, grant)).body.rule).toBe('ticket-fits-the-rule');
  await world.restart();
  await untilStatus(grant, 'revoked');
  expect((await introspect(world, credentials.token)).body).toEqual({ active: false });
});

test('an extension whose grant was revoked by a broker that died at once is cut off by the next one', async () => {
  const { tomas } = world.people;
  const ticket = await openTicket(world);
  const { grant } = await openedGrant(world, { ticket });
  const more = await ask(world, { ticket, extends: grant });
  const next = (await approve(tomas, more.request)).grants[0].grant;
  await withoutLists(async () => {
    must(await tomas.post(`/v1/grants/${grant}/revocation`, { reason: 'Enough' }), 200);
  });
  expect(await statusOf(next)).toBe('scheduled');
  await world.restart();
  await untilStatus(next, 'revoked');
});
