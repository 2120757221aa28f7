import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginEnrolment } from '../../../src/app/person/enrol-factor.ts';
import { removeFactor } from '../../../src/app/person/remove-factor.ts';
import { finishSignIn } from '../../../src/app/person/sign-in.ts';
import { vouchForPerson, vouchForRecovery } from '../../../src/app/person/vouch-for-person.ts';
import { preparePublication, proposePolicy, signPolicy } from '../../../src/app/policy/publish-policy.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import { approve, ask, failureOf, incident, open, review } from './steps.ts';
import { storyWorld } from './story-world.ts';
import { confirm, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await storyWorld();
});
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

const begin = (name: string, more: { readonly recoveryCode?: string | undefined } = {}) =>
  beginEnrolment(world.broker, world.who(name).actor, { label: name, ...more });

/** Enrols a factor with a recovery code, as its owner or a thief of it could. */
async function recover(name: string): Promise<void> {
  const one = world.who(name);
  await confirm(world, one, await begin(name, { recoveryCode: one.recoveryCodes[0] }));
}

test('a code is used once, whatever for', async () => {
  const totp = world.code('maya');
  await ask(world, 'maya', { entitlement: 'look' }, { totp });
  expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }, { totp }))).toBe('factor-wrong');
});

test('five wrong codes close the door to the right one as well, for a quarter of an hour to the millisecond', async () => {
  const at = world.clock.nowMs();
  for (const wrong of ['000000', ' 12345', '1', '', '12345x']) {
    expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }, { totp: wrong }))).toBe(
      'factor-wrong',
    );
  }
  const now = () => {
    world.who('maya').lastStep = 0;
    return ask(world, 'maya', { entitlement: 'look' }, { totp: world.code('maya') });
  };
  expect(await failureOf(now())).toBe('factor-throttled');
  world.clock.advance(at + 900_000 - 1 - world.clock.nowMs());
  expect(await failureOf(now())).toBe('factor-throttled');
  world.clock.advance(1);
  expect(await failureOf(now())).toBe('no failure');
});

test('wrong codes count across purposes and across the border of a quarter', async () => {
  world.clock.advance(900_000 - (world.clock.nowMs() % 900_000) - 1);
  const wrongAsk = () => failureOf(ask(world, 'tomas', { entitlement: 'look' }, { totp: '1' }));
  const { actor: tomas } = world.who('tomas');
  const stranger = await signInStranger();
  const wrongVouch = () => failureOf(vouchForPerson(world.broker, tomas, stranger, { totp: '1' }));
  expect(await wrongAsk()).toBe('factor-wrong');
  expect(await wrongAsk()).toBe('factor-wrong');
  world.clock.advance(1);
  for (let at = 0; at < 3; at++) expect(await wrongVouch()).toBe('factor-wrong');
  expect(await wrongAsk()).toBe('factor-throttled');
  expect(await wrongVouch()).toBe('factor-throttled');
});

/** Somebody the broker has seen once, who has no factor. */
async function signInStranger() {
  const currentUrl = 'https://broker.example/callback?as=newcomer';
  await finishSignIn(world.broker, { currentUrl, address: null, userAgent: null });
  return world.broker.namePerson('human', 'https://idp.example', 'newcomer');
}

const vouch = (voucher: string, name: string, factor: string | null = null) =>
  vouchForRecovery(world.broker, world.who(voucher).actor, world.who(name).person, {
    factor,
    totp: world.code(voucher),
  });

const resting = 'refused-by-rule recovered-factor-rests-a-day';
const unvouched = 'refused-by-rule recovered-factor-is-vouched';

test('a recovered factor proves nothing before another human vouches: it asks, opens and signs nothing', async () => {
  await incident(world, 'INC-1', 'tomas', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const grant = await approve(world, 'lea', request);
  const other = await ask(world, 'omar', { entitlement: 'failover' });
  await recover('maya');
  await recover('lea');
  expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }))).toBe(unvouched);
  expect(await failureOf(open(world, 'maya', grant, { totp: world.code('maya') }))).toBe(unvouched);
  expect(await failureOf(review(world, 'lea', other.request))).toBe(unvouched);
  world.clock.advance(2 * 86_400_000);
  await world.signIn('maya');
  expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }))).toBe(unvouched);
});

