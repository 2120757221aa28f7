import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Command } from '../../../src/app/command.ts';
import { readGrant } from '../../../src/app/grant/find-grant.ts';
import { sweepGrants } from '../../../src/app/grant/sweep-grants.ts';
import { recordLeaving, recordReturn } from '../../../src/app/person/record-leaving.ts';
import { finishSignIn, refreshTokens } from '../../../src/app/person/sign-in.ts';
import { vouchForPerson } from '../../../src/app/person/vouch-for-person.ts';
import { preparePublication, proposePolicy, signPolicy } from '../../../src/app/policy/publish-policy.ts';
import type { GrantId } from '../../../src/domain/ids.ts';
import type { Policy } from '../../../src/domain/policy/policy.ts';
import { grantStatus } from '../../../src/domain/request/status.ts';
import { personId } from '../../../src/identity/person-id.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import { approve, ask, failureOf, incident, open, review } from './steps.ts';
import { storyGroups } from './story-world.ts';
import { publish, type World, worldUnder } from './world.ts';

const idOf = (name: string) => personId(new Uint8Array(32).fill(5), 'human', 'https://idp.example', name);

/** Maya and Ann have a second login each; there are three administrators, of whom two publish. */
const groups = {
  ...storyGroups,
  cid: ['adm'],
  'maya at work': ['eng'],
  'ann at home': ['leads'],
} as const;
const policy: Policy = {
  ...ordersPolicy,
  humans: { Maya: [idOf('maya'), idOf('maya at work')], Ann: [idOf('ann'), idOf('ann at home')] },
};

let world: World;
beforeEach(async () => {
  world = await worldUnder(policy, groups, ['ann', 'bob']);
});
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

async function statusOf(one: World, grant: GrantId): Promise<string> {
  const found = await readGrant(one.broker, grant);
  return grantStatus(found.grant, one.clock.nowMs());
}

const leaves = (who: string, by = 'ann') =>
  recordLeaving(world.broker, world.who(by).actor, world.who(who).person, {
    reason: 'their last day',
    totp: world.code(by),
  });
const isBack = (who: string, by = 'ann') =>
  recordReturn(world.broker, world.who(by).actor, world.who(who).person, {
    reason: 'it was a mistake',
    totp: world.code(by),
  });
const hasLeft = 'refused-by-rule person-has-not-left';

/** A grant of Maya's that Lea approved. */
async function mayasGrant() {
  await incident(world, 'INC-1', 'tomas', 'maya');
  const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  return { request, grant: await approve(world, 'lea', request) };
}

test('whoever has left is out at once: signed out, cut off, and what they asked for is cancelled', async () => {
  const { grant } = await mayasGrant();
  await open(world, 'maya', grant);
  const waits = await ask(world, 'maya', { entitlement: 'failover' });
  const recorded = await leaves('maya');
  expect(recorded.people).toEqual([world.who('maya').person, world.who('maya at work').person]);
  expect(await statusOf(world, grant)).toBe('revoked');
  const written = (await world.entries()).slice(-recorded.ended.length).map(({ type }) => type);
  expect(written).toContain('countersign.grant.cut-off.v1');
  expect(written).toContain('countersign.request.cancelled.v1');
  expect(await failureOf(open(world, 'maya', grant))).toBe('not-signed-in');
  expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }))).toBe('not-signed-in');
  expect(await failureOf(review(world, 'lea', waits.request))).toMatch(/^refused-by-rule/);
});

test('they do not come in again, by any of their logins, and each try is an entry', async () => {
  await leaves('maya at work');
  for (const name of ['maya', 'maya at work']) expect(await failureOf(world.signIn(name))).toBe(hasLeft);
  const refused = (await world.entries()).filter(({ type }) => type === 'countersign.command.refused.v1');
  expect(refused.slice(-2).map(({ data }) => data['attempted'])).toEqual(['sign-in', 'sign-in']);
});

