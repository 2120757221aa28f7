import { afterAll, beforeAll, expect, test } from 'vitest';
import { key, startWorld, type World } from './harness.ts';
import { approve, ask, must, open, openedGrant, statementFor } from './story.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const size = async (): Promise<number> => (await world.broker.store.head())?.size ?? 0;

test('the same key with the same body asks once; with another body it is refused', async () => {
  const { maya } = world.people;
  const headers = { 'idempotency-key': key() };
  const body = { entitlement: 'look', duration_seconds: 600, justification: 'To look', totp: maya.code() };
  const first = must(await maya.post('/v1/requests', body, headers), 201);
  const before = await size();
  const again = must(await maya.post('/v1/requests', body, headers), 201);
  expect([again.request, again.entries, await size()]).toEqual([first.request, [], before]);
  const other = await maya.post('/v1/requests', { ...body, justification: 'Something else' }, headers);
  expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
});

test('another person’s call with the same key is another call', async () => {
  const { maya, tomas } = world.people;
  const headers = { 'idempotency-key': key() };
  const ticket = { ticket: 'INC-9001', title: 'One' };
  must(await maya.post('/v1/tickets', ticket, headers), 201);
  expect((await tomas.post('/v1/tickets', ticket, headers)).body.code).toBe('conflict');
});

test('an opening needs a key, and its replay names the session but never gives its secret again', async () => {
  const { maya, tomas } = world.people;
  const { request } = await ask(world);
  const {
    grants: [grant],
  } = await approve(tomas, request);
  const without = await maya.post(`/v1/grants/${grant.grant}/sessions`, {});
  expect([without.status, without.body.code]).toEqual([400, 'idempotency-key-needed']);
  const same = key();
  const first = must(await open(maya, grant.grant, {}, same), 201);
  const before = await size();
  const replay = await open(maya, grant.grant, {}, same);
  expect(replay.body).toMatchObject({ status: 409, code: 'already-done', session: first.session });
  expect(replay.headers.get('content-type')).toBe('application/problem+json');
  expect(JSON.stringify(replay.body)).not.toContain(first.credentials.token);
  expect(await size()).toBe(before);
  const renewed = must(await open(maya, grant.grant), 201);
  expect(renewed.session).not.toBe(first.session);
});

test.each(['', 'a b', 'ü', 'x'.repeat(201)])('the key %j is no key', async (bad) => {
  const { grant } = await openedGrant(world);
  const answer = await world.people.maya.send(
    'POST',
    `/v1/grants/${grant}/sessions`,
    {},
    { 'idempotency-key': encodeHeader(bad) },
  );
  expect(answer.status).toBe(400);
});

/** fetch takes Latin-1 only. */
const encodeHeader = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

test('two approvals at one moment make one grant', async () => {
  const { tomas, ines } = world.people;
  const { request } = await ask(world);
  const reviews = await Promise.all(
    [tomas, ines].map(async (reviewer) => {
      const statement = await statementFor(reviewer, request);
      return { reviewer, body: { statement, totp: reviewer.code() } };
    }),
  );
  const answers = await Promise.all(
    reviews.map(({ reviewer, body }) => reviewer.post(`/v1/requests/${request}/reviews`, body)),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 403]);
  expect(answers.find(({ status }) => status === 403)?.body.rule).toBe('request-is-pending');
});

test('one statement is signed once, and neither for another request nor with the other verdict', async () => {
  const { tomas } = world.people;
  const [first, second] = [
    await ask(world, { entitlement: 'deploying' }),
    await ask(world, { entitlement: 'deploying' }),
  ];
  const statement = await statementFor(tomas, first.request);
  const path = (request: string) => `/v1/requests/${request}/reviews`;
  const elsewhere = await tomas.post(path(second.request), { statement, totp: tomas.code() });
  expect(elsewhere.body.rule).toBe('statement-is-what-stands');
  must(await tomas.post(path(first.request), { statement, totp: tomas.code() }), 201);
  const again = await tomas.post(path(first.request), { statement, totp: tomas.code() });
  expect(again.status).toBe(403);
});

test('two openings at one moment give one session each at most, one at a time', async () => {
  const { maya, tomas } = world.people;
  const { request } = await ask(world, { entitlement: 'ledger' });
  const {
    grants: [grant],
  } = await approve(tomas, request);
  const before = world.sts.calls.length;
  const answers = await Promise.all([open(maya, grant.grant), open(maya, grant.grant)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  expect(world.sts.calls.length - before).toBe(1);
});

test('a review that arrives as the request expires is refused, and the request stays expired', async () => {
  const { tomas, maya } = world.people;
  const { request } = await ask(world);
  const statement = await statementFor(tomas, request);
  world.clock.advance(8 * 3_600_000);
  const late = await tomas.post(`/v1/requests/${request}/reviews`, { statement, totp: tomas.code() });
  expect(late.body.code).toBe('refused-by-rule');
  expect((await maya.get(`/v1/requests/${request}`)).body).toMatchObject({ status: 'expired', grants: [] });
});

test('a grant is over when its time is, whether anybody wrote it or not', async () => {
  const { maya } = world.people;
  const { grant } = await openedGrant(world);
  world.clock.advance(3_600_000);
  expect((await maya.get(`/v1/grants/${grant}`)).body.status).toBe('ended');
  expect((await maya.get('/v1/grants?active=true')).body.items).toEqual([]);
  expect((await open(maya, grant)).body.rule).toBe('grant-is-usable');
});

test('a cloud that cuts the line leaves a session that counts as open, and no second secret', async () => {
  const { maya, tomas } = world.people;
  const {
    grants: [grant],
  } = await approve(tomas, (await ask(world, { entitlement: 'ledger' })).request);
  world.sts.behave({ kind: 'cut' });
  const same = key();
  const lost = await open(maya, grant.grant, {}, same);
  world.sts.behave({ kind: 'answer' });
  expect([lost.status, lost.body.code]).toEqual([504, 'provider-unavailable']);
  expect((await open(maya, grant.grant, {}, same)).body.code).toBe('already-done');
  expect((await maya.get(`/v1/grants/${grant.grant}`)).body.sessions).toMatchObject([{ phase: 'uncertain' }]);
});

test('pages follow each other without a gap or a double', async () => {
  const { maya } = world.people;
  const all = (await maya.get('/v1/requests?mine=true&limit=100')).body.items.map(
    (item: { request: string }) => item.request,
  );
  const seen: string[] = [];
  let cursor = '';
  do {
    const page = must(await maya.get(`/v1/requests?mine=true&limit=3${cursor}`), 200);
    seen.push(...page.items.map((item: { request: string }) => item.request));
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
  } while (cursor !== '');
  expect(seen).toEqual(all);
  expect(all.length).toBeGreaterThan(3);
});
