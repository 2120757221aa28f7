import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginEnrolment } from '../../../src/app/person/enrol-factor.ts';
import { recordLeaving, recordReturn } from '../../../src/app/person/record-leaving.ts';
import { removeFactor } from '../../../src/app/person/remove-factor.ts';
import { confirmReset, requestReset } from '../../../src/app/person/reset-factors.ts';
import { vouchForPerson } from '../../../src/app/person/vouch-for-person.ts';
import { prepareReview, reviewRequest } from '../../../src/app/request/review-request.ts';
import { personView } from '../../../src/app/views/person-view.ts';
import type { ResetId } from '../../../src/domain/ids.ts';
import type { Policy } from '../../../src/domain/policy/policy.ts';
import { personId } from '../../../src/identity/person-id.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import { approve, ask, failureOf, incident, open, review } from './steps.ts';
import { storyGroups } from './story-world.ts';
import { confirm, type World, worldUnder } from './world.ts';

const idOf = (name: string) => personId(new Uint8Array(32).fill(5), 'human', 'https://idp.example', name);

/** Three administrators and a second login of one of them, which is an administrator as well. */
const groups = { ...storyGroups, cid: ['adm'], 'ann at home': ['adm'] } as const;
const policy: Policy = { ...ordersPolicy, humans: { Ann: [idOf('ann'), idOf('ann at home')] } };

let world: World;
beforeEach(async () => {
  world = await worldUnder(policy, groups, ['ann', 'bob']);
});
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

const person = (name: string) => world.who(name).person;
const asks = (by: string, name = 'lea') =>
  requestReset(world.broker, world.who(by).actor, person(name), {
    reason: 'the phone fell into the lake',
    totp: world.code(by),
  });
const confirms = (by: string, reset: ResetId, name = 'lea') =>
  confirmReset(world.broker, world.who(by).actor, person(name), reset, { totp: world.code(by) });
const vouches = (by: string, name = 'lea') =>
  vouchForPerson(world.broker, world.who(by).actor, person(name), { totp: world.code(by) });
const twoHumans = 'refused-by-rule reset-takes-two-humans';