test('vouched for, a recovered factor asks at once, and signs for others a day after the recovery', async () => {
  await incident(world, 'INC-1', 'tomas', 'maya');
  await recover('lea');
  await recover('maya');
  await vouch('ann', 'lea');
  await vouch('bob', 'maya');
  await ask(world, 'maya', { entitlement: 'look' });
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  expect(await failureOf(review(world, 'lea', request))).toBe(resting);
  world.clock.advance(86_400_000);
  for (const name of ['maya', 'lea']) await world.signIn(name);
  const next = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  await review(world, 'lea', next.request);
});

test('nobody vouches for their own recovery, nor twice, nor with a factor that was recovered itself', async () => {
  const older = world.who('lea').factor;
  await recover('lea');
  const recovered = world.who('lea').factor;
  world.who('lea').factor = older;
  expect(await failureOf(vouch('lea', 'lea'))).toBe('refused-by-rule voucher-is-another-human');
  world.who('lea').factor = recovered;
  await recover('sid');
  expect(await failureOf(vouch('sid', 'lea'))).toBe(unvouched);
  await vouch('ann', 'sid');
  expect(await failureOf(vouch('sid', 'lea'))).toBe(resting);
  await vouch('bob', 'lea');
  expect(await failureOf(vouch('omar', 'lea'))).toBe('conflict');
});

test('two who vouch at one moment vouch once', async () => {
  await recover('lea');
  const at = await Promise.all(['ann', 'bob'].map((name) => failureOf(vouch(name, 'lea'))));
  expect(at.toSorted()).toEqual(['conflict', 'no failure']);
});

test('on the day of a recovery the older factor signs for nobody either: its owner notices, and takes the other away', async () => {
  await incident(world, 'INC-1', 'tomas', 'maya');
  const lea = world.who('lea');
  const owners = lea.factor;
  await recover('lea');
  const thiefs = lea.factor;
  lea.factor = owners;
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  expect(await failureOf(review(world, 'lea', request))).toBe(resting);
  await removeFactor(world.broker, lea.actor, thiefs, { totp: world.code('lea') });
  await review(world, 'lea', request);
});

test('what somebody approved opens nothing once the factor they approved it with is gone', async () => {
  await incident(world, 'INC-1', 'tomas', 'maya');
  const lea = world.who('lea');
  const stolen = lea.factor;
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const grant = await approve(world, 'lea', request);
  await confirm(world, lea, await begin('lea'), world.code('lea'));
  await removeFactor(world.broker, lea.actor, stolen, { totp: world.code('lea') });
  expect(await failureOf(open(world, 'maya', grant))).toBe('refused-by-rule approver-still-has-the-factor');
});

test('a code that fits a recovered factor is no answer to whoever guesses behind a closed door', async () => {
  await recover('lea');
  const { actor, factor } = world.who('lea');
  const guess = (totp: string) => failureOf(removeFactor(world.broker, actor, factor, { totp }));
  for (let at = 0; at < 5; at++) expect(await guess('000000')).toBe('factor-wrong');
  expect(await guess(world.code('lea'))).toBe('factor-throttled');
});

test('a recovered factor makes, on its first day, no factor that would not rest', async () => {
  await recover('lea');
  const begun = await begin('lea');
  const enrol = () => failureOf(confirm(world, world.who('lea'), begun, world.code('lea')));
  expect(await enrol()).toBe(unvouched);
  await vouch('ann', 'lea');
  expect(await enrol()).toBe(resting);
});

test('a recovered factor neither vouches for a stranger nor removes those of its owner', async () => {
  const owners = world.who('lea').factor;
  await recover('lea');
  const { actor } = world.who('lea');
  const stolen = { totp: world.code('lea') };
  expect(await failureOf(removeFactor(world.broker, actor, owners, stolen))).toBe(unvouched);
  await vouch('ann', 'lea');
  expect(await failureOf(removeFactor(world.broker, actor, owners, { totp: world.code('lea') }))).toBe(
    resting,
  );
  const stranger = await signInStranger();
  expect(await failureOf(vouchForPerson(world.broker, actor, stranger, { totp: world.code('lea') }))).toBe(
    resting,
  );
});

