import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRequest } from '../../../src/app/grant/find-grant.ts';
import { openSession } from '../../../src/app/grant/open-session.ts';
import { submitRequest } from '../../../src/app/request/submit-request.ts';
import { oneRequestView } from '../../../src/app/views/request-view.ts';
import type { Actor } from '../../../src/domain/actor.ts';
import type { GrantId, RequestId } from '../../../src/domain/ids.ts';
import type { BreakGlass, Policy } from '../../../src/domain/policy/policy.ts';
import { personId } from '../../../src/identity/person-id.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import { ask, askedFor, failureOf, grantOf, incident, reviewEmergency, ticket } from './steps.ts';
import { storyGroups } from './story-world.ts';
import { type World, worldUnder } from './world.ts';

const HOUR_MS = 3_600_000;
const idOf = (name: string) => personId(new Uint8Array(32).fill(5), 'human', 'https://idp.example', name);

const { operator } = ordersPolicy.entitlements;
if (operator?.break_glass == null) throw new Error('the policy of the stories has no break-glass');

const withBreakGlass = (more: Partial<BreakGlass>, humans: Policy['humans'] = {}): Policy => ({
  ...ordersPolicy,
  humans,
  entitlements: {
    ...ordersPolicy.entitlements,
    operator: {
      ...operator,
      break_glass: { at_most_seconds: 1800, without: [], review: judges(1), ...more },
    },
  },
});

const judges = (people: number) => ({ people, from: 'security', within_seconds: 86_400 });

let world: World;
const begin = async (policy: Policy): Promise<void> => {
  world = await worldUnder(policy, { ...storyGroups, 'sid at work': ['sec'] }, ['ann', 'bob']);
};

/** Every story, whatever it tries, leaves a log in which a stranger finds no fault. */
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

async function breaksGlass(who = 'maya', name = 'INC-1'): Promise<RequestId> {
  return (await ask(world, who, { entitlement: 'operator', ticket: name, breakGlass: true })).request;
}

const shown = async (request: RequestId) => {
  const view = await oneRequestView(world.broker, await readRequest(world.broker, request));
  if (view.break_glass === null) throw new Error('no emergency');
  return view.break_glass;
};

const marksOf = async (request: RequestId) => (await shown(request)).marks;

describe('judged by as many humans as the policy says', () => {
  beforeEach(async () => {
    await begin(withBreakGlass({ review: judges(2) }, { sid: [idOf('sid'), idOf('sid at work')] }));
    await incident(world, 'INC-1', 'lea', 'maya');
  });

  test('two of them, each once and each another human, may differ, and then it is judged', async () => {
    const request = await breaksGlass();
    await reviewEmergency(world, 'sid', request, 'justified');
    const again = 'refused-by-rule break-glass-reviewer-is-somebody-else';
    expect(await failureOf(reviewEmergency(world, 'sid', request))).toBe(again);
    expect(await failureOf(reviewEmergency(world, 'sid at work', request))).toBe(again);
    expect(await shown(request)).toMatchObject({ reviewed: false, verdicts: ['justified'] });
    await reviewEmergency(world, 'sol', request, 'not-justified');
    expect(await shown(request)).toMatchObject({ reviewed: true, verdicts: ['justified', 'not-justified'] });
  });

  test('a judgement that only half of them gave leaves it overdue', async () => {
    const request = await breaksGlass();
    await reviewEmergency(world, 'sid', request);
    world.clock.advance(25 * HOUR_MS);
    expect(await shown(request)).toMatchObject({ reviewed: false, overdue: true });
  });
});

describe('marked with what it went without, and with nothing else', () => {
  test('a ticket that only its requester stands behind', async () => {
    await begin(withBreakGlass({ without: ['ticket'] }));
    await ticket(world, 'maya', 'INC-1', { addResponders: [world.who('maya').person] });
    expect(await marksOf(await breaksGlass())).toEqual(['ticket-unverified']);
  });

  test('a ticket that somebody else vouches for is no mark, and neither is a witness that no policy demands', async () => {
    await begin(withBreakGlass({ without: ['ticket', 'witness'] }));
    await incident(world, 'INC-1', 'lea', 'maya');
    expect(await marksOf(await breaksGlass())).toEqual([]);
  });
});

