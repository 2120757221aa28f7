import { setTimeout as pause } from 'node:timers/promises';
import type { GrantView, RequestView } from '../answers.ts';
import type { CodeSource } from '../code-source.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { isSameScope, permissionsNamed } from '../requests/narrow-scope.ts';
import { askedLines, newsLine } from '../requests/request-news.ts';
import { tellReviewPage } from '../requests/review-page.ts';
import { type Asked, submitRequest } from '../requests/submit-request.ts';
import { grantedOrEnding, type Waiting, waitForDecision } from '../requests/wait-for-decision.ts';
import { sayMoment } from '../say-time.ts';
import { beginsAtMs, coversUntilMs, isUsable } from './grant-standing.ts';

/** Somebody who comes this early for what was scheduled is kept waiting; before that they need something else. */
const WAITS_FOR_START_MS = 900_000;

/**
 * A grant for this entitlement on one target: one that is there, or what comes of a request that waits already, or of
 * a new one. A ticket that is named must be that one's, because the work goes on its account.
 */
export async function obtainGrant(
  context: CliContext,
  asked: Asked,
  code: CodeSource,
  waiting: Waiting,
): Promise<GrantView> {
  const usable = await findUsableGrant(context, asked);
  if (usable !== undefined) {
    context.output.progress(newsLine('goes on under', usable.grant));
    return usable;
  }
  const scheduled = await findScheduledGrant(context, asked);
  if (scheduled !== undefined) return waitForStart(context, scheduled, waiting);
  const pending = asked.breakGlass ? undefined : await findPendingRequest(context, asked);
  const nowMs = context.surroundings.nowMs();
  if (pending !== undefined) for (const line of askedLines(pending, nowMs)) context.output.progress(line);
  const request = pending ?? (await submitRequest(context, asked, code));
  await tellReviewPage(context, request, { qr: false });
  return waitForStart(
    context,
    await ownGrant(context, await waitForDecision(context, request, waiting)),
    waiting,
  );
}

type Wanted = Pick<Asked, 'entitlement' | 'ticket' | 'targets' | 'parameters' | 'only'>;

/** All that the caller can use, now or once it begins. What one person can use at a time is bounded far below a page. */
export async function liveGrants(context: CliContext): Promise<readonly GrantView[]> {
  const { client } = await context.api();
  const answer = await client.v1.grants.$get({ query: { active: 'true', limit: '100' } });
  return (await answer.json()).items;
}

/**
 * The caller's grant that serves longest, with what carries it on.
 * @throws Ending `usage` when there are some on several targets and none was named
 */
export async function findUsableGrant(context: CliContext, wanted: Wanted): Promise<GrantView | undefined> {
  const usable = (await liveGrants(context)).filter(isUsable);
  const fitting = (await fittingGrants(context, usable, wanted)).toSorted(
    (a, b) => coversUntilMs(b) - coversUntilMs(a),
  );
  const targets = [...new Set(fitting.map(({ target }) => target))];
  if (targets.length > 1) throw whichTarget(wanted.entitlement, targets);
  return fitting[0];
}

async function findScheduledGrant(context: CliContext, wanted: Wanted): Promise<GrantView | undefined> {
  const nowMs = context.surroundings.nowMs();
  const scheduled = (await liveGrants(context)).filter(({ status }) => status === 'scheduled');
  const [first] = (await fittingGrants(context, scheduled, wanted)).toSorted(
    (a, b) => beginsAtMs(a) - beginsAtMs(b),
  );
  if (first === undefined || beginsAtMs(first) <= nowMs + WAITS_FOR_START_MS) return first;
  context.output.progress(
    newsLine(
      `asks for access now; what is scheduled begins ${sayMoment(first.starts_at ?? '', nowMs)}`,
      first.grant,
    ),
  );
  return undefined;
}

async function fittingGrants(
  context: CliContext,
  grants: readonly GrantView[],
  wanted: Wanted,
): Promise<readonly GrantView[]> {
  const near = grants.filter(
    ({ entitlement, target, scope }) =>
      entitlement === wanted.entitlement &&
      (wanted.targets === undefined || wanted.targets.includes(target)) &&
      isNamedScope(scope, wanted.only),
  );
  if (wanted.ticket === undefined && wanted.parameters === undefined) return near;
  const fits = await Promise.all(
    near.map(async ({ request }) => isAsWanted(await oneRequest(context, request), wanted)),
  );
  return near.filter((_, at) => fits[at]);
}

