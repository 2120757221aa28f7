import type { Actor } from '../../domain/actor.ts';
import { breakGlassFold, isReviewed } from '../../domain/break-glass/state.ts';
import { whoJudges } from '../../domain/break-glass/who-judges.ts';
import { streams } from '../../domain/ids.ts';
import { sameHuman } from '../../domain/policy/humans.ts';
import type { Delegation, Policy } from '../../domain/policy/policy.ts';
import { currentStage, reviewRight } from '../../domain/request/stage.ts';
import type { GrantState, RequestState } from '../../domain/request/state.ts';
import { grantStatus, isLive, requestStatus } from '../../domain/request/status.ts';
import type { Broker } from '../broker.ts';
import { groupsNow } from '../prepared.ts';
import type { RowQuery } from '../store.ts';
import { visibleRequests } from './visible.ts';

/** Rows only find ids: what a list says is folded from the log and from the time it is read at. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins: everything older than this ordinal. null: there is none. */
  readonly next: number | null;
}

export interface PageAsked {
  /** 1 to 100. */
  readonly limit: number;
  readonly before: number | undefined;
}

type Row = Readonly<Record<string, string | number | null>>;

/** Requests, newest first: one person's, or for an overseer everybody's. */
export async function listRequests(
  broker: Broker,
  actor: Actor,
  of: 'mine' | 'all',
  page: PageAsked,
): Promise<Page<RequestState>> {
  const rows = await rowsOf(
    broker,
    { table: 'requests', where: of === 'mine' ? { person: actor.person } : {} },
    page,
  );
  return {
    items: await visibleRequests(
      broker,
      actor,
      rows.items.map((row) => String(row['key'])),
    ),
    next: rows.next,
  };
}

/** What this person could decide now: their groups' turn, not their own, not decided by them before, not too late. */
export async function listWaiting(
  broker: Broker,
  actor: Actor,
  page: PageAsked,
): Promise<Page<RequestState>> {
  const known = await broker.policies.inForceIfAny();
  if (known === undefined || actor.kind !== 'human') return { items: [], next: null };
  const nowMs = broker.clock.nowMs();
  const groups = groupsNow(known.policy, actor, nowMs);
  const standsInFor = (known.policy.delegates ?? []).filter(({ to }) => groups.includes(to));
  const asked = [...new Set([...groups, ...standsInFor.map((delegation) => delegation.for)])];
  const pages = await Promise.all([
    ...asked.map((group) => rowsOf(broker, { table: 'waiting', where: { group_name: group } }, page)),
    // Whose hands an emergency is in may have changed since it was listed: each of them says.
    rowsOf(broker, { table: 'waiting', where: { purpose: 'review-break-glass' } }, page),
  ]);
  const merged = pages
    .flatMap(({ items }) => items)
    .toSorted((a, b) => Number(b['ordinal']) - Number(a['ordinal']));
  const rows = merged.slice(0, page.limit);
  const isLast = merged.length <= page.limit && pages.every(({ next }) => next === null);
  const states = await visibleRequests(
    broker,
    actor,
    rows.map((row) => String(row['request'])),
  );
  const reviewer = { actor, groups, delegates: standsInFor, policy: known.policy };
  const undecided = await Promise.all(states.map((state) => waitsFor(broker, reviewer, state)));
  return {
    items: states.filter((_, at) => undecided[at]),
    next: isLast ? null : Number(rows.at(-1)?.['ordinal'] ?? 0),
  };
}

interface Reviewer {
  readonly actor: Actor;
  readonly groups: readonly string[];
  readonly delegates: readonly Delegation[];
  readonly policy: Policy;
}

async function waitsFor(broker: Broker, reviewer: Reviewer, state: RequestState): Promise<boolean> {
  const { actor, groups, delegates, policy } = reviewer;
  const isOneOf = (people: readonly string[]) =>
    people.some((person) => sameHuman(policy, person, actor.person));
  if (isOneOf([state.person, ...state.people])) return false;
  if (state.breakGlass !== null) return waitsForJudgement(broker, reviewer, state);
  const nowMs = broker.clock.nowMs();
  const stage = currentStage(state);
  return (
    requestStatus(state, nowMs) === 'pending' &&
    stage !== undefined &&
    reviewRight(stage, groups, delegates, nowMs) !== undefined &&
    !isOneOf(state.reviews.map((review) => review.reviewer))
  );
}

async function waitsForJudgement(
  broker: Broker,
  { actor, groups, policy }: Reviewer,
  state: RequestState,
): Promise<boolean> {
  const stream = streams.breakGlass(state.person);
  const { uses } = (await broker.sequencer.read([stream])).state(breakGlassFold, stream);
  const use = uses[state.request ?? ''];
  const judges = use && whoJudges(policy, use, state.person, broker.clock.nowMs());
  if (use === undefined || judges === undefined || isReviewed(use) || !groups.includes(judges)) return false;
  return use.reviews.every(({ reviewer }) => !sameHuman(policy, reviewer, actor.person));
}

/** The caller's own grants, newest first; `active`: those under which a session could be opened, now or once they begin. */
export async function listGrants(
  broker: Broker,
  actor: Actor,
  active: boolean,
  page: PageAsked,
): Promise<Page<{ readonly state: RequestState; readonly grant: GrantState }>> {
  const where = { person: actor.person, ...(active ? { open: 1 } : {}) };
  const rows = await rowsOf(broker, { table: 'grants', where }, page);
  const wanted = new Set(rows.items.map((row) => String(row['key'])));
  const states = await visibleRequests(
    broker,
    actor,
    rows.items.map((row) => String(row['request'])),
  );
  const nowMs = broker.clock.nowMs();
  const items = states.flatMap((state) =>
    Object.values(state.grants)
      .filter((grant) => wanted.has(grant.grant) && grant.person === actor.person)
      .filter((grant) => !active || isLive(grantStatus(grant, nowMs)))
      .map((grant) => ({ state, grant })),
  );
  return { items, next: rows.next };
}

async function rowsOf(
  broker: Broker,
  query: Pick<RowQuery, 'table' | 'where'>,
  page: PageAsked,
): Promise<Page<Row>> {
  const rows = await broker.store.rows({
    ...query,
    limit: page.limit + 1,
    ...(page.before === undefined ? {} : { before: page.before }),
  });
  const items = rows.slice(0, page.limit);
  return { items, next: rows.length > page.limit ? Number(items.at(-1)?.['ordinal']) : null };
}
