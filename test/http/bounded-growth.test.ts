import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPEN_PROPOSALS_ALLOWED } from '../../src/domain/policy-change/publish.ts';
import { PENDING_REQUESTS_ALLOWED } from '../../src/domain/request/rules/pending-requests-are-bounded.ts';
import { defaultLimits } from '../../src/http/parts.ts';
import { key, startWorld, type World } from './harness.ts';
import { type Person, publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { ask, must, openTicket } from './story.ts';
import { conformant, verdictOn } from './verdict.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const size = async (): Promise<number> => (await world.broker.store.head())?.size ?? 0;
const propose = (who: Person, text: string) => who.post('/v1/policy/proposals', { text, scopes: {} });
const withLimit = (minutes: number): string => policyText.replace('at_most: 8h', `at_most: ${minutes}m`);

test('(26, 31) whoever is in no group of the policy writes and reads no ticket, for others as little as for themselves', async () => {
  const { otto, double, maya } = world.people;
  const ticket = await openTicket(world);
  const body = { ticket: 'INC-8001', title: 'For a friend', responders: [maya.id] };
  for (const stranger of [otto, double]) {
    const opened = await stranger.post('/v1/tickets', body);
    const changed = await stranger.send('PATCH', `/v1/tickets/${ticket}`, { state: 'closed' });
    expect([opened.body.rule, changed.body.rule]).toEqual(Array(2).fill('ticket-editor-is-entitled'));
    expect((await stranger.get(`/v1/tickets/${ticket}`)).body.code).toBe('not-found');
  }
  expect((await maya.get(`/v1/tickets/${ticket}`)).body.state).toBe('open');
});

test('(31) a ticket’s responders are bounded, however many calls name them', async () => {
  const { tomas } = world.people;
  const path = `/v1/tickets/${await openTicket(world)}`;
  const fifty = (from: number) =>
    Array.from({ length: 50 }, (_, at) => `p-${'a'.repeat(23)}${digits(from + at)}`);
  const add = (from: number) => tomas.send('PATCH', path, { add_responders: fifty(from) });
  expect([(await add(0)).status, (await add(50)).status]).toEqual([200, 409]);
  expect((await tomas.get(path)).body.responders).toHaveLength(51);
});

/** Three letters of base 32. */
const digits = (number: number): string =>
  [number >> 10, number >> 5, number].map((part) => 'abcdefghijklmnopqrstuvwxyz234567'[part & 31]).join('');

test('(5) a policy of somebody who may not publish is refused before it is read', async () => {
  const before = await size();
  const answer = await propose(world.people.maya, 'groups: [');
  expect(answer.body.rule).toBe('publisher-is-administrator');
  expect(await size()).toBe(before + 1);
  expect((await propose(world.people.ada, 'groups: [')).body.code).toBe('policy-invalid');
});

test('(31) proposals that wait are bounded for each administrator, and a publication makes room', async () => {
  const { ada, bo } = world.people;
  for (let minutes = 1; minutes <= OPEN_PROPOSALS_ALLOWED; minutes++)
    must(await propose(ada, withLimit(60 + minutes)), 201);
  const before = await size();
  expect((await propose(ada, withLimit(90))).body.code).toBe('conflict');
  expect(await size()).toBe(before);
  await publish(withLimit(91), [bo, ada]);
  must(await propose(ada, withLimit(92)), 201);
});

test('(31) of enrolments that were begun only the newest five are kept', async () => {
  const { otto } = world.people;
  const factors: string[] = [];
  for (let count = 0; count < 8; count++)
    factors.push(must(await otto.post('/v1/factors', { label: `phone ${count}` }), 201).factor);
  const kept = await world.broker.store.secrets.ofPerson('totp-seed-pending', otto.id as `p-${string}`);
  expect(kept.map(({ id }) => id)).toEqual(factors.toSorted().slice(-5));
});

test('(31) requests that wait are bounded', async () => {
  const { maya } = world.people;
  for (let count = 0; count < PENDING_REQUESTS_ALLOWED; count++)
    await ask(world, { entitlement: 'deploying' });
  const body = { entitlement: 'deploying', duration_seconds: 600, justification: 'More', totp: maya.code() };
  expect((await maya.post('/v1/requests', body)).body.rule).toBe('pending-requests-are-bounded');
});

test('(31) what makes something without a code is bounded in rate for each person', async () => {
  const { ines, tomas } = world.people;
  const { burst, perSecond } = defaultLimits.makings;
  const write = (who: Person) =>
    who.send('PATCH', '/v1/tickets/INC-9999', { state: 'closed' }, { 'idempotency-key': key() });
  // A token that ran out would be renewed a hundred times at once.
  must(await ines.get('/v1/me'), 200);
  let done = 0;
  for (let sent = 0; sent < burst + 100; sent += 100) {
    // The bound on all calls fills again meanwhile.
    world.clock.advance(2_000);
    const answers = await Promise.all(Array.from({ length: 100 }, () => write(ines)));
    done += answers.filter(({ status }) => status === 404).length;
  }
  expect(done).toBeGreaterThanOrEqual(burst);
  expect(done).toBeLessThan(burst + 20);
  expect((await write(ines)).body.code).toBe('too-many-requests');
  expect((await write(tomas)).status).toBe(404);
  must(await ines.get('/v1/me'), 200);
  world.clock.advance(2_000 / perSecond);
  expect((await write(ines)).status).toBe(404);
});

test('an auditor finds every decision of these stories conformant', async () => {
  expect(await verdictOn(world)).toMatchObject(conformant);
});
