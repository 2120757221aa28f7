import type { World as WholeWorld } from './harness.ts';
import { key, SHOP_SECRET } from './harness.ts';
import { type Answer, answerOf, type Person } from './person.ts';

type World = Pick<WholeWorld, 'url' | 'people'>;

let tickets = 2290;

/** Steps that many tests begin with. Each throws when it is refused, so that a test fails where the story breaks. */
export async function openTicket(world: World, responder: Person = world.people.maya): Promise<string> {
  const ticket = `INC-${++tickets}`;
  const opened = await world.people.tomas.post('/v1/tickets', {
    ticket,
    title: 'Orders are stuck',
    responders: [responder.id],
  });
  return must(opened, 201) && ticket;
}

export async function ask(world: World, more: Record<string, unknown> = {}, who: Person = world.people.maya) {
  const entitlement = more['entitlement'] ?? 'repair';
  const needsTicket = entitlement === 'repair' || entitlement === 'ledger';
  const ticket = needsTicket && more['ticket'] === undefined ? { ticket: await openTicket(world, who) } : {};
  const body = {
    entitlement,
    duration_seconds: 1800,
    justification: 'Stuck export',
    ...ticket,
    totp: who.code(),
    ...more,
  };
  const asked = await who.post('/v1/requests', body);
  return must(asked, 201);
}

export async function statementFor(reviewer: Person, request: string, wanted: Record<string, unknown> = {}) {
  return must(
    await reviewer.post(`/v1/requests/${request}/statements`, { verdict: 'approve', ...wanted }),
    200,
  ).statement;
}

export async function approve(reviewer: Person, request: string, wanted: Record<string, unknown> = {}) {
  const statement = await statementFor(reviewer, request, wanted);
  return must(
    await reviewer.post(`/v1/requests/${request}/reviews`, { statement, totp: reviewer.code() }),
    201,
  );
}

export const open = (who: Person, grant: string, body: unknown = {}, idempotency = key()): Promise<Answer> =>
  who.post(`/v1/grants/${grant}/sessions`, body, { 'idempotency-key': idempotency });

/** Asked, approved, and open: what a revocation or a second opening starts from. */
export async function openedGrant(world: World, more: Record<string, unknown> = {}) {
  const { maya, tomas } = world.people;
  const { request } = await ask(world, more);
  const { grants } = await approve(tomas, request);
  const session = must(await open(maya, grants[0].grant), 201);
  return { request, grant: String(grants[0].grant), session };
}

/** What a resource server does with every call: asks the broker. */
export async function introspect(world: World, token: string, secret = SHOP_SECRET): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(`shop-prod:${encodeURIComponent(secret)}`).toString('base64')}`;
  return answerOf(
    await fetch(`${world.url}/grants/introspect`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ token }),
    }),
  );
}

export function must(answer: Answer, status: number) {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
