import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginEnrolment, removeFactor } from '../../../src/app/enrol-factor.ts';
import { preparePublication, proposePolicy, signPolicy } from '../../../src/app/publish-policy.ts';
import { finishSignIn } from '../../../src/app/sign-in.ts';
import { vouchForPerson } from '../../../src/app/vouch-for-person.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import { ask, failureOf, incident, review } from './steps.ts';
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
  const wrongVouch = () => failureOf(vouchForPerson(world.broker, tomas, stranger, '1'));
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

test('a recovered factor signs nothing for a day, and signs from then on', async () => {
  await incident(world, 'INC-1', 'tomas', 'maya');
  await recover('lea');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  expect(await failureOf(review(world, 'lea', request))).toBe('refused-by-rule recovered-factor-rests-a-day');
  world.clock.advance(86_400_000);
  for (const name of ['maya', 'lea']) await world.signIn(name);
  const next = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  await review(world, 'lea', next.request);
});

test('a recovered factor makes, on its first day, no factor that would not rest', async () => {
  await recover('lea');
  const begun = await begin('lea');
  const enrolling = confirm(world, world.who('lea'), begun, world.code('lea'));
  expect(await failureOf(enrolling)).toBe('refused-by-rule recovered-factor-rests-a-day');
});

test('a recovered factor neither vouches for a stranger nor removes those of its owner', async () => {
  const owners = world.who('lea').factor;
  await recover('lea');
  const { actor } = world.who('lea');
  const resting = 'refused-by-rule recovered-factor-rests-a-day';
  expect(await failureOf(removeFactor(world.broker, actor, owners, world.code('lea')))).toBe(resting);
  const stranger = await signInStranger();
  expect(await failureOf(vouchForPerson(world.broker, actor, stranger, world.code('lea')))).toBe(resting);
});

test('a recovered factor publishes nothing on its first day', async () => {
  await recover('ann');
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
  expect(await failureOf(removeFactor(world.broker, one.actor, 'constructor', world.code('lea')))).toBe(
    'not-found',
  );
  await removeFactor(world.broker, one.actor, first, world.code('lea'));
  expect(await failureOf(removeFactor(world.broker, one.actor, one.factor, world.code('lea')))).toBe(
    'refused-by-rule last-factor-stays',
  );
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