/** Somebody who names part of a scope wants no more than that, whatever else they hold. */
function isNamedScope(scope: GrantView['scope'], only: Wanted['only']): boolean {
  if (only === undefined) return true;
  const isThere = only.every(({ action }) => scope.some((permission) => permission.action === action));
  if (!isThere) return false;
  return isSameScope(scope, permissionsNamed(scope, only));
}

const isAsWanted = (view: RequestView, { ticket, parameters }: Wanted): boolean =>
  (ticket === undefined || view.ticket === ticket) &&
  Object.entries(parameters ?? {}).every(
    ([name, value]) => Object.hasOwn(view.parameters, name) && view.parameters[name] === value,
  );

async function oneRequest(context: CliContext, request: string): Promise<RequestView> {
  const { client } = await context.api();
  return (await client.v1.requests[':id'].$get({ param: { id: request } })).json();
}

/** The caller's newest undecided request that would give them this. */
export async function findPendingRequest(
  context: CliContext,
  wanted: Wanted,
): Promise<RequestView | undefined> {
  const { client, person } = await context.api();
  const { items } = await (await client.v1.requests.$get({ query: { mine: 'true', limit: '100' } })).json();
  return items.find(
    (view) =>
      view.status === 'pending' &&
      view.entitlement === wanted.entitlement &&
      view.extends === null &&
      view.starts_at === null &&
      view.people.some((one) => one.person === person) &&
      (wanted.targets === undefined || wanted.targets.every((target) => view.targets.includes(target))) &&
      isAsWanted(view, wanted),
  );
}

/** Of what a request became, the caller's. @throws Ending when there are several of those, or none */
async function ownGrant(context: CliContext, view: RequestView): Promise<GrantView> {
  const { person } = await context.api();
  const own = grantedOrEnding(view).grants.filter((grant) => grant.person.person === person);
  const [first, ...more] = own;
  if (first === undefined) {
    const message = `${view.request} is granted to others: ${view.grants.map(({ grant }) => grant).join(', ')}.`;
    throw new Ending(exitCode.failure, message, `countersign show ${view.request}`);
  }
  if (more.length > 0)
    throw whichTarget(
      view.entitlement,
      own.map(({ target }) => target),
    );
  return first;
}

const whichTarget = (entitlement: string, targets: readonly string[]): Ending =>
  new Ending(
    exitCode.usage,
    `You have ${printable(entitlement)} on ${printable(targets.join(', '))}; credentials are for one of them.`,
    `Say which: --target ${targets[0] ?? ''}`,
  );

/** Holds on until the grant begins, where it lies ahead. @throws Ending `stillPending`, `interrupted` */
async function waitForStart(context: CliContext, grant: GrantView, waiting: Waiting): Promise<GrantView> {
  if (grant.status !== 'scheduled' || grant.starts_at === null) return grant;
  const { surroundings, output } = context;
  const nowMs = surroundings.nowMs();
  output.progress(newsLine(`waits until it begins, ${sayMoment(grant.starts_at, nowMs)}`, grant.grant));
  const untilMs = nowMs + (waiting.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const interruption = new AbortController();
  const back = surroundings.onInterrupt(() => interruption.abort());
  try {
    const begun = await whenBegun(context, grant, untilMs, interruption.signal);
    if (begun === undefined) throw notBegun(exitCode.stillPending, grant, waiting);
    return begun;
  } catch (error) {
    throw interruption.signal.aborted ? notBegun(exitCode.interrupted, grant, waiting) : error;
  } finally {
    back();
  }
}

const STEP_MS = 1_000;

/** By our clock first, which costs nothing; then by the broker's, which decides. undefined: not in time. */
async function whenBegun(
  { surroundings, api }: CliContext,
  { grant: id, ...grant }: GrantView,
  untilMs: number,
  signal: AbortSignal,
): Promise<GrantView | undefined> {
  const { client } = await api();
  for (;;) {
    const leftMs = beginsAtMs(grant) - surroundings.nowMs();
    if (leftMs <= 0) {
      const now = await (await client.v1.grants[':id'].$get({ param: { id } }, { init: { signal } })).json();
      if (now.status !== 'scheduled') return now;
    }
    if (surroundings.nowMs() >= untilMs) return undefined;
    // In short steps: a machine that slept wakes up late, and its clock tells.
    await pause(leftMs <= 0 ? STEP_MS : Math.min(STEP_MS, leftMs), undefined, { signal });
  }
}

const notBegun = (
  code: typeof exitCode.interrupted | typeof exitCode.stillPending,
  { grant, starts_at }: GrantView,
  { goOn }: Waiting,
): Ending =>
  new Ending(
    code,
    `${grant} begins at ${starts_at}.`,
    `Go on: ${goOn} · give it up: countersign end ${grant}`,
  );