describe('while the identity provider does not answer', () => {
  const policy = withBreakGlass({ without: ['identity-provider'], named: [idOf('maya'), idOf('lea')] });
  beforeEach(async () => {
    await begin(policy);
    await incident(world, 'INC-1', 'lea', 'maya', 'omar', 'lea');
  });

  /** As the broker recognises somebody whose provider told their groups so long ago. */
  const cached = (name: string, hoursAgo = 1): Actor => ({
    ...world.who(name).actor,
    membership: 'cached',
    claimsAtMs: world.clock.nowMs() - hoursAgo * HOUR_MS,
  });
  const asks = (
    actor: Actor,
    name: string,
    more: { readonly people?: readonly string[]; breakGlass?: boolean } = {},
  ) =>
    submitRequest(
      world.broker,
      actor,
      askedFor({ entitlement: 'operator', ticket: 'INC-1', breakGlass: true, ...more }),
      { totp: world.code(name), idempotency: undefined },
    );
  const opens = (actor: Actor, name: string, grant: GrantId) =>
    openSession(world.broker, actor, grant, {
      totp: world.code(name),
      idempotency: { key: `key-${name}`, digest: 'sha256:body' },
    });

  test.each([
    ['an hour', 1, 'no failure'],
    ['23 hours', 23, 'no failure'],
    ['25 hours', 25, 'refused-by-rule membership-is-fresh'],
  ])('whom the policy names, seen %s ago: %i h, %s', async (_, hoursAgo, outcome) => {
    const code = world.code('maya');
    const asked = submitRequest(
      world.broker,
      cached('maya', hoursAgo),
      askedFor({ entitlement: 'operator', ticket: 'INC-1', breakGlass: true }),
      { totp: code, idempotency: undefined },
    );
    expect(await failureOf(asked)).toBe(outcome);
  });

  test('it is marked, opens for them, and the log says how old the groups were', async () => {
    const { request } = await asks(cached('maya'), 'maya');
    expect(await marksOf(request)).toEqual(['membership-cached']);
    const opened = await opens(cached('maya'), 'maya', await grantOf(world, request));
    expect(opened.credentials).not.toBeNull();
    const used = (await world.entries()).find(({ type }) => type === 'countersign.break-glass.used.v1');
    expect(used?.data['down']).toEqual([
      { what: 'identity-provider', seen: expect.stringContaining('last told 2026-05-04T07:') },
    ]);
  });

  test('who is named, and no longer in a group that is eligible, gets nothing', async () => {
    expect(await failureOf(asks(cached('lea'), 'lea'))).toBe('refused-by-rule requester-is-eligible');
  });

  test('whom nobody named gets nothing, not even by the emergency of somebody named', async () => {
    expect(await failureOf(asks(cached('omar'), 'omar'))).toBe('refused-by-rule membership-is-fresh');
    const forAnother = asks(cached('maya'), 'maya', { people: [world.who('omar').person] });
    expect(await failureOf(forAnother)).toBe('refused-by-rule people-are-named-once');
    const { request } = await asks(cached('maya'), 'maya');
    const grant = await grantOf(world, request);
    expect(await failureOf(opens(cached('omar'), 'omar', grant))).toBe('not-found');
  });

  test('what is no emergency waits, and so does the grant of an emergency that began before', async () => {
    const ordinary = asks(cached('maya'), 'maya', { breakGlass: false });
    expect(await failureOf(ordinary)).toBe('identity-provider-unavailable');
    const before = await grantOf(world, await breaksGlass());
    expect(await failureOf(opens(cached('maya'), 'maya', before))).toBe('identity-provider-unavailable');
  });
});
