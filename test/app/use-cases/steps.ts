import { type OpenedSession, openSession } from '../../../src/app/grant/open-session.ts';
import { prepareBreakGlassReview, reviewBreakGlass } from '../../../src/app/request/review-break-glass.ts';
import {
  prepareReview,
  type Reviewed,
  reviewRequest,
  type Verdict,
} from '../../../src/app/request/review-request.ts';
import { type Submitted, submitRequest } from '../../../src/app/request/submit-request.ts';
import { writeTicket } from '../../../src/app/ticket/write-ticket.ts';
import { Failure } from '../../../src/domain/errors.ts';
import type { GrantId, RequestId } from '../../../src/domain/ids.ts';
import type { Asked } from '../../../src/domain/request/submit-context.ts';
import type { TicketChange } from '../../../src/domain/ticket/write.ts';
import type { World } from './world.ts';

let used = 0;
const freshKey = () => ({ key: `key-${++used}`, digest: 'sha256:body' });

/** Opens a ticket, or changes one that is there. */
export const ticket = (world: World, who: string, name: string, change: TicketChange = {}, create = true) =>
  writeTicket(world.broker, world.who(who).actor, name, change, { create, idempotency: undefined });

/** An incident that one person opened and put another in. */
export const incident = (world: World, name: string, openedBy: string, ...responders: readonly string[]) =>
  ticket(world, openedBy, name, { addResponders: responders.map((one) => world.who(one).person) });

/** Everything an ask may say, as it is when nothing of it was said. */
export const askedFor = (asked: Partial<Asked> & Pick<Asked, 'entitlement'>): Asked => ({
  people: null,
  targets: null,
  parameters: {},
  seconds: 1800,
  startMs: null,
  extends: null,
  scope: null,
  ticket: null,
  justification: 'because',
  breakGlass: false,
  ...asked,
});

export const ask = (
  world: World,
  who: string,
  asked: Partial<Asked> & Pick<Asked, 'entitlement'>,
  given: { readonly totp?: string | undefined } = { totp: world.code(who) },
): Promise<Submitted> =>
  submitRequest(world.broker, world.who(who).actor, askedFor(asked), {
    totp: given.totp,
    idempotency: undefined,
  });

export async function review(
  world: World,
  who: string,
  request: RequestId,
  wanted: Verdict = { verdict: 'approve' },
): Promise<Reviewed> {
  const { actor, factor } = world.who(who);
  const { statement } = await prepareReview(world.broker, actor, request, { factor, ...wanted });
  const totp = world.code(who);
  return reviewRequest(world.broker, actor, request, {
    statement,
    reason: 'looked at it',
    totp,
    idempotency: undefined,
  });
}

/** Approves, and gives the grant that came of it. */
export async function approve(world: World, who: string, request: RequestId): Promise<GrantId> {
  const { grants } = await review(world, who, request);
  const [grant] = grants;
  if (grant === undefined || grants.length !== 1)
    throw new Error(`the approval made ${grants.length} grants`);
  return grant as GrantId;
}

export async function reviewEmergency(
  world: World,
  who: string,
  request: RequestId,
  verdict: 'justified' | 'not-justified' = 'justified',
) {
  const { actor, factor } = world.who(who);
  const { statement } = await prepareBreakGlassReview(world.broker, actor, request, { verdict, factor });
  const totp = world.code(who);
  return reviewBreakGlass(world.broker, actor, request, {
    statement,
    reason: 'read the log',
    totp,
    idempotency: undefined,
  });
}

export const open = (
  world: World,
  who: string,
  grant: GrantId,
  given: { readonly totp?: string | undefined; readonly key?: string } = {},
): Promise<OpenedSession> => {
  const idempotency = given.key === undefined ? freshKey() : { key: given.key, digest: 'sha256:body' };
  return openSession(world.broker, world.who(who).actor, grant, { totp: given.totp, idempotency });
};

/** How a call failed: its code, and the rule where there is one. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Failure)
      return error.rule === undefined ? error.code : `${error.code} ${error.rule}`;
    throw error;
  }
  return 'no failure';
}

/** Turns the request into its grant's id, as a break-glass or an entitlement without review gives it. */
export async function grantOf(world: World, request: RequestId): Promise<GrantId> {
  const approved = (await world.entries()).find(
    ({ type, data }) => type === 'countersign.request.approved.v1' && data['request'] === request,
  );
  return String(approved?.data['grant']) as GrantId;
}