test('a recovered factor publishes nothing on its first day', async () => {
  await recover('ann');
  await vouch('bob', 'ann');
  const { actor, factor } = world.who('ann');
  const policy = { ...ordersPolicy, waiting: { review_seconds: 60, activation_seconds: 60 } };
  const { proposal } = await proposePolicy(world.broker, actor, {
    policy,
    text: 'x',
    idempotency: undefined,
  });
  const { statement } = await preparePublication(world.broker, actor, proposal, factor);
  const given = { statement, totp: world.code('ann'), idempotency: undefined };
  expect(await failureOf(signPolicy(world.broker, actor, proposal, given))).toBe(
    'refused-by-rule recovered-factor-rests-a-day',
  );
});

test('a proposal is found by its own id only, never by the name of something every object has', async () => {
  const { actor } = world.who('ann');
  expect(await failureOf(preparePublication(world.broker, actor, 'constructor'))).toBe('not-found');
});

test('of two enrolments begun with one recovery code the second to be confirmed is refused', async () => {
  const one = world.who('lea');
  const [recoveryCode] = one.recoveryCodes;
  const [thiefs, owners] = [await begin('lea', { recoveryCode }), await begin('lea', { recoveryCode })];
  await confirm(world, one, owners);
  expect(await failureOf(confirm(world, one, thiefs))).toBe('factor-wrong');
});

test('an enrolment begun with another recovery code dies with the codes that an enrolment replaced', async () => {
  const one = world.who('lea');
  const stolen = await begin('lea', { recoveryCode: one.recoveryCodes[1] });
  await recover('lea');
  expect(await failureOf(confirm(world, one, stolen))).toBe('factor-wrong');
});

test('another factor is enrolled by showing one, and then either may be removed, but not both', async () => {
  const one = world.who('lea');
  const first = one.factor;
  await confirm(world, one, await begin('lea'), world.code('lea'));
  expect(
    await failureOf(removeFactor(world.broker, one.actor, 'constructor', { totp: world.code('lea') })),
  ).toBe('not-found');
  await removeFactor(world.broker, one.actor, first, { totp: world.code('lea') });
  expect(
    await failureOf(removeFactor(world.broker, one.actor, one.factor, { totp: world.code('lea') })),
  ).toBe('refused-by-rule last-factor-stays');
});

test('of two enrolments confirmed at one moment one is, so that only one set of recovery codes lives', async () => {
  const lea = world.who('lea');
  const begun = [await begin('lea'), await begin('lea')];
  const totp = world.code('lea');
  const at = await Promise.all(begun.map((one) => failureOf(confirm(world, lea, one, totp))));
  expect(at.toSorted()).toEqual(['conflict', 'no failure']);
  const left = await world.broker.store.secrets.ofPerson('recovery-code', lea.person);
  expect(left).toHaveLength(lea.recoveryCodes.length);
});

test('an enrolment is confirmed by its own person, within a quarter of an hour', async () => {
  const begun = await begin('lea');
  const confirmAs = (name: string) => confirm(world, world.who(name), begun, world.code(name));
  expect(await failureOf(confirmAs('maya'))).toBe('not-found');
  world.clock.advance(900_000);
  expect(await failureOf(confirmAs('lea'))).toBe('not-found');
});

test('a code of another factor than the statement names is a wrong code', async () => {
  const one = world.who('lea');
  const named = one.factor;
  await confirm(world, one, await begin('lea'), world.code('lea'));
  await incident(world, 'INC-1', 'tomas', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  expect(await failureOf(review(world, 'lea', request, { verdict: 'approve', factor: named }))).toBe(
    'factor-wrong',
  );
  expect(await failureOf(review(world, 'lea', request))).toBe('no failure');
});
