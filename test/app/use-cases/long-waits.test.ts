import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Broker } from '../../../src/app/broker.ts';
import type { Sequencer } from '../../../src/app/command.ts';
import { revokeGrant } from '../../../src/app/grant/revoke-grant.ts';
import { signOut } from '../../../src/app/person/end-sign-in.ts';
import { recordLeaving } from '../../../src/app/person/record-leaving.ts';
import { approve, ask, failureOf, incident, open } from './steps.ts';
import { storyWorld } from './story-world.ts';
import type { World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await storyWorld();
});
afterEach(() => world.close());

/** The same broker, where something happens between the preparing of a command and its decision. */
function interrupted(meanwhile: () => void): Broker {
  const { sequencer } = world.broker;
  const submit: Sequencer['submit'] = (command) => {
    meanwhile();
    return sequencer.submit(command);
  };
  return { ...world.broker, sequencer: { ...sequencer, submit } };
}

const HOUR_MS = 3_600_000;

async function openGrant() {
  await incident(world, 'INC-1', 'tomas', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  const grant = await approve(world, 'lea', request);
  await open(world, 'maya', grant);
  return grant;
}

test('a revocation that waits into another hour is told so, and not as a defect', async () => {
  const grant = await openGrant();
  const waits = interrupted(() => world.clock.advance(2 * HOUR_MS));
  expect(await failureOf(revokeGrant(waits, world.who('lea').actor, grant, 'odd'))).toBe('stale');
});

test('a decision never rests on groups that were told after it, as when the clock is set back in between', async () => {
  const grant = await openGrant();
  await world.signIn('lea');
  const setBack = interrupted(() => world.clock.jump(-3_000));
  expect(await failureOf(revokeGrant(setBack, world.who('lea').actor, grant, 'odd'))).toBe('stale');
});

test('a process that was paused decides on no groups of before, whoever calls', async () => {
  const { actor } = world.who('ann');
  world.clock.advance(961_000);
  const given = { reason: 'as agreed', totp: world.code('ann') };
  expect(await failureOf(recordLeaving(world.broker, actor, world.who('omar').person, given))).toBe('stale');
});

test('who has left meanwhile has no sign-in to end: signing out then leaves no entry', async () => {
  const { person, actor } = world.who('omar');
  const signedIn = {
    person,
    signIn: actor.signIn ?? 'i-none',
    issuer: 'corp',
    keyThumbprint: actor.keyThumbprint,
  };
  const leaving = await recordLeaving(world.broker, world.who('ann').actor, person, {
    reason: 'as agreed',
    totp: world.code('ann'),
  });
  await signOut(world.broker, { ...signedIn, expiresAtMs: world.clock.nowMs() + HOUR_MS });
  expect((await world.entries()).at(-1)?.seq).toBe([...leaving.entries, ...leaving.ended].at(-1));
});

test('two administrators who record one leaving at one moment: it is recorded once, and both are answered', async () => {
  const { person } = world.who('omar');
  const record = (who: string) =>
    recordLeaving(world.broker, world.who(who).actor, person, { reason: 'as agreed', totp: world.code(who) });
  const recorded = await Promise.all([record('ann'), record('bob')]);
  expect(recorded.map(({ entries }) => entries.length > 0).sort()).toEqual([false, true]);
});