test('no secret of their sign-ins is left, and a refresh token that a backup brought back gets nothing', async () => {
  const { secrets } = world.broker.store;
  const { person } = world.who('maya');
  const before = await secrets.ofPerson('provider-tokens', person);
  expect(before.length).toBeGreaterThan(0);
  await leaves('maya');
  for (const kind of ['provider-tokens', 'refresh-token', 'access-token', 'one-time-code'] as const)
    expect(await secrets.ofPerson(kind, person)).toEqual([]);
  const signIn = world.who('maya').actor.signIn ?? 'i-none';
  const restored = {
    ...world.broker,
    accessTokens: {
      ...world.broker.accessTokens,
      refresh: async () => ({
        accessToken: 'a',
        refreshToken: 'r',
        accessTokenSeconds: 600,
        signedIn: {
          signIn,
          person,
          issuer: 'corp',
          keyThumbprint: 'k',
          expiresAtMs: Number.MAX_SAFE_INTEGER,
          mayOnlyAsk: false,
        },
      }),
    },
  };
  const call = { proof: '', method: 'POST', url: '', refreshToken: 'r' };
  expect(await failureOf(refreshTokens(restored, call))).toBe('not-signed-in');
});

test('what they approved opens nothing more, not even once they are back', async () => {
  const { grant } = await mayasGrant();
  await leaves('lea');
  const dead = 'refused-by-rule approver-has-not-left';
  expect(await failureOf(open(world, 'maya', grant))).toBe(dead);
  await isBack('lea');
  expect(await failureOf(open(world, 'maya', grant))).toBe(dead);
  await world.signIn('lea');
  const again = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
  await open(world, 'maya', await approve(world, 'lea', again.request));
});

test('whoever is back signs in again with the factor they had; sign-ins of before stay over', async () => {
  await leaves('maya');
  await isBack('maya at work');
  expect(await failureOf(ask(world, 'maya', { entitlement: 'look' }))).toBe('not-signed-in');
  await world.signIn('maya');
  await ask(world, 'maya', { entitlement: 'look' });
});

test('an administrator records it, of others only, with a code, and nobody else does', async () => {
  const refused = 'refused-by-rule administrator-records-leaving';
  expect(await failureOf(leaves('maya', 'lea'))).toBe(refused);
  expect(await failureOf(leaves('ann', 'ann'))).toBe(refused);
  expect(await failureOf(leaves('ann at home', 'ann'))).toBe(refused);
  expect(await failureOf(leaves('ann', 'ann at home'))).toBe(refused);
  expect(await failureOf(isBack('maya'))).toBe('conflict');
  const { actor } = world.who('ann');
  const withoutCode = { reason: 'x', totp: undefined };
  expect(await failureOf(recordLeaving(world.broker, actor, world.who('maya').person, withoutCode))).toBe(
    'step-up-needed factor-is-proved',
  );
  const nobody = idOf('nobody at all');
  const given = { reason: 'x', totp: world.code('ann') };
  expect(await failureOf(recordLeaving(world.broker, actor, nobody, given))).toBe('not-found');
});

test('nobody asks for, vouches for or reviews for somebody who has left', async () => {
  await leaves('omar');
  await incident(world, 'INC-1', 'tomas', 'maya');
  const forOmar = { entitlement: 'failover', people: [world.who('omar').person] };
  expect(await failureOf(ask(world, 'maya', forOmar))).toBe(hasLeft);
  const totp = world.code('bob');
  const vouching = vouchForPerson(world.broker, world.who('bob').actor, world.who('omar').person, { totp });
  expect(await failureOf(vouching)).toBe(hasLeft);
});

test('an administrator’s signature under a policy counts no more once they have left; another one’s does', async () => {
  const { broker } = world;
  const changed: Policy = { ...policy, waiting: { review_seconds: 60, activation_seconds: 60 } };
  const { proposal } = await proposePolicy(broker, world.who('ann').actor, {
    policy: changed,
    text: 'x',
    catalogue: null,
    idempotency: undefined,
  });
  const sign = async (name: string) => {
    const { actor, factor } = world.who(name);
    const { statement } = await preparePublication(broker, actor, proposal, factor);
    return signPolicy(broker, actor, proposal, {
      statement,
      totp: world.code(name),
      idempotency: undefined,
    });
  };
  expect(await sign('ann')).toMatchObject({ in_force: false, signatures: 1 });
  await leaves('ann', 'bob');
  expect(await sign('cid')).toMatchObject({ in_force: false, signatures: 1 });
  await isBack('ann', 'bob');
  await world.signIn('ann');
  expect(await sign('ann')).toMatchObject({ in_force: true, signatures: 2 });
});

test('two administrators who record each other at one moment: the first is obeyed, the other is out', async () => {
  const at = await Promise.all([failureOf(leaves('cid', 'bob')), failureOf(leaves('bob', 'cid'))]);
  expect(at.toSorted()).toEqual(['no failure', 'not-signed-in']);
});

