import { afterEach, beforeEach, expect, test } from 'vitest';
import { endGrant } from '../../../src/app/grant/end-grant.ts';
import { readGrant } from '../../../src/app/grant/find-grant.ts';
import { openSession } from '../../../src/app/grant/open-session.ts';
import { passTime } from '../../../src/app/grant/pass-time.ts';
import { revokeGrant } from '../../../src/app/grant/revoke-grant.ts';
import { initialise } from '../../../src/app/initialise.ts';
import { signOut } from '../../../src/app/person/end-sign-in.ts';
import { recogniseWorkload } from '../../../src/app/person/recognise.ts';
import { submitRequest } from '../../../src/app/request/submit-request.ts';
import { withdrawRequest } from '../../../src/app/request/withdraw-request.ts';
import { grantStatus } from '../../../src/domain/request/status.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import {
  approve,
  ask,
  askedFor,
  failureOf,
  grantOf,
  incident,
  open,
  review,
  reviewEmergency,
  ticket,
} from './steps.ts';
import { storyWorld } from './story-world.ts';
import { emptyWorld, publish, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await storyWorld();
});
/** Every story, whatever it tries, leaves a log in which a stranger finds no fault. */
afterEach(async () => {
  const { faults, passed } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
  expect(passed).toBe(true);
});

const statusOf = async (grant: string) =>
  grantStatus((await readGrant(world.broker, grant)).grant, world.clock.nowMs());

test('a request is asked for, approved by a colleague, opened, renewed without a code, and ended by its holder', async () => {
  await incident(world, 'INC-1', 'lea', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const grant = await approve(world, 'tomas', request);
  const first = await open(world, 'maya', grant);
  expect(first.credentials?.kind).toBe('token');
  world.clock.advance(1_000_000);
  const renewed = await open(world, 'maya', grant);
  expect(renewed.expires_at_ms).toBe(first.expires_at_ms);
  const { seconds_saved } = await endGrant(world.broker, world.who('maya').actor, grant);
  expect(seconds_saved).toBeGreaterThan(0);
  expect(await statusOf(grant)).toBe('ended');
  expect(await failureOf(open(world, 'maya', grant))).toBe('refused-by-rule grant-is-usable');
});

test('a second stage waits for the first, takes another human, and both narrow', async () => {
  const window = { from_ms: world.clock.nowMs(), to_ms: world.clock.nowMs() + 7_200_000 };
  await ticket(world, 'lea', 'CHG-7', { assignee: world.who('maya').person, window });
  await ticket(world, 'tomas', 'CHG-7', { state: 'approved' }, false);
  const { request } = await ask(world, 'maya', { entitlement: 'repair', ticket: 'CHG-7', seconds: 7200 });
  expect(await failureOf(review(world, 'sid', request))).toBe(
    'refused-by-rule reviewer-is-in-the-stage-group',
  );
  const scope = [
    { action: 'batches.read', resource: 'orders-export' },
    { action: 'batches.delete', resource: 'orders-export/batches/b-1' },
  ];
  expect((await review(world, 'sol', request, { verdict: 'approve', scope })).grants).toEqual([]);
  expect(await failureOf(review(world, 'sol', request))).toBe(
    'refused-by-rule reviewer-has-not-reviewed-before',
  );
  const { grants } = await review(world, 'sid', request, {
    verdict: 'approve',
    seconds: 600,
    scope: scope.slice(1),
  });
  const found = (await readGrant(world.broker, grants[0] ?? '')).grant;
  expect(found.scope).toEqual([
    { action: 'batches.delete', resource: 'orders-export/batches/b-1', access: 'destructive' },
  ]);
  expect(found.seconds).toBe(600);
});

test('two approvals at the same moment make one grant', async () => {
  await incident(world, 'INC-1', 'lea', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const both = await Promise.allSettled([review(world, 'tomas', request), review(world, 'lea', request)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('two openings at the same moment with one code open one session', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  world.clock.advance(1_000_000);
  const totp = world.code('maya');
  const both = await Promise.allSettled([
    open(world, 'maya', grant, { totp }),
    open(world, 'maya', grant, { totp }),
  ]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(Object.keys((await readGrant(world.broker, grant)).grant.sessions)).toHaveLength(1);
});

test('an opening sent again under its key opens no second session and gives no secret', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  const first = await open(world, 'maya', grant, { key: 'k' });
  const again = await open(world, 'maya', grant, { key: 'k' });
  expect(again).toMatchObject({ session: first.session, credentials: null, entries: [] });
});

test('a grant revoked while its opening is in flight: the credentials are thrown away, and the log says both', async () => {
  await incident(world, 'INC-1', 'lea', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const grant = await approve(world, 'tomas', request);
  world.cloud.next = {
    before: async () => void (await revokeGrant(world.broker, world.who('tomas').actor, grant, 'stop')),
  };
  expect(await failureOf(open(world, 'maya', grant))).toBe('conflict');
  expect(await statusOf(grant)).toBe('revoked');
  const types = (await world.entries()).map(({ type }) => type);
  expect(types.slice(-1)).toEqual(['countersign.session.opened.v1']);
});

test('a grant ended while its opening is in flight gives no credentials', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  world.cloud.next = {
    before: async () => void (await endGrant(world.broker, world.who('maya').actor, grant)),
  };
  expect(await failureOf(open(world, 'maya', grant))).toBe('conflict');
});

test('somebody who signs out while the cloud answers leaves a settled session', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  world.cloud.next = { before: () => signOutNow('maya') };
  await open(world, 'maya', grant);
  expect(await failureOf(open(world, 'maya', grant))).toBe('not-signed-in');
});

async function signOutNow(name: string): Promise<void> {
  const { person, actor } = world.who(name);
  const expiresAtMs = world.clock.nowMs() + 1000;
  const signIn = actor.signIn;
  if (signIn === null) throw new Error('not signed in');
  const signedIn = { person, signIn, issuer: 'corp', keyThumbprint: actor.keyThumbprint, expiresAtMs };
  await Promise.all([signOut(world.broker, signedIn), signOut(world.broker, signedIn)]);
}

test('of two sign-outs one is written, and a decision after it is none, even when its token was believed a moment before', async () => {
  await signOutNow('maya');
  const before = (await world.entries()).length;
  expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }))).toBe('not-signed-in');
  expect((await world.entries()).length).toBe(before);
  const signedOut = (await world.entries()).filter(({ type }) => type === 'countersign.person.signed-out.v1');
  expect(signedOut).toHaveLength(1);
});

