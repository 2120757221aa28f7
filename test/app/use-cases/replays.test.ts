import { afterEach, beforeEach, expect, test } from 'vitest';
import { endGrant } from '../../../src/app/grant/end-grant.ts';
import { readGrant } from '../../../src/app/grant/find-grant.ts';
import { passTime, resumeRevocations } from '../../../src/app/grant/pass-time.ts';
import { revokeGrant } from '../../../src/app/grant/revoke-grant.ts';
import { prepareReview, reviewRequest } from '../../../src/app/request/review-request.ts';
import { submitRequest } from '../../../src/app/request/submit-request.ts';
import type { GrantId } from '../../../src/domain/ids.ts';
import { grantStatus } from '../../../src/domain/request/status.ts';
import { approve, ask, askedFor, failureOf, grantOf, incident, open, review, ticket } from './steps.ts';
import { storyWorld } from './story-world.ts';
import type { World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await storyWorld();
});
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

const count = async (type: string) => (await world.entries()).filter((entry) => entry.type === type).length;

test('a request sent twice under one key is one request, and the second answer names it', async () => {
  const asked = askedFor({ entitlement: 'look', seconds: 600 });
  const given = { totp: world.code('maya'), idempotency: { key: 'k', digest: 'sha256:body' } };
  const first = await submitRequest(world.broker, world.who('maya').actor, asked, given);
  const again = await submitRequest(world.broker, world.who('maya').actor, asked, given);
  expect(again).toEqual({ request: first.request, entries: [] });
  const other = { ...given, idempotency: { key: 'k', digest: 'sha256:another body' } };
  expect(await failureOf(submitRequest(world.broker, world.who('maya').actor, asked, other))).toBe(
    'idempotency-key-reused',
  );
});

test('a refusal is not remembered under its key: what was mended is decided anew', async () => {
  const asked = askedFor({ entitlement: 'operator', seconds: 600, ticket: 'INC-1' });
  const submit = () => {
    const given = { totp: world.code('maya'), idempotency: { key: 'k', digest: 'sha256:body' } };
    return submitRequest(world.broker, world.who('maya').actor, asked, given);
  };
  expect(await failureOf(submit())).toBe('refused-by-rule ticket-fits-the-rule');
  await incident(world, 'INC-1', 'lea', 'maya');
  expect(await failureOf(submit())).toBe('no failure');
});

test('a review sent twice under one key is one review; under another its statement is spent', async () => {
  const window = { from_ms: world.clock.nowMs(), to_ms: world.clock.nowMs() + 7_200_000 };
  await ticket(world, 'lea', 'CHG-7', { assignee: world.who('maya').person, window });
  await ticket(world, 'tomas', 'CHG-7', { state: 'approved' }, false);
  const { request } = await ask(world, 'maya', { entitlement: 'repair', ticket: 'CHG-7' });
  const { actor } = world.who('lea');
  const { statement } = await prepareReview(world.broker, actor, request, { verdict: 'approve' });
  const given = (key: string) => ({
    statement,
    reason: null,
    totp: world.code('lea'),
    idempotency: { key, digest: 'd' },
  });
  await reviewRequest(world.broker, actor, request, given('k'));
  expect(await reviewRequest(world.broker, actor, request, given('k'))).toEqual({
    request,
    grants: [],
    entries: [],
  });
  expect(await count('countersign.request.reviewed.v1')).toBe(1);
  expect(await failureOf(reviewRequest(world.broker, actor, request, given('l')))).toBe(
    'refused-by-rule reviewer-is-in-the-stage-group',
  );
});

test('a statement of one reviewer is worth nothing in the hand of another, nor on another request', async () => {
  await incident(world, 'INC-1', 'ann', 'maya', 'omar');
  const one = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const two = await ask(world, 'omar', { entitlement: 'operator', ticket: 'INC-1' });
  const { statement } = await prepareReview(world.broker, world.who('lea').actor, one.request, {
    verdict: 'approve',
  });
  const sign = (name: string, request: typeof one.request) =>
    reviewRequest(world.broker, world.who(name).actor, request, {
      statement,
      reason: null,
      totp: world.code(name),
      idempotency: undefined,
    });
  const differs = 'refused-by-rule statement-is-what-stands';
  expect(await failureOf(sign('tomas', one.request))).toBe(differs);
  expect(await failureOf(sign('lea', two.request))).toBe(differs);
  world.clock.advance(300_000);
  expect(await failureOf(sign('lea', one.request))).toBe(differs);
});