test('two administrators reset: factors, codes and sign-ins are gone, and the next factor is vouched for like a first', async () => {
  const lea = world.who('lea');
  const [recoveryCode] = lea.recoveryCodes;
  const { reset } = await asks('ann');
  await confirms('bob', reset);
  const { secrets } = world.broker.store;
  for (const kind of [
    'totp-seed',
    'recovery-code',
    'enrolment-code',
    'refresh-token',
    'provider-tokens',
  ] as const)
    expect(await secrets.ofPerson(kind, lea.person)).toEqual([]);
  expect(await failureOf(ask(world, 'lea', { entitlement: 'look' }))).toBe('not-signed-in');
  await world.signIn('lea');
  const begin = (more: object) => beginEnrolment(world.broker, lea.actor, { label: 'new', ...more });
  expect(await failureOf(begin({ recoveryCode }))).toBe('factor-wrong');
  const { enrolment_code } = await vouches('omar');
  await world.enrol('lea', enrolment_code);
  await incident(world, 'INC-1', 'tomas', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  await review(world, 'lea', request);
});

test('a voucher whose factor is gone, or who has left, vouches for nobody any more: not at the beginning, not at the end', async () => {
  const { reset } = await asks('ann');
  await confirms('bob', reset);
  await world.signIn('lea');
  const lea = world.who('lea');
  const begin = (enrolmentCode: string) =>
    beginEnrolment(world.broker, lea.actor, { label: 'new', enrolmentCode });
  const omar = world.who('omar');
  const stolen = omar.factor;
  const byThief = (await vouches('omar')).enrolment_code;
  const begun = await begin(byThief);
  await confirm(
    world,
    omar,
    await beginEnrolment(world.broker, omar.actor, { label: 'new' }),
    world.code('omar'),
  );
  await removeFactor(world.broker, omar.actor, stolen, { totp: world.code('omar') });
  expect(await failureOf(confirm(world, lea, begun))).toBe('refused-by-rule enrolment-is-vouched');
  expect(await failureOf(begin(byThief))).toBe('refused-by-rule enrolment-is-vouched');
  const byLeaver = (await vouches('maya')).enrolment_code;
  await recordLeaving(world.broker, world.who('ann').actor, person('maya'), {
    reason: 'their last day',
    totp: world.code('ann'),
  });
  expect(await failureOf(begin(byLeaver))).toBe('refused-by-rule enrolment-is-vouched');
  await world.enrol('lea', (await vouches('omar')).enrolment_code);
});

test('what somebody asked for whose factor is gone since, or who has left and is back, nobody confirms', async () => {
  const { reset } = await asks('ann');
  const ann = world.who('ann');
  const stolen = ann.factor;
  await confirm(
    world,
    ann,
    await beginEnrolment(world.broker, ann.actor, { label: 'new' }),
    world.code('ann'),
  );
  await removeFactor(world.broker, ann.actor, stolen, { totp: world.code('ann') });
  expect(await failureOf(confirms('bob', reset))).toBe(twoHumans);
  const ofMaya = await asks('cid', 'maya');
  const record = { reason: 'a mistake', totp: world.code('bob') };
  await recordLeaving(world.broker, world.who('bob').actor, person('cid'), record);
  await recordReturn(world.broker, world.who('bob').actor, person('cid'), {
    ...record,
    totp: world.code('bob'),
  });
  expect(await failureOf(confirms('bob', ofMaya.reset, 'maya'))).toBe(twoHumans);
});

test('one human cannot reset: not twice, not by another login, not their own, not without being an administrator', async () => {
  const { reset } = await asks('ann');
  for (const name of ['ann', 'ann at home']) expect(await failureOf(confirms(name, reset))).toBe(twoHumans);
  expect(await failureOf(confirms('tomas', reset))).toBe(twoHumans);
  expect(await failureOf(asks('tomas', 'maya'))).toBe(twoHumans);
  expect(await failureOf(asks('ann', 'ann at home'))).toBe(twoHumans);
  const ofBob = await asks('ann', 'bob');
  expect(await failureOf(confirms('bob', ofBob.reset, 'bob'))).toBe(twoHumans);
});

test('a reset waits a day, and is of one person', async () => {
  const { reset } = await asks('ann');
  expect(await failureOf(confirms('bob', reset, 'maya'))).toBe('not-found');
  expect(await failureOf(asks('cid'))).toBe('conflict');
  world.clock.advance(86_400_000);
  await world.signIn('bob');
  expect(await failureOf(confirms('bob', reset))).toBe('not-found');
});

test('a reset and a leaving of one person at one moment have one order, and neither is a defect', async () => {
  const { reset } = await asks('ann');
  world.clock.advance(30_000);
  const leaving = { reason: 'last day', totp: world.code('ann') };
  const [resetting, leavingNow] = await Promise.all([
    failureOf(confirms('bob', reset)),
    failureOf(recordLeaving(world.broker, world.who('ann').actor, person('lea'), leaving)),
  ]);
  // Whoever has left has no reset that waits.
  expect(['no failure', 'not-found']).toContain(resetting);
  expect(leavingNow).toBe('no failure');
});

test('two administrators who confirm at one moment reset once, and neither spends a code in vain twice', async () => {
  const { reset } = await asks('ann');
  const at = await Promise.all(['bob', 'cid'].map((name) => failureOf(confirms(name, reset))));
  expect(at.toSorted()).toEqual(['no failure', 'not-found']);
});

test('a reset that somebody asked for who has left since is confirmed by nobody', async () => {
  const { reset } = await asks('cid');
  const { actor } = world.who('ann');
  await recordLeaving(world.broker, actor, person('cid'), { reason: 'x', totp: world.code('ann') });
  expect(await failureOf(confirms('bob', reset))).toBe('refused-by-rule person-has-not-left');
});

test('a reset while a review is under way: what was made to be signed is signed by nobody', async () => {
  await incident(world, 'INC-1', 'tomas', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const { reset } = await asks('ann');
  const lea = world.who('lea');
  const { statement } = await prepareReview(world.broker, lea.actor, request, { verdict: 'approve' });
  const totp = world.code('lea');
  const signs = () =>
    failureOf(
      reviewRequest(world.broker, lea.actor, request, {
        statement,
        reason: null,
        totp,
        idempotency: undefined,
      }),
    );
  await confirms('bob', reset);
  expect(await signs()).toBe('not-signed-in');
  await world.signIn('lea');
  expect(await signs()).toBe('refused-by-rule recovered-factor-rests-a-day');
});

test('what was approved before a reset opens nothing after it', async () => {
  await incident(world, 'INC-1', 'tomas', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const grant = await approve(world, 'lea', request);
  const { reset } = await asks('ann');
  await confirms('bob', reset);
  expect(await failureOf(open(world, 'maya', grant))).toBe('refused-by-rule approver-still-has-the-factor');
});

test('an enrolment begun before a reset is not confirmed after it, whatever it was begun with', async () => {
  const lea = world.who('lea');
  const begin = (more: object = {}) => beginEnrolment(world.broker, lea.actor, { label: 'new', ...more });
  const byFactor = await begin();
  const byRecovery = await begin({ recoveryCode: lea.recoveryCodes[0] });
  const { reset } = await asks('ann');
  const old = world.code('lea');
  await confirms('bob', reset);
  await world.signIn('lea');
  expect(await failureOf(confirm(world, lea, byFactor, old))).toBe('not-found');
  expect(await failureOf(confirm(world, lea, byRecovery))).toBe('not-found');
});

test('an enrolment and a reset at one moment have one order, and nothing of before survives', async () => {
  const lea = world.who('lea');
  const begun = await beginEnrolment(world.broker, lea.actor, { label: 'new' });
  const { reset } = await asks('ann');
  const totp = world.code('lea');
  const code = { totp: world.code('bob') };
  const [enrolling] = await Promise.all([
    failureOf(confirm(world, lea, begun, totp)),
    confirmReset(world.broker, world.who('bob').actor, person('lea'), reset, code),
  ]);
  expect(['no failure', 'not-signed-in', 'factor-wrong']).toContain(enrolling);
  await world.signIn('lea');
  expect((await personView(world.broker, world.who('ann').actor, person('lea'))).recovered).toEqual([]);
  expect(await failureOf(ask(world, 'lea', { entitlement: 'look' }))).not.toBe('no failure');
  for (const recoveryCode of lea.recoveryCodes) {
    const again = beginEnrolment(world.broker, lea.actor, { label: 'again', recoveryCode });
    expect(await failureOf(again)).toMatch(/^(factor-wrong|refused-by-rule enrolment-is-vouched)$/);
  }
});

test('a code somebody was vouched for before a reset is void after it', async () => {
  await world.signIn('lea');
  const first = await asks('ann');
  await confirms('bob', first.reset);
  await world.signIn('lea');
  const { enrolment_code } = await vouches('omar');
  await world.enrol('lea', (await vouches('sid')).enrolment_code);
  const second = await asks('ann');
  await confirms('bob', second.reset);
  await world.signIn('lea');
  expect(await failureOf(world.enrol('lea', enrolment_code))).toBe('factor-wrong');
});

test('administrators see what waits for a second one of them, and nobody else does', async () => {
  const { reset } = await asks('ann');
  const seenBy = async (name: string) =>
    (await personView(world.broker, world.who(name).actor, person('lea'))).resets;
  expect(await seenBy('bob')).toMatchObject([{ reset, requested_by: person('ann') }]);
  expect(await seenBy('omar')).toEqual([]);
  world.clock.advance(86_400_000);
  expect(await seenBy('bob')).toEqual([]);
});