test('a sign-in decides until the millisecond before its end', async () => {
  const signInEndsMs = 12 * 3_600_000;
  await world.signIn('maya');
  const signedInAtMs = world.clock.nowMs();
  world.clock.advance(signInEndsMs - 60_000);
  const totp = world.code('maya');
  world.clock.advance(signedInAtMs + signInEndsMs - 1 - world.clock.nowMs());
  expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }, { totp: undefined }))).toBe(
    'step-up-needed factor-is-proved',
  );
  world.clock.advance(1);
  expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }, { totp }))).toBe('not-signed-in');
});

test('an opening whose answer is lost counts as open, and time settles what nobody recorded', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  world.cloud.next = { answer: { outcome: 'unknown', reason: '' } };
  expect(await failureOf(open(world, 'maya', grant))).toBe('provider-unavailable');
  const { sessions, endsAtMs } = (await readGrant(world.broker, grant)).grant;
  expect(Object.values(sessions).map(({ phase }) => phase)).toEqual(['uncertain']);
  expect(endsAtMs).not.toBeNull();
  world.clock.advance(1_800_000);
  await passTime(world.broker);
  expect(await statusOf(grant)).toBe('ended');
});

test('a refusal of the cloud costs no time, whatever words it is made in', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  const reason = `${'x'.repeat(499)}\u{1F600}`;
  world.cloud.next = { answer: { outcome: 'refused', reason, mend: null, retryable: true } };
  expect(await failureOf(open(world, 'maya', grant))).toBe('provider-refused');
  expect(await statusOf(grant)).toBe('activation-failed');
  await open(world, 'maya', grant);
  expect(await statusOf(grant)).toBe('active');
});

test('a recovery that gave up on an opening is not undone by its late answer: the truth is written, nothing is handed out', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  world.cloud.next = {
    before: async () => {
      world.clock.advance(60_000);
      await passTime(world.broker);
    },
  };
  expect(await failureOf(open(world, 'maya', grant))).toBe('conflict');
  const { sessions } = (await readGrant(world.broker, grant)).grant;
  expect(Object.values(sessions).map(({ phase }) => phase)).toEqual(['opened']);
});

test('a revocation does not wait for a provider that is configured no more', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  await open(world, 'maya', grant);
  const without = { ...world.broker, providers: new Map() };
  const revoked = await revokeGrant(without, world.who('tomas').actor, grant, 'stop');
  expect(revoked.status).toBe('revoking');
  expect(await failureOf(open(world, 'maya', grant))).toBe('refused-by-rule grant-is-usable');
});

test('ending a grant succeeds although the provider cannot be reached: it is written, and reported', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  await open(world, 'maya', grant);
  const [kind, provider] = [...world.broker.providers][0] ?? [];
  if (kind === undefined || provider === undefined) throw new Error('no provider');
  const broken = { ...provider, revoke: () => Promise.reject(new Error('no route')) };
  await endGrant({ ...world.broker, providers: new Map([[kind, broken]]) }, world.who('maya').actor, grant);
  expect(await statusOf(grant)).toBe('revoking');
  expect(world.reports).toHaveLength(1);
});