test('a statement signed over a root the log never had is refused', async () => {
  await incident(world, 'INC-1', 'ann', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const { actor } = world.who('lea');
  const { statement } = await prepareReview(world.broker, actor, request, { verdict: 'approve' });
  for (const log of [
    { ...statement.log, root: statement.nonce },
    { ...statement.log, size: statement.log.size - 1 },
    { ...statement.log, size: 1_000_000 },
    { ...statement.log, root: 'no base 64' },
  ]) {
    const given = {
      statement: { ...statement, log },
      reason: null,
      totp: world.code('lea'),
      idempotency: undefined,
    };
    expect(await failureOf(reviewRequest(world.broker, actor, request, given))).toBe(
      'refused-by-rule statement-is-what-stands',
    );
  }
});

test('a review at the very millisecond at which the request expires comes too late', async () => {
  await incident(world, 'INC-1', 'ann', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const [due] = await world.broker.store.due(Number.MAX_SAFE_INTEGER, 1);
  world.clock.advance((due?.dueAtMs ?? 0) - world.clock.nowMs());
  expect(await failureOf(review(world, 'lea', request))).toBe('refused-by-rule request-is-pending');
  await Promise.all([passTime(world.broker), passTime(world.broker)]);
  expect(await count('countersign.request.expired.v1')).toBe(1);
});

test('a revocation whose call to the provider was cut short is carried out after the next start', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  await open(world, 'maya', grant);
  const crashed = { ...world.broker, providers: new Map() };
  await revokeGrant(crashed, world.who('tomas').actor, grant, 'stop');
  await resumeRevocations(world.broker);
  const found = (await readGrant(world.broker, grant)).grant;
  expect(grantStatus(found, world.clock.nowMs())).toBe('revoked');
});

test('one revocation that cannot be carried out does not keep the others from it', async () => {
  const grants: GrantId[] = [];
  for (const name of ['maya', 'tomas', 'omar']) {
    const { request } = await ask(world, name, { entitlement: 'look' });
    const grant = await grantOf(world, request);
    await open(world, name, grant);
    await endGrant({ ...world.broker, providers: new Map() }, world.who(name).actor, grant);
    grants.push(grant);
  }
  const [kind, provider] = [...world.broker.providers][0] ?? [];
  if (kind === undefined || provider === undefined) throw new Error('no provider');
  const failing: typeof provider = {
    ...provider,
    revoke: (grant, sessions) =>
      grant === grants[1] ? Promise.reject(new Error('no')) : provider.revoke(grant, sessions),
  };
  await resumeRevocations({ ...world.broker, providers: new Map([[kind, failing]]) });
  const statuses = [];
  for (const grant of grants)
    statuses.push(grantStatus((await readGrant(world.broker, grant)).grant, world.clock.nowMs()));
  expect(statuses).toEqual(['ended', 'revoking', 'ended']);
  expect(world.reports).toHaveLength(1);
});

test('ending one grant leaves the other of the same person alone', async () => {
  const one = await grantOf(world, (await ask(world, 'maya', { entitlement: 'look' })).request);
  await incident(world, 'INC-1', 'lea', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const other = await approve(world, 'lea', request);
  await endGrant(world.broker, world.who('maya').actor, one);
  expect((await open(world, 'maya', other)).credentials?.kind).toBe('token');
});

test("another's grant does not exist for somebody who may not see it: neither to open nor to end nor to revoke", async () => {
  const grant = await grantOf(world, (await ask(world, 'maya', { entitlement: 'look' })).request);
  const { actor } = world.who('omar');
  expect(await failureOf(open(world, 'omar', grant))).toBe('not-found');
  expect(await failureOf(endGrant(world.broker, actor, grant))).toBe('not-found');
  expect(await failureOf(revokeGrant(world.broker, actor, grant, 'x'))).toBe('not-found');
  expect(await failureOf(endGrant(world.broker, actor, 'g-__proto__'))).toBe('not-found');
  const auditors = await failureOf(revokeGrant(world.broker, world.who('sid').actor, grant, 'x'));
  expect(auditors).toBe('not-found');
});
