import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passTime } from '../../src/app/grant/pass-time.ts';
import { key, startWorld, type World } from './harness.ts';
import { type Answer, publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { dieOnceTheCloudAnswers, takeTicketsDown } from './seams.ts';
import { approve, ask, introspect, must, open, openTicket } from './story.ts';
import { conformant, typesSince, verdictOn } from './verdict.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await publish(withSteady, [world.people.ada, world.people.bo]);
});
afterAll(() => world.stop());

/** Has break-glass, but never without its ticket. */
const withSteady = `${policyText}  steady:
    role: Steady
    target: shop-prod
    scope:
      - { actions: [batches.read], on: export, access: read }
    eligible: [engineers]
    ticket: incident
    review: [{ people: 1, from: leads }]
    at_most: 1h
    break_glass: { at_most: 30m, review: { people: 1, from: duty, within: 24h } }
`;

const size = async (): Promise<number> => (await world.broker.store.head())?.size ?? 0;
const sessionsOf = async (grant: string) =>
  must(await world.people.maya.get(`/v1/grants/${grant}`), 200).sessions;

describe.each([
  ['ledger', 'at a cloud'],
  ['repair', 'by a token of our own'],
])('(18) the process dies between the answer and its record: a session of %s, %s', (entitlement) => {
  let grant: string;
  let before: number;
  let lost: Answer;
  const same = key();
  beforeAll(async () => {
    const { maya, tomas } = world.people;
    grant = (await approve(tomas, (await ask(world, { entitlement })).request)).grants[0].grant;
    before = await size();
    dieOnceTheCloudAnswers(world);
    lost = await open(maya, grant, {}, same);
    await world.restart();
  });

  test('nobody got the secret, and the log knows of an opening', async () => {
    expect([lost.status, lost.body.credentials]).toEqual([503, undefined]);
    expect((await typesSince(world, before)).filter((type) => type.startsWith('session.'))).toEqual([
      'session.opening.v1',
    ]);
  });

  test('until it is settled no second session opens beside it, and afterwards it counts as possibly open', async () => {
    const { maya, tomas } = world.people;
    expect((await open(maya, grant)).body.code).toBe('conflict');
    world.clock.advance(61_000);
    await passTime(world.broker);
    expect(await sessionsOf(grant)).toMatchObject([{ phase: 'uncertain' }]);
    const { request } = must(await maya.get(`/v1/grants/${grant}`), 200);
    const { items } = must(await tomas.get(`/v1/requests/${request}/timeline`), 200);
    expect(items.at(-1)).toMatchObject({ type: 'countersign.session.failed.v1', by: { kind: 'broker' } });
  });

  test('the same call again gives no second secret; another one opens another session', async () => {
    const { maya } = world.people;
    const [calls, entries] = [world.sts.calls.length, await size()];
    const again = await open(maya, grant, {}, same);
    expect([again.body.code, again.body.credentials]).toEqual(['already-done', undefined]);
    expect([world.sts.calls.length, await size()]).toEqual([calls, entries]);
    const renewed = must(await open(maya, grant), 201);
    expect((await sessionsOf(grant)).map(({ phase }: { phase: string }) => phase).toSorted()).toEqual([
      'opened',
      'uncertain',
    ]);
    if (renewed.credentials.kind === 'token')
      expect((await introspect(world, renewed.credentials.token)).body.active).toBe(true);
  });

  test('a revocation stays open until what may exist has ended', async () => {
    const { tomas } = world.people;
    const revoked = must(
      await tomas.post(`/v1/grants/${grant}/revocation`, { reason: 'After a crash' }),
      200,
    );
    expect(revoked.status).toBe(entitlement === 'ledger' ? 'revoking' : 'revoked');
  });
});

describe('(32) while the ticket source is down', () => {
  const emergency = { duration_seconds: 600, justification: 'It burns', break_glass: true };
  const asks = async (body: object): Promise<Answer> => {
    const { maya } = world.people;
    return maya.post('/v1/requests', {
      duration_seconds: 600,
      justification: 'It burns',
      ...body,
      totp: maya.code(),
    });
  };
  let bringBack: () => void;
  let ticket: string;
  let approvedBefore: string;
  beforeAll(async () => {
    ticket = await openTicket(world);
    approvedBefore = (await approve(world.people.tomas, (await ask(world)).request)).grants[0].grant;
    bringBack = takeTicketsDown(world);
  });
  afterAll(() => bringBack());

  test.each([
    ['the ordinary way', { entitlement: 'repair' }, 'ticket-fits-the-rule'],
    ['an emergency of what has none', { ...emergency, entitlement: 'ledger' }, 'break-glass-is-allowed'],
    [
      'an emergency that must have its ticket',
      { ...emergency, entitlement: 'steady' },
      'ticket-fits-the-rule',
    ],
    [
      'an emergency longer than allowed',
      { ...emergency, entitlement: 'repair', duration_seconds: 3600 },
      'duration-is-within-limit',
    ],
  ])('%s is refused', async (_, body, rule) => {
    expect((await asks({ ...body, ticket })).body.rule).toBe(rule);
  });

  test('an emergency that names no ticket is refused, down or not', async () => {
    expect((await asks({ ...emergency, entitlement: 'repair' })).body.rule).toBe(
      'ticket-is-given-when-required',
    );
  });

  test('an approval of before opens nothing', async () => {
    expect((await open(world.people.maya, approvedBefore)).body.rule).toBe('ticket-fits-the-rule');
  });

  test('an emergency that may go without opens, and carries its mark and its debt', async () => {
    const { maya, ines } = world.people;
    const used = must(await asks({ ...emergency, entitlement: 'repair', ticket }), 201);
    expect(used.break_glass).toMatchObject({ marks: ['ticket-unverified'], reviewed: false });
    must(await open(maya, used.grants[0].grant), 201);
    expect(must(await ines.get(`/v1/requests/${used.request}`), 200).break_glass.marks).toEqual([
      'ticket-unverified',
    ]);
  });

  test('an emergency with its ticket verified carries no mark', async () => {
    bringBack();
    const used = must(await asks({ ...emergency, entitlement: 'repair', ticket }), 201);
    expect(used.break_glass.marks).toEqual([]);
  });
});

test('an auditor finds every decision of these stories conformant', async () => {
  expect(await verdictOn(world)).toMatchObject(conformant);
});

test('(32) while the identity provider is down nobody gets in by break-glass whom the policy does not name', async () => {
  const { maya } = world.people;
  await world.provider.stop();
  const before = await size();
  const answer = await maya.post('/v1/requests', {
    entitlement: 'repair',
    duration_seconds: 600,
    justification: 'It burns',
    ticket: 'INC-1',
    break_glass: true,
    totp: maya.code(),
  });
  expect([answer.status, answer.body.rule]).toEqual([403, 'membership-is-fresh']);
  expect(await typesSince(world, before)).toEqual(['command.refused.v1']);
});