test('nobody approves their own request, and a stranger learns nothing of it', async () => {
  await incident(world, 'INC-1', 'lea', 'tomas');
  const { request } = await ask(world, 'tomas', { entitlement: 'operator', ticket: 'INC-1' });
  expect(await failureOf(review(world, 'tomas', request))).toBe('refused-by-rule approver-is-not-requester');
  expect(await failureOf(review(world, 'omar', request))).toBe('not-found');
  expect(await failureOf(withdrawRequest(world.broker, world.who('omar').actor, request))).toBe('not-found');
  await withdrawRequest(world.broker, world.who('tomas').actor, request);
  expect(await failureOf(review(world, 'lea', request))).toBe('refused-by-rule request-is-pending');
});

test('what somebody types as an entitlement never stands in the log', async () => {
  const typed = 'maya lives at 12 Elm Street';
  expect(await failureOf(ask(world, 'maya', { entitlement: typed }))).toBe(
    'refused-by-rule entitlement-exists',
  );
  expect(await failureOf(ask(world, 'maya', { entitlement: '' }))).toBe('refused-by-rule entitlement-exists');
  expect(JSON.stringify(await world.entries())).not.toContain('Elm');
});

test('refusals of one person are written up to a bound, and made beyond it', async () => {
  const ofRefusals = async () =>
    (await world.entries()).filter(({ type }) => type === 'countersign.command.refused.v1').length;
  for (let at = 0; at < 35; at++) {
    expect(await failureOf(ask(world, 'maya', { entitlement: 'none' }, {}))).toBe(
      'refused-by-rule entitlement-exists',
    );
  }
  expect(await ofRefusals()).toBe(30);
  world.clock.advance(3_600_000);
  await failureOf(ask(world, 'maya', { entitlement: 'none' }, {}));
  expect(await ofRefusals()).toBe(31);
});

test('a policy that changes the rule ends what was asked for and approved under the old one', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  await incident(world, 'INC-1', 'lea', 'maya');
  const waiting = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const { look, operator } = ordersPolicy.entitlements;
  if (look === undefined || operator === undefined) throw new Error('the policy has changed');
  const entitlements = {
    ...ordersPolicy.entitlements,
    look: { ...look, at_most_seconds: 60_000 },
    operator: { ...operator, at_most_seconds: 7200 },
  };
  await publish(world, { ...ordersPolicy, entitlements }, ['ann', 'bob']);
  expect(await failureOf(open(world, 'maya', grant))).toBe(
    'refused-by-rule entitlement-still-allows-the-grant',
  );
  expect(await failureOf(review(world, 'tomas', waiting.request))).toBe(
    'refused-by-rule rule-is-unchanged-since-asking',
  );
  await review(world, 'tomas', waiting.request, { verdict: 'deny' });
});

test('a group that was taken away counts at once: at asking, reviewing and opening', async () => {
  const { request } = await ask(world, 'maya', { entitlement: 'look' });
  const grant = await grantOf(world, request);
  world.who('maya').actor = { ...world.who('maya').actor, idpGroups: [] };
  expect(await failureOf(open(world, 'maya', grant))).toBe('refused-by-rule requester-is-eligible');
  expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }))).toBe(
    'refused-by-rule requester-is-eligible',
  );
});

test('a workload asks, another human than its sponsor approves, and it opens without a factor', async () => {
  const pipe = await recogniseWorkload(world.broker, { token: 'repo:acme/payments', address: null });
  const asked = askedFor({ entitlement: 'deploys', seconds: 600 });
  const { request } = await submitRequest(world.broker, pipe, asked, {
    totp: undefined,
    idempotency: undefined,
  });
  expect(await failureOf(review(world, 'sol', request))).toBe(
    'refused-by-rule reviewer-sponsors-not-the-workload',
  );
  const grant = await approve(world, 'sid', request);
  const opened = await openSession(world.broker, pipe, grant, {
    totp: undefined,
    idempotency: { key: 'w', digest: 'd' },
  });
  expect(opened.credentials?.kind).toBe('token');
});

test('an emergency is opened at once, judged afterwards by as many as the policy wants, and by nobody more', async () => {
  await incident(world, 'INC-1', 'lea', 'maya');
  const { request } = await ask(world, 'maya', {
    entitlement: 'operator',
    ticket: 'INC-1',
    breakGlass: true,
  });
  await open(world, 'maya', await grantOf(world, request));
  expect(await failureOf(reviewEmergency(world, 'lea', request))).toBe(
    'refused-by-rule reviewer-is-in-the-stage-group',
  );
  await reviewEmergency(world, 'sid', request);
  expect(await failureOf(reviewEmergency(world, 'sol', request))).toBe('conflict');
});

