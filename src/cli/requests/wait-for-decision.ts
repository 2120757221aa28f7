import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, Failure } from '../../domain/errors.ts';
import { isLive } from '../access/grant-standing.ts';
import type { RequestView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { denialOf, newsBetween, type Seen } from './request-news.ts';

const FIRST_PAUSE_MS = 500;
const MOST_PAUSE_MS = 5_000;

export interface Waiting {
  /** What to run to go on after an interruption. */
  readonly goOn: string;
  /** 0: look once. Left out: as long as the request lives. */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Waits until the request is decided, telling what happens on the way. Interrupted, it leaves the request pending.
 * @throws Ending `denied`, `stillPending`, `expiredOrRevoked`, `interrupted`
 */
export async function waitForDecision(
  context: CliContext,
  first: RequestView,
  waiting: Waiting,
): Promise<RequestView> {
  const interruption = new AbortController();
  const back = context.surroundings.onInterrupt(() => interruption.abort());
  try {
    const decided = await untilDecided(context, first, waiting, interruption.signal);
    interruption.signal.throwIfAborted();
    return grantedOrEnding(decided);
  } catch (error) {
    if (interruption.signal.aborted) throw leftPending(exitCode.interrupted, first, waiting);
    throw error;
  } finally {
    back();
  }
}

async function untilDecided(
  context: CliContext,
  first: RequestView,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<RequestView> {
  const untilMs = context.surroundings.nowMs() + (waiting.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  let seen: Seen = { view: first, atMs: context.surroundings.nowMs() };
  for (
    let pauseMs = FIRST_PAUSE_MS;
    seen.view.status === 'pending';
    pauseMs = Math.min(pauseMs * 1.2, MOST_PAUSE_MS)
  ) {
    const leftMs = untilMs - context.surroundings.nowMs();
    if (leftMs <= 0) throw leftPending(exitCode.stillPending, seen.view, waiting);
    await pause(Math.min(pauseMs, leftMs), undefined, { signal });
    const before = seen;
    const view = await look(context, before.view, signal);
    seen = { view, atMs: context.surroundings.nowMs() };
    for (const line of newsBetween(before, seen)) context.output.progress(line);
  }
  return seen.view;
}

/** A broker that is started again, or too busy for a moment, does not end somebody's waiting. */
const passing: readonly ErrorCode[] = [
  'store-unavailable',
  'too-many-requests',
  'identity-provider-unavailable',
];

async function look(context: CliContext, known: RequestView, signal: AbortSignal): Promise<RequestView> {
  const { client } = await context.api();
  try {
    return await (
      await client.v1.requests[':id'].$get({ param: { id: known.request } }, { init: { signal } })
    ).json();
  } catch (error) {
    if (error instanceof Failure && passing.includes(error.code)) return known;
    throw error;
  }
}

/** @throws Ending for whatever ended without a grant that can be used, now or once it begins */
export function grantedOrEnding(view: RequestView): RequestView {
  if (view.grants.some(isLive)) return view;
  const { request, status } = view;
  if (status === 'denied') throw new Ending(exitCode.denied, denialOf(view), `countersign show ${request}`);
  const again = `Ask again: countersign request ${view.entitlement}`;
  throw new Ending(exitCode.expiredOrRevoked, `${request} is ${status}.`, again);
}

function leftPending(
  code: typeof exitCode.interrupted | typeof exitCode.stillPending,
  view: RequestView,
  { goOn }: Waiting,
): Ending {
  const message = `${view.request} stays pending.`;
  return new Ending(code, message, `Go on: ${goOn} · take it back: countersign withdraw ${view.request}`);
}
