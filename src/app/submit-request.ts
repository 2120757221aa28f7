import type { Actor } from '../domain/actor.ts';
import { breakGlassFold } from '../domain/break-glass/state.ts';
import { type GrantId, type RequestId, streams } from '../domain/ids.ts';
import { intersectScope } from '../domain/policy/narrow.ts';
import { PENDING_REQUESTS_ALLOWED } from '../domain/request/rules/pending-requests-are-bounded.ts';
import { decideSubmit } from '../domain/request/submit.ts';
import type { Asked } from '../domain/request/submit-context.ts';
import type { Broker } from './broker.ts';
import { checkCode, factorStates, factorStreams, refusalStreams, refusalsState } from './factor.ts';
import { requireInForce, underOnePolicy } from './policy-in-force.ts';
import { commandOf, groupsNow, type Idempotency } from './prepared.ts';
import { checkTicket, incidentOf } from './ticket-check.ts';

export interface Submitted {
  readonly request: RequestId;
  readonly entries: readonly number[];
}

/** Asks for an entitlement. @throws Failure, most often `refused-by-rule`, with the entry that recorded it */
export const submitRequest = (
  broker: Broker,
  actor: Actor,
  asked: Asked,
  given: { readonly totp: string | undefined; readonly idempotency: Idempotency | undefined },
): Promise<Submitted> => underOnePolicy(() => submitOnce(broker, actor, asked, given));

async function submitOnce(
  broker: Broker,
  actor: Actor,
  asked: Asked,
  given: { readonly totp: string | undefined; readonly idempotency: Idempotency | undefined },
): Promise<Submitted> {
  const nowMs = broker.clock.nowMs();
  const known = await broker.policies.inForce();
  const resolved = known.rule(asked.entitlement);
  const request: RequestId = `r-${broker.random.ulid(nowMs)}`;
  const grant: GrantId = `g-${broker.random.ulid(nowMs)}`;
  const ticket = await checkTicket(broker, resolved?.rule, asked.ticket, actor.person);
  const shown = await checkCode(broker, actor, given.totp);
  const pendingCount = await countPending(broker, actor.person, nowMs);
  const scope = scopeAsked(resolved?.rule.scope ?? [], asked);
  const source = resolved?.rule.ticket?.source;
  const incident =
    asked.ticket === null || source === undefined ? null : incidentOf(broker, source, asked.ticket);
  const debtStream = streams.breakGlass(actor.person);
  const command = commandOf<Submitted>({
    actor,
    streams: [
      'policy',
      streams.request(request),
      ...(asked.breakGlass ? [debtStream] : []),
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: nowMs,
    idempotency: given.idempotency,
    about: request,
    replay: (about) => ({ request: about as RequestId, entries: [] }),
    judge(view, decidedAtMs) {
      requireInForce(view, known.digest);
      return decideSubmit({
        actor,
        asked,
        request,
        grant,
        groups: groupsNow(known.policy, actor, decidedAtMs),
        rule: resolved?.rule,
        policyDigest: known.digest,
        ruleDigest: resolved?.digest ?? '',
        scope,
        ticket,
        incident,
        pendingCount,
        debt: asked.breakGlass ? view.state(breakGlassFold, debtStream) : breakGlassFold.initial,
        shown,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
      });
    },
    result: (receipt) => ({ request, entries: receipt.entries.map(({ seq }) => seq) }),
  });
  return broker.sequencer.submit(command);
}

function scopeAsked(declared: Parameters<typeof intersectScope>[0], asked: Asked) {
  if (asked.scope === null) return declared;
  const within = intersectScope(declared, asked.scope);
  return within === 'not-within' ? undefined : within;
}

/** From the list, which is enough for a bound against wearing reviewers down. */
async function countPending(broker: Broker, person: string, nowMs: number): Promise<number> {
  const rows = await broker.store.rows({
    table: 'requests',
    where: { person, open: 1 },
    limit: PENDING_REQUESTS_ALLOWED * 2,
  });
  return rows.filter((row) => row['state'] === 'pending' && Number(row['review_by_ms']) > nowMs).length;
}