test('an overdue emergency blocks the next of another incident, not one of its own', async () => {
  await incident(world, 'INC-1', 'lea', 'maya');
  await incident(world, 'INC-2', 'lea', 'maya');
  const first = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1', breakGlass: true });
  await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-2', breakGlass: true });
  world.clock.advance(86_400_000);
  await passTime(world.broker);
  for (const name of ['maya', 'sid']) await world.signIn(name);
  const next = (name: string) =>
    ask(world, 'maya', { entitlement: 'operator', ticket: name, breakGlass: true });
  expect(await failureOf(next('INC-1'))).toBe('refused-by-rule break-glass-debt-is-paid');
  await reviewEmergency(world, 'sid', first.request);
  expect(await failureOf(next('INC-2'))).toBe('no failure');
  // The audit lists what nobody judged in time; it is no fault of the log.
  expect((await world.audit()).overdue_reviews).toHaveLength(1);
});

test('with the ticket source down an emergency is marked so, and one that was not marked does not go on without it', async () => {
  await incident(world, 'INC-1', 'lea', 'maya');
  const seen = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1', breakGlass: true });
  world.tickets.down = true;
  expect(await failureOf(ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' }))).toBe(
    'refused-by-rule ticket-fits-the-rule',
  );
  const unseen = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1', breakGlass: true });
  await open(world, 'maya', await grantOf(world, unseen.request));
  expect(await failureOf(open(world, 'maya', await grantOf(world, seen.request)))).toBe(
    'refused-by-rule ticket-fits-the-rule',
  );
});

test('a change that is moved, or carried out by another, is to be approved again', async () => {
  await ticket(world, 'maya', 'CHG-9', { assignee: world.who('maya').person });
  const stateAfter = async (change: Parameters<typeof ticket>[3]) => {
    await ticket(world, 'lea', 'CHG-9', { state: 'approved' }, false);
    await ticket(world, 'omar', 'CHG-9', change, false);
    const written = (await world.entries()).filter(({ type }) => type === 'countersign.ticket.written.v1');
    return [written.at(-1)?.data['state'], written.at(-1)?.data['approved_by']];
  };
  const window = { from_ms: world.clock.nowMs(), to_ms: world.clock.nowMs() + 1000 };
  expect(await stateAfter({ window })).toEqual(['open', null]);
  expect(await stateAfter({ assignee: world.who('omar').person })).toEqual(['open', null]);
  expect(await stateAfter({ title: 'Another title' })).toEqual(['approved', world.who('lea').person]);
  expect(await stateAfter({ state: 'closed' })).toEqual(['closed', null]);
});

test('people added to an approved change ask for its approval again', async () => {
  await ticket(world, 'maya', 'CHG-9', { assignee: world.who('maya').person });
  expect(await failureOf(ticket(world, 'maya', 'CHG-9', { state: 'approved' }, false))).toBe(
    'refused-by-rule ticket-editor-is-entitled',
  );
  await ticket(world, 'lea', 'CHG-9', { state: 'approved' }, false);
  await ticket(world, 'omar', 'CHG-9', { addResponders: [world.who('omar').person] }, false);
  const written = (await world.entries()).filter(({ type }) => type === 'countersign.ticket.written.v1');
  expect(written.map(({ data }) => [data['state'], data['approved_by']])).toEqual([
    ['open', null],
    ['approved', world.who('lea').person],
    ['open', null],
  ]);
});

test('a log is begun by different administrators only, each named once', async () => {
  const empty = await emptyWorld({ ann: [], bob: [] });
  const [ann, bob] = ['ann', 'bob'].map((name) => ({ person: empty.who(name).person, issuer: 'corp' }));
  if (ann === undefined || bob === undefined) throw new Error('nobody there');
  const begin = (administrators: readonly (typeof ann)[]) =>
    failureOf(initialise({ ...empty.broker }, { origin: empty.broker.origin, logKey: 'k', administrators }));
  expect(await begin([ann])).toBe('malformed-input');
  expect(await begin([ann, ann])).toBe('malformed-input');
  expect(await begin([ann, ann, bob])).toBe('malformed-input');
  expect(await begin([ann, bob])).toBe('no failure');
  expect(await begin([ann, bob])).toBe('already-done');
  await empty.close();
});

test('whoever adds themselves to a colleague’s ticket is vouched for by nobody', async () => {
  await incident(world, 'INC-9', 'lea');
  await ticket(world, 'maya', 'INC-9', { addResponders: [world.who('maya').person] }, false);
  const asked = ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-9' });
  expect(await failureOf(asked)).toBe('refused-by-rule ticket-has-another-voucher');
});