test('a leaving while a session opens: no credentials come out, and what the cloud opened is ended', async () => {
  const { grant } = await mayasGrant();
  world.cloud.next = { before: async () => void (await leaves('maya')) };
  expect(await failureOf(open(world, 'maya', grant))).toBe('conflict');
  expect(await statusOf(world, grant)).toBe('revoked');
});

test('a leaving and an opening at one moment have one order, and the grant is over either way', async () => {
  const { grant } = await mayasGrant();
  const [opening] = await Promise.all([failureOf(open(world, 'maya', grant)), leaves('maya')]);
  expect(['no failure', 'not-signed-in', 'conflict', hasLeft]).toContain(opening);
  expect(await statusOf(world, grant)).toBe('revoked');
});

test('a sign-in that ends while the leaving is recorded gets no further than the door', async () => {
  const code = world.code('ann');
  const { actor } = world.who('ann');
  const { person } = world.who('maya');
  const currentUrl = 'https://broker.example/callback?as=maya';
  const given = { reason: 'x', totp: code };
  await Promise.all([
    failureOf(finishSignIn(world.broker, { currentUrl, address: null, userAgent: null })),
    recordLeaving(world.broker, actor, person, given),
  ]);
  for (const kind of ['provider-tokens', 'one-time-code'] as const)
    expect(await world.broker.store.secrets.ofPerson(kind, person)).toEqual([]);
});

test('a leaving that is recorded while a sign-in is at the provider, or just before its entry, is obeyed', async () => {
  const { broker } = world;
  const interrupted = {
    ...broker,
    sequencer: {
      ...broker.sequencer,
      submit: async <Result>(command: Command<Result>) => {
        await leaves('maya');
        return broker.sequencer.submit(command);
      },
    },
  };
  const currentUrl = 'https://broker.example/callback?as=maya';
  const signingIn = finishSignIn(interrupted, { currentUrl, address: null, userAgent: null });
  expect(await failureOf(signingIn)).toBe(hasLeft);
  expect(await broker.store.secrets.ofPerson('one-time-code', world.who('maya').person)).toEqual([]);
});

test('a crash between the entry and what follows is made good by the sweep, or by saying it again', async () => {
  const { grant } = await mayasGrant();
  await open(world, 'maya', grant);
  // What the process could not do any more: read the lists of what has to end.
  const dying = { ...world.broker, store: { ...world.broker.store, rows: diesAfterKnowing(world) } };
  const { actor } = world.who('ann');
  const given = { reason: 'x', totp: world.code('ann') };
  await expect(recordLeaving(dying, actor, world.who('maya').person, given)).rejects.toThrow('died');
  expect(await statusOf(world, grant)).toBe('active');
  expect(await failureOf(open(world, 'maya', grant))).toBe('not-signed-in');
  await sweepGrants(world.broker);
  expect(await statusOf(world, grant)).toBe('revoked');
  const again = await leaves('maya');
  expect(again).toMatchObject({ entries: [], ended: [] });
});

const diesAfterKnowing =
  ({ broker }: World): World['broker']['store']['rows'] =>
  async (query) => {
    if (query.table !== 'people') throw new Error('the process died here');
    return broker.store.rows(query);
  };

test('of administrators who are listed one by one, too few are never left to publish', async () => {
  const admins = ['ann', 'bob', 'cid', 'never came'].map((name) => ({ person: idOf(name), until: null }));
  const listed: Policy = {
    ...policy,
    groups: { ...policy.groups, admins: { idp: null, issuer: null, until: null, people: admins } },
  };
  await publish(world, listed, ['ann', 'bob']);
  const given = { reason: 'took another job before the first day', totp: world.code('bob') };
  await recordLeaving(world.broker, world.who('bob').actor, idOf('never came'), given);
  await leaves('cid', 'ann');
  expect(await failureOf(leaves('bob', 'ann'))).toBe('refused-by-rule publishing-stays-possible');
  await isBack('cid', 'bob');
  await leaves('bob', 'ann');
});

test('a leaving that is recorded again ends what a sign-in put into the store as the process died', async () => {
  await leaves('maya');
  const { secrets } = world.broker.store;
  const { person } = world.who('maya');
  const late = { id: 'i-late', person, kind: 'refresh-token', value: new Uint8Array(1) } as const;
  await secrets.put([{ ...late, expiresAtMs: world.clock.nowMs() + 60_000 }]);
  expect((await leaves('maya')).entries).toEqual([]);
  expect(await secrets.ofPerson('refresh-token', person)).toEqual([]);
});
