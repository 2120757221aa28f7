import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endGrant } from '../../../src/app/grant/end-grant.ts';
import { readGrant, readRequest } from '../../../src/app/grant/find-grant.ts';
import { passTime, resumeRevocations } from '../../../src/app/grant/pass-time.ts';
import { revokeGrant } from '../../../src/app/grant/revoke-grant.ts';
import { sweepGrants } from '../../../src/app/grant/sweep-grants.ts';
import { prepareReview, reviewRequest } from '../../../src/app/request/review-request.ts';
import { grantViews } from '../../../src/app/views/grant-view.ts';
import type { GrantId, RequestId } from '../../../src/domain/ids.ts';
import { grantStatus, requestStatus } from '../../../src/domain/request/status.ts';
import { flowsWorld } from './flows-world.ts';
import { approve, ask, failureOf, incident, open, review, ticket } from './steps.ts';
import type { World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await flowsWorld();
});
/** Every story, whatever it tries, leaves a log in which a stranger finds no fault. */
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

const statusOf = async (grant: string) =>
  grantStatus((await readGrant(world.broker, grant)).grant, world.clock.nowMs());
const requestStatusOf = async (request: RequestId) =>
  requestStatus(await readRequest(world.broker, request), world.clock.nowMs());
const personsOf = (...names: readonly string[]) => names.map((name) => world.who(name).person);
const viewOf = async (grant: string) => {
  const [view] = await grantViews(world.broker, [await readGrant(world.broker, grant)]);
  if (view === undefined) throw new Error('no view');
  return view;
};
const entriesOf = async (type: string) =>
  (await world.entries()).filter((entry) => entry.type === `countersign.${type}.v1`);
const toTheMillisecond = (atMs: number) => world.clock.advance(atMs - world.clock.nowMs());
const signInAgain = async (...names: readonly string[]) => {
  for (const name of names) await world.signIn(name);
};

/** Maya's grant, approved by Tomas and open. */
async function running(seconds = 1800): Promise<GrantId> {
  await incident(world, 'INC-1', 'lea', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1', seconds });
  const grant = await approve(world, 'tomas', request);
  await open(world, 'maya', grant);
  return grant;
}

const extend = (grant: string, more: { readonly seconds?: number } = {}) =>
  ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1', extends: grant, ...more });

describe('one request for several', () => {
  test('an incident’s responders: one sign-off, a grant and a factor each, and each opens only their own', async () => {
    const names = ['maya', 'omar', 'tomas'] as const;
    await incident(world, 'INC-1', 'ann', ...names);
    const people = personsOf(...names);
    const asked = { entitlement: 'operator', ticket: 'INC-1', people };
    const { request } = await ask(world, 'maya', asked);
    const { grants } = await review(world, 'lea', request);
    expect(grants).toHaveLength(3);
    const held = await Promise.all(grants.map(async (grant) => (await readGrant(world.broker, grant)).grant));
    expect(held.map(({ person }) => person)).toEqual(people);
    const [own, omars] = grants as readonly GrantId[];
    if (own === undefined || omars === undefined) throw new Error('too few grants');
    expect(await failureOf(open(world, 'maya', omars, { totp: world.code('maya') }))).toBe('not-found');
    await open(world, 'maya', own);
    // What the asker showed serves the asker alone.
    expect(await failureOf(open(world, 'omar', omars))).toBe('step-up-needed factor-is-proved');
    expect((await open(world, 'omar', omars, { totp: world.code('omar') })).credentials?.kind).toBe('token');
    await endGrant(world.broker, world.who('omar').actor, omars);
    expect([await statusOf(own), await statusOf(omars)]).toEqual(['active', 'ended']);
  });

  test('nobody for whom it is asked signs it off, nor somebody’s other login', async () => {
    await incident(world, 'INC-1', 'ann', 'omar', 'tomas');
    const { request } = await ask(world, 'omar', {
      entitlement: 'operator',
      ticket: 'INC-1',
      people: personsOf('omar', 'tomas'),
    });
    expect(await failureOf(review(world, 'tomas', request))).toBe(
      'refused-by-rule approver-is-not-requester',
    );
  });

  test('each is eligible by their own groups when they open, whoever asked', async () => {
    await incident(world, 'INC-1', 'ann', 'maya', 'sid');
    const { request } = await ask(world, 'maya', {
      entitlement: 'operator',
      ticket: 'INC-1',
      people: personsOf('maya', 'sid'),
    });
    const { grants } = await review(world, 'lea', request);
    const totp = world.code('sid');
    expect(await failureOf(open(world, 'sid', grants[1] as GrantId, { totp }))).toBe(
      'refused-by-rule requester-is-eligible',
    );
  });

  test('somebody who is not in the ticket is not asked for, and somebody unknown is told at once', async () => {
    await incident(world, 'INC-1', 'ann', 'maya');
    const asked = { entitlement: 'operator', ticket: 'INC-1', people: personsOf('maya', 'omar') };
    expect(await failureOf(ask(world, 'maya', asked))).toBe('refused-by-rule ticket-fits-the-rule');
    const unknown = { ...asked, people: ['p-aaaaaaaaaaaaaaaaaaaaaaaaaa'] };
    expect(await failureOf(ask(world, 'maya', unknown))).toBe('malformed-input');
  });

  test('several places: which is never guessed, and each grant opens its own', async () => {
    await incident(world, 'INC-1', 'lea', 'maya');
    const asked = { entitlement: 'outage', ticket: 'INC-1' };
    expect(await failureOf(ask(world, 'maya', asked))).toBe('refused-by-rule targets-are-of-the-entitlement');
    const { request } = await ask(world, 'maya', { ...asked, targets: ['orders-prod', 'billing-prod'] });
    const { grants } = await review(world, 'tomas', request);
    const audiences = [];
    for (const grant of grants) {
      const { credentials } = await open(world, 'maya', grant as GrantId);
      audiences.push(credentials?.kind === 'token' ? credentials.audience : '');
    }
    expect(audiences).toEqual(['https://orders.example', 'https://billing.example']);
  });
});

describe('who decides', () => {
  test('a stage that waits is decided by whom it escalates to, from the very millisecond on, and not before', async () => {
    await incident(world, 'INC-1', 'lea', 'maya');
    const { request } = await ask(world, 'maya', {
      entitlement: 'outage',
      ticket: 'INC-1',
      targets: ['orders-prod'],
    });
    const { submittedAtMs } = await readRequest(world.broker, request);
    toTheMillisecond(submittedAtMs + 899_999);
    expect(await failureOf(prepareReview(world.broker, world.who('sid').actor, request, approval))).toBe(
      'refused-by-rule reviewer-is-in-the-stage-group',
    );
    world.clock.advance(1);
    await review(world, 'sid', request);
    const [reviewed] = await entriesOf('request.reviewed');
    expect(reviewed?.data['right']).toBe('escalation');
  });

  test('both groups at the moment of escalation: one decision, one grant', async () => {
    await incident(world, 'INC-1', 'lea', 'maya');
    const { request } = await ask(world, 'maya', {
      entitlement: 'outage',
      ticket: 'INC-1',
      targets: ['orders-prod'],
    });
    toTheMillisecond((await readRequest(world.broker, request)).submittedAtMs + 900_000);
    const both = await Promise.allSettled([review(world, 'lea', request), review(world, 'sid', request)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await entriesOf('request.approved')).toHaveLength(1);
  });

  test('a delegate signs in the group’s place, from the first day to the last, and says so', async () => {
    await incident(world, 'INC-1', 'lea', 'maya', 'omar');
    const first = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
    await approve(world, 'stan', first.request);
    expect((await entriesOf('request.reviewed'))[0]?.data['right']).toBe('delegation');
    toTheMillisecond(Date.UTC(2026, 4, 5, 23, 59));
    await signInAgain('omar', 'stan');
    const second = await ask(world, 'omar', { entitlement: 'operator', ticket: 'INC-1' });
    const { statement } = await prepareReview(world.broker, world.who('stan').actor, second.request, {
      verdict: 'approve',
    });
    const totp = world.code('stan');
    toTheMillisecond(Date.UTC(2026, 4, 6));
    const late = reviewRequest(world.broker, world.who('stan').actor, second.request, {
      statement,
      reason: null,
      totp,
      idempotency: undefined,
    });
    expect(await failureOf(late)).toBe('refused-by-rule reviewer-is-in-the-stage-group');
  });

  test('somebody whom a group lists until a day is eligible to its last millisecond', async () => {
    await incident(world, 'INC-1', 'lea', 'dora');
    const asked = { entitlement: 'outage', ticket: 'INC-1', targets: ['orders-prod'] };
    toTheMillisecond(Date.UTC(2026, 4, 4, 23, 58));
    await signInAgain('dora', 'tomas');
    const { request } = await ask(world, 'dora', asked);
    const grant = await approve(world, 'tomas', request);
    toTheMillisecond(Date.UTC(2026, 4, 5));
    expect(await failureOf(open(world, 'dora', grant))).toBe('refused-by-rule requester-is-eligible');
    expect(await failureOf(ask(world, 'dora', asked))).toBe('refused-by-rule requester-is-eligible');
  });

  test('another login of the requester is the requester', async () => {
    await incident(world, 'INC-1', 'lea', 'maya');
    const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
    expect(await failureOf(review(world, 'maya at work', request))).toBe(
      'refused-by-rule approver-is-not-requester',
    );
  });
});

const approval = { verdict: 'approve' } as const;

describe('a start that lies ahead', () => {
  test('opens from its millisecond on, and its time to be used counts from there', async () => {
    const startMs = world.clock.nowMs() + 7_200_000;
    await incident(world, 'INC-1', 'lea', 'maya');
    const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1', startMs });
    const grant = await approve(world, 'tomas', request);
    expect(await statusOf(grant)).toBe('scheduled');
    toTheMillisecond(startMs - 1);
    await signInAgain('maya');
    const totp = world.code('maya');
    expect(world.clock.nowMs()).toBe(startMs - 1);
    expect(await failureOf(open(world, 'maya', grant, { totp }))).toBe('refused-by-rule grant-has-begun');
    world.clock.advance(1);
    expect((await open(world, 'maya', grant, { totp })).credentials?.kind).toBe('token');
    expect(await viewOf(grant)).toMatchObject({
      starts_at: iso(startMs),
      activate_by: iso(startMs + 3_600_000),
      ends_at: iso(startMs + 1_800_000),
    });
  });

  test('is over when nobody used it in the time that counts from its start', async () => {
    const startMs = world.clock.nowMs() + 7_200_000;
    const { request } = await ask(world, 'maya', { entitlement: 'look', startMs });
    const [grant = ''] = Object.keys((await readRequest(world.broker, request)).grants);
    expect(await statusOf(grant)).toBe('scheduled');
    toTheMillisecond(startMs + 3_599_999);
    expect(await statusOf(grant)).toBe('approved');
    world.clock.advance(1);
    expect(await statusOf(grant)).toBe('expired');
    await passTime(world.broker);
    expect((await entriesOf('grant.expired'))[0]?.data['unused']).toBe(true);
  });

  test('is within what the policy allows, and a change’s window is looked at for then', async () => {
    const nowMs = world.clock.nowMs();
    const window = { from_ms: nowMs + 3_600_000, to_ms: nowMs + 7_200_000 };
    await ticket(world, 'lea', 'CHG-1', { assignee: world.who('maya').person, window });
    await ticket(world, 'tomas', 'CHG-1', { state: 'approved' }, false);
    const asked = (startMs: number) =>
      ask(world, 'maya', { entitlement: 'repair', ticket: 'CHG-1', startMs });
    expect(await failureOf(asked(nowMs + 700_000_000))).toBe('refused-by-rule start-is-within-limit');
    expect(await failureOf(asked(window.to_ms))).toBe('refused-by-rule ticket-fits-the-rule');
    const { request } = await asked(window.from_ms);
    await review(world, 'lea', request);
    const { grants } = await review(world, 'sid', request);
    expect(await statusOf(grants[0] ?? '')).toBe('scheduled');
  });
});

describe('an extension', () => {
  test('begins at the old end, is seen from the old grant, and takes a code of its own', async () => {
    const grant = await running();
    const endsAtMs = (await readGrant(world.broker, grant)).grant.endsAtMs ?? 0;
    expect(await viewOf(grant)).toMatchObject({ extended_by: null, covers_until: iso(endsAtMs) });
    const { request } = await extend(grant, { seconds: 1200 });
    expect((await viewOf(grant)).extended_by).toBeNull();
    const next = await approve(world, 'lea', request);
    expect(await viewOf(grant)).toMatchObject({
      extended_by: next,
      covers_until: iso(endsAtMs + 1_200_000),
    });
    expect(await viewOf(next)).toMatchObject({
      extends: grant,
      status: 'scheduled',
      starts_at: iso(endsAtMs),
    });
    expect(await failureOf(open(world, 'maya', next))).toBe('refused-by-rule grant-has-begun');
    toTheMillisecond(endsAtMs);
    expect(await failureOf(open(world, 'maya', grant))).toBe('refused-by-rule grant-is-usable');
    expect(await failureOf(open(world, 'maya', next))).toBe('step-up-needed factor-is-proved');
    const opened = await open(world, 'maya', next, { totp: world.code('maya') });
    expect(opened.credentials?.kind).toBe('token');
  });

  test('begins at the very moment at which the credentials before it end, opened within whichever second', async () => {
    await incident(world, 'INC-1', 'lea', 'maya');
    const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1', seconds: 600 });
    const grant = await approve(world, 'tomas', request);
    toTheMillisecond(Math.ceil(world.clock.nowMs() / 1000) * 1000 + 617);
    const openedAtMs = world.clock.nowMs();
    const { expires_at_ms } = await open(world, 'maya', grant);
    expect(expires_at_ms).toBe(openedAtMs - 617 + 600_000);
    const next = await approve(world, 'lea', (await extend(grant)).request);
    expect(await viewOf(next)).toMatchObject({ starts_at: iso(expires_at_ms) });
    toTheMillisecond(expires_at_ms);
    expect((await open(world, 'maya', next, { totp: world.code('maya') })).credentials?.kind).toBe('token');
  });

  test('of somebody else’s grant, of another access or of what is over is none', async () => {
    const grant = await running();
    await incident(world, 'INC-2', 'lea', 'omar');
    const others = ask(world, 'omar', { entitlement: 'operator', ticket: 'INC-2', extends: grant });
    expect(await failureOf(others)).toBe('refused-by-rule extension-follows-its-grant');
    const another = ask(world, 'maya', { entitlement: 'look', extends: grant });
    expect(await failureOf(another)).toBe('refused-by-rule extension-follows-its-grant');
    await endGrant(world.broker, world.who('maya').actor, grant);
    expect(await failureOf(extend(grant))).toBe('refused-by-rule extension-follows-its-grant');
  });

  test('of what was revoked is cut off with it, and so is what carries that on', async () => {
    const grant = await running();
    const next = await approve(world, 'lea', (await extend(grant)).request);
    const endsAtMs = (await readGrant(world.broker, grant)).grant.endsAtMs ?? 0;
    toTheMillisecond(endsAtMs);
    await open(world, 'maya', next, { totp: world.code('maya') });
    const last = await approve(world, 'lea', (await extend(next)).request);
    await revokeGrant(world.broker, world.who('tomas').actor, next, 'enough');
    expect(await statusOf(last)).toBe('revoked');
    expect(await viewOf(last)).toMatchObject({ cut_off_because: 'extended-grant-revoked' });
    const [cut] = await entriesOf('grant.cut-off');
    expect(cut?.data).toMatchObject({ grant: last, about: next });
  });

  test('whose cutting off was cut short opens nothing, and the next sweep ends it', async () => {
    const grant = await running();
    const next = await approve(world, 'lea', (await extend(grant)).request);
    const endsAtMs = (await readGrant(world.broker, grant)).grant.endsAtMs ?? 0;
    const listless = {
      ...world.broker.store,
      rows: async (query: Parameters<World['broker']['store']['rows']>[0]) =>
        'extends_grant' in query.where ? [] : world.broker.store.rows(query),
    };
    await revokeGrant({ ...world.broker, store: listless }, world.who('tomas').actor, grant, 'enough');
    expect(await statusOf(next)).toBe('scheduled');
    toTheMillisecond(endsAtMs);
    expect(await failureOf(open(world, 'maya', next, { totp: world.code('maya') }))).toBe(
      'refused-by-rule extended-grant-was-not-revoked',
    );
    await sweepGrants(world.broker);
    await sweepGrants(world.broker);
    expect(await statusOf(next)).toBe('revoked');
    expect(await entriesOf('grant.cut-off')).toHaveLength(1);
  });

  test('that waits for its review is approved by nobody once the grant was revoked', async () => {
    const grant = await running();
    const { request } = await extend(grant);
    await revokeGrant(world.broker, world.who('tomas').actor, grant, 'enough');
    expect(await failureOf(review(world, 'lea', request))).toBe(
      'refused-by-rule extended-grant-was-not-revoked',
    );
    await review(world, 'lea', request, { verdict: 'deny' });
  });

  test('of what its holder ended early goes on as approved', async () => {
    const grant = await running();
    const next = await approve(world, 'lea', (await extend(grant)).request);
    await endGrant(world.broker, world.who('maya').actor, grant);
    expect(await statusOf(next)).toBe('scheduled');
  });
});

const iso = (ms: number) => new Date(ms).toISOString();

describe('what is left of a scope', () => {
  test('parameters are filled in, recorded, and are all that the grant says', async () => {
    const { request } = await ask(world, 'maya', { entitlement: 'batch', parameters: { batch: 'b-7' } });
    const state = await readRequest(world.broker, request);
    const [grant] = Object.values(state.grants);
    expect(state.parameters).toEqual({ batch: 'b-7' });
    expect(grant?.scope.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      'batches.delete orders-export/batches/b-7',
      'batches.read orders-export/batches/b-7/*',
    ]);
    for (const batch of ['*', 'b-7/../b-8', 'b-7\u200b', '{batch}'])
      expect(await failureOf(ask(world, 'maya', { entitlement: 'batch', parameters: { batch } }))).toBe(
        'refused-by-rule parameters-fit-their-patterns',
      );
    expect(await failureOf(ask(world, 'maya', { entitlement: 'batch' }))).toBe(
      'refused-by-rule parameters-fit-their-patterns',
    );
  });

  test('a statement that lists what was asked in another order signs nothing: a scope has one form', async () => {
    await incident(world, 'INC-1', 'lea', 'maya');
    const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
    const { actor } = world.who('tomas');
    const { statement } = await prepareReview(world.broker, actor, request, approval);
    const turned = { ...statement, scope: statement.scope.toReversed() };
    const signed = reviewRequest(world.broker, actor, request, {
      statement: turned,
      reason: null,
      totp: world.code('tomas'),
      idempotency: undefined,
    });
    expect(await failureOf(signed)).toBe('refused-by-rule review-only-narrows');
  });

  test('a provider that would send more than was approved sends nothing, and the log says why', async () => {
    const grant = await running();
    const [kind, provider] = [...world.broker.providers][0] ?? [];
    if (kind === undefined || provider === undefined) throw new Error('no provider');
    const everything = [{ action: 'batches.burn', resource: '*', access: 'destructive' as const }];
    const calls: string[] = [];
    const widening: typeof provider = {
      ...provider,
      prepare: (plan) => provider.prepare({ ...plan, scope: [...plan.scope, ...everything] }),
      open: (prepared, signal) => {
        calls.push('open');
        return provider.open(prepared, signal);
      },
    };
    const broker = { ...world.broker, providers: new Map([[kind, widening]]) };
    expect(await failureOf(open({ ...world, broker }, 'maya', grant))).toBe(
      'refused-by-rule session-fits-the-provider',
    );
    expect(calls).toEqual([]);
    expect((await entriesOf('command.refused')).at(-1)?.data['rule']).toBe('session-fits-the-provider');
  });

  test('parameters that were changed after their entry are not sent', async () => {
    const grant = await running();
    const [kind, provider] = [...world.broker.providers][0] ?? [];
    if (kind === undefined || provider === undefined) throw new Error('no provider');
    const calls: string[] = [];
    const changing: typeof provider = {
      ...provider,
      prepare(plan) {
        const prepared = provider.prepare(plan);
        const parameters = { ...prepared.parameters };
        queueMicrotask(() => {
          parameters['role'] = 'Administrator';
        });
        return { ...prepared, parameters };
      },
      open: (prepared, signal) => {
        calls.push('open');
        return provider.open(prepared, signal);
      },
    };
    const broker = { ...world.broker, providers: new Map([[kind, changing]]) };
    expect(await failureOf(open({ ...world, broker }, 'maya', grant))).toBe('provider-refused');
    expect(calls).toEqual([]);
    expect((await entriesOf('session.failed')).at(-1)?.data['certain']).toBe(true);
  });
});

describe('a grant that ends with its ticket', () => {
  test('ends at once when the ticket is closed, for everybody who rests on it, and for nobody else', async () => {
    await incident(world, 'INC-1', 'ann', 'maya', 'omar');
    await incident(world, 'INC-2', 'ann', 'tomas');
    const { request } = await ask(world, 'maya', {
      entitlement: 'operator',
      ticket: 'INC-1',
      people: personsOf('maya', 'omar'),
    });
    const { grants } = await review(world, 'lea', request);
    const [mayas = '', omars = ''] = grants;
    await open(world, 'maya', mayas as GrantId);
    const other = await approve(
      world,
      'lea',
      (await ask(world, 'tomas', { entitlement: 'operator', ticket: 'INC-2' })).request,
    );
    await ticket(world, 'ann', 'INC-1', { title: 'Still burning' }, false);
    expect(await statusOf(mayas)).toBe('active');
    const entries = await ticket(world, 'ann', 'INC-1', { state: 'closed' }, false);
    expect(entries.length).toBeGreaterThan(1);
    expect([await statusOf(mayas), await statusOf(omars), await statusOf(other)]).toEqual([
      'revoked',
      'revoked',
      'approved',
    ]);
    expect(await viewOf(mayas)).toMatchObject({ cut_off_because: 'ticket-closed' });
    const checked = (await entriesOf('ticket.checked')).filter(({ data }) => data['at'] === 'sweep');
    expect(checked.map(({ data }) => data['person'])).toEqual(personsOf('maya', 'omar'));
  });

  test('is ended by a sweep when the ticket’s closing could not end it, once', async () => {
    const grant = await running();
    world.tickets.down = true;
    await ticket(world, 'lea', 'INC-1', { state: 'closed' }, false);
    world.reports.length = 0;
    await sweepGrants(world.broker);
    expect(await statusOf(grant)).toBe('active');
    expect(world.reports).toEqual([expect.stringContaining('register does not answer')]);
    world.tickets.down = false;
    await Promise.all([sweepGrants(world.broker), sweepGrants(world.broker)]);
    await sweepGrants(world.broker);
    expect(await statusOf(grant)).toBe('revoked');
    expect(await entriesOf('grant.cut-off')).toHaveLength(1);
  });

  test('is looked at once in a sweep that its source does not answer, and a sweep that is stopped looks no further', async () => {
    await incident(world, 'INC-1', 'ann', 'maya', 'omar', 'tomas');
    for (const name of ['maya', 'omar', 'tomas'])
      await approve(
        world,
        'lea',
        (await ask(world, name, { entitlement: 'operator', ticket: 'INC-1' })).request,
      );
    const [name, source] = [...world.broker.ticketSources][0] ?? [];
    if (name === undefined || source === undefined) throw new Error('no source');
    const asked: string[] = [];
    const counting: typeof source = {
      ...source,
      check(ticketName, person, ...more) {
        asked.push(person);
        return source.check(ticketName, person, ...more);
      },
    };
    const broker = { ...world.broker, ticketSources: new Map([[name, counting]]) };
    world.tickets.down = true;
    await sweepGrants(broker);
    expect(asked).toHaveLength(1);
    world.tickets.down = false;
    await sweepGrants(broker);
    expect(asked).toHaveLength(4);
    await sweepGrants(broker, async () => false);
    await incident(world, 'INC-2', 'ann');
    await ticket({ ...world, broker }, 'ann', 'INC-2', { state: 'closed' }, false);
    // Nothing rests on the other ticket: nobody's is looked at for it.
    expect(asked).toHaveLength(4);
  });

  test('stays where the policy does not say so, and where nothing changed', async () => {
    const { request } = await ask(world, 'maya', { entitlement: 'look' });
    const [grant = ''] = Object.keys((await readRequest(world.broker, request)).grants);
    const before = (await world.entries()).length;
    await sweepGrants(world.broker);
    expect((await world.entries()).length).toBe(before);
    expect(await statusOf(grant)).toBe('approved');
  });

  test('a revocation that the provider did not carry out is tried again', async () => {
    const grant = await running();
    const [kind, provider] = [...world.broker.providers][0] ?? [];
    if (kind === undefined || provider === undefined) throw new Error('no provider');
    const failing = { ...provider, revoke: () => Promise.reject(new Error('no')) };
    const broker = { ...world.broker, providers: new Map([[kind, failing]]) };
    await ticket({ ...world, broker }, 'lea', 'INC-1', { state: 'closed' }, false);
    expect(await statusOf(grant)).toBe('revoking');
    await resumeRevocations(world.broker);
    expect(await statusOf(grant)).toBe('revoked');
  });
});

test('ending early says what it saved: the rest of the time, or all of it where nothing was opened', async () => {
  const grant = await running(1800);
  const { endsAtMs } = (await readGrant(world.broker, grant)).grant;
  world.clock.advance(600_000);
  const left = Math.floor(((endsAtMs ?? 0) - world.clock.nowMs()) / 1000);
  expect(await endGrant(world.broker, world.who('maya').actor, grant)).toMatchObject({ seconds_saved: left });
  const { request } = await ask(world, 'maya', { entitlement: 'look', seconds: 900 });
  const [unused = ''] = Object.keys((await readRequest(world.broker, request)).grants);
  expect(await endGrant(world.broker, world.who('maya').actor, unused as GrantId)).toMatchObject({
    seconds_saved: 900,
  });
});

test('a request that expires as it is approved is one or the other, whoever writes first', async () => {
  await incident(world, 'INC-1', 'lea', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const { reviewByMs } = await readRequest(world.broker, request);
  await signInAgain('tomas');
  toTheMillisecond(reviewByMs - 120_000);
  await signInAgain('tomas');
  const { statement } = await prepareReview(world.broker, world.who('tomas').actor, request, approval);
  const totp = world.code('tomas');
  toTheMillisecond(reviewByMs);
  const signed = reviewRequest(world.broker, world.who('tomas').actor, request, {
    statement,
    reason: null,
    totp,
    idempotency: undefined,
  });
  await Promise.allSettled([signed, passTime(world.broker)]);
  expect(await requestStatusOf(request)).toBe('expired');
  expect(await entriesOf('request.approved')).toHaveLength(0);
});
