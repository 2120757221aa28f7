import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, Failure } from '../../domain/errors.ts';
import type { GrantView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { Ending, endingOf } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { sayMoment } from '../say-time.ts';
import { beginsAtMs, extensionOf, isUsable } from './grant-standing.ts';
import { isRenewable, type LiveSession, openLiveSession } from './live-session.ts';
import { liveGrants } from './obtain-grant.ts';

/** Credentials while a command runs: renewed in time, carried over into an extension, and nobody is ever asked. */
export interface KeptCredentials {
  /** What is good at this moment. @throws Ending when nothing is any more */
  now(): Promise<LiveSession>;
  /** What was opened last, good or over. */
  last(): LiveSession;
  /** Nothing is opened or told any more once this is done. */
  stop(): Promise<void>;
}

/** SDKs ask for the next credentials up to a quarter of an hour before the last ones end. */
const EARLY_MS = 900_000;
/** A code shown for an extension serves its opening for a quarter of an hour, so this is when to ask for one. */
const NOTICE_MS = 840_000;
const LOOK_MS = 10_000;
const [LEAST_NEAR_MS, MOST_NEAR_MS] = [250, 1_000];
const CODE_LOOK_MS = 3_000;
const FIRST_RETRY_MS = 1_000;
const MOST_RETRY_MS = 60_000;
/** What carries them on begins at the moment at which they end: whoever asks then waits for it. */
const SEAM_MS = 1_500;

/** What passes by itself; whatever else the broker says of an opening stays so. */
const passingRules: readonly (string | undefined)[] = ['membership-is-fresh', 'grant-has-begun'];
const passing: readonly ErrorCode[] = [
  'store-unavailable',
  'too-many-requests',
  'identity-provider-unavailable',
  'provider-unavailable',
  'provider-refused',
  'ticket-source-unavailable',
  'read-only',
  'conflict',
  'internal',
];

/**
 * Keeps going from the first session on until stopped. What somebody should know is told on stderr, once, marked as
 * ours because the command writes there too.
 * @param changed called with each new session before anybody else gets it
 */
export function keepCredentials(
  context: CliContext,
  first: LiveSession,
  changed: (live: LiveSession) => Promise<void>,
): KeptCredentials {
  const stopped = new AbortController();
  const keeper: Keeper = {
    context,
    changed,
    live: first,
    nextMs: 0,
    retryMs: FIRST_RETRY_MS,
    told: [],
    lack: undefined,
    why: undefined,
  };
  keeper.nextMs = momentToAct(keeper);
  let acting: Promise<void> | undefined;
  const actOnce = () => {
    acting ??= act(keeper).finally(() => {
      acting = undefined;
    });
    return acting;
  };
  void keepGoing(keeper, actOnce, stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await acting;
    },
    last: () => keeper.live,
    async now() {
      const { nowMs } = context.surroundings;
      const isOver = () => keeper.live.expiresAtMs <= nowMs();
      const leftMs = keeper.nextMs - nowMs();
      // Whoever asks again and again makes nobody else work more often.
      if (isOver() && keeper.why === undefined && leftMs <= SEAM_MS) {
        await pause(Math.max(0, leftMs));
        await actOnce();
      }
      if (isOver()) throw nothingLeft(keeper);
      return keeper.live;
    },
  };
}

interface Keeper {
  readonly context: CliContext;
  readonly changed: (live: LiveSession) => Promise<void>;
  live: LiveSession;
  /** When there is something to do next, milliseconds since 1970. */
  nextMs: number;
  retryMs: number;
  /** What was told already. */
  told: readonly string[];
  /** What the next ones wait for, and what mends it. */
  lack: string | undefined;
  /** Why there will be no further credentials. */
  why: string | undefined;
}

async function keepGoing(keeper: Keeper, actOnce: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const { nowMs } = keeper.context.surroundings;
  try {
    while (keeper.why === undefined) {
      const leftMs = keeper.nextMs - nowMs();
      // In short steps: a machine that slept wakes up late, and its clock tells.
      if (leftMs > 0) await pause(Math.min(1_000, leftMs), undefined, { signal, ref: false });
      else await actOnce();
      signal.throwIfAborted();
    }
  } catch (error) {
    if (!signal.aborted) giveUp(keeper, error);
  }
}

function momentToAct({ live }: Keeper): number {
  const lifetimeMs = live.expiresAtMs - Date.parse(live.grant.sessions.at(-1)?.opened_at ?? '1970-01-01');
  if (isRenewable(live)) return live.expiresAtMs - Math.min(EARLY_MS, lifetimeMs / 2);
  return live.expiresAtMs - Math.min(NOTICE_MS, lifetimeMs / 3);
}

/** One step: another session of the same grant, or of what carries it on, or a word on how it can go on. */
async function act(keeper: Keeper): Promise<void> {
  try {
    if (isRenewable(keeper.live)) await openNext(keeper, keeper.live.grant.grant);
    else await carryOn(keeper);
    keeper.retryMs = FIRST_RETRY_MS;
  } catch (error) {
    if (error instanceof Failure && error.code === 'step-up-needed') return waitForCode(keeper);
    if (!(error instanceof Failure) || !isPassing(error)) return giveUp(keeper, error);
    keeper.lack = `cannot renew the credentials yet: ${endingOf(error).message}`;
    tell(keeper, error.code, keeper.lack);
    keeper.nextMs = keeper.context.surroundings.nowMs() + keeper.retryMs;
    keeper.retryMs = Math.min(keeper.retryMs * 2, MOST_RETRY_MS);
  }
}

const isPassing = ({ code, rule }: Failure): boolean => passing.includes(code) || passingRules.includes(rule);

async function openNext(keeper: Keeper, grant: string): Promise<void> {
  const live = await openLiveSession(keeper.context, grant);
  await keeper.changed(live);
  keeper.live = live;
  keeper.told = [];
  keeper.lack = undefined;
  keeper.nextMs = momentToAct(keeper);
  const until = sayMoment(new Date(live.expiresAtMs).toISOString(), keeper.context.surroundings.nowMs());
  tell(keeper, 'opened', `goes on until ${until}   ${grant}`);
}

async function carryOn(keeper: Keeper): Promise<void> {
  const { grant } = keeper.live;
  const next = extensionOf(grant, await liveGrants(keeper.context));
  const nowMs = keeper.context.surroundings.nowMs();
  if (next === undefined) return tellHowToGoOn(keeper, nowMs);
  // By the broker's clock, which need not be ours.
  if (isUsable(next)) return openNext(keeper, next.grant);
  tell(keeper, 'extended', `will go on at ${sayMoment(next.starts_at ?? '', nowMs)}   ${next.grant}`);
  keeper.nextMs = nowMs + pauseBeforeMs(beginsAtMs(next) - nowMs);
}

/** Often as the beginning comes near: two clocks seldom show the same. */
const pauseBeforeMs = (leftMs: number): number =>
  leftMs > 2 * LOOK_MS ? LOOK_MS : Math.min(MOST_NEAR_MS, Math.max(leftMs, LEAST_NEAR_MS));

function tellHowToGoOn(keeper: Keeper, nowMs: number): void {
  const { grant, expiresAtMs } = keeper.live;
  const until = sayMoment(new Date(expiresAtMs).toISOString(), nowMs);
  if (nowMs < expiresAtMs) {
    tell(keeper, 'notice', `ends at ${until}; to go on, in another terminal: ${extendCommand(grant)}`);
    keeper.nextMs = Math.min(expiresAtMs, nowMs + LOOK_MS);
    return;
  }
  // One that was asked for in time may still be signed.
  keeper.lack = `${grant.grant} ended at ${until} → countersign request ${printable(grant.entitlement)}`;
  tell(keeper, 'over', `${grant.grant} ended at ${until}; the command runs on without credentials`);
  keeper.nextMs = nowMs + LOOK_MS;
}

const extendCommand = ({ entitlement, target }: GrantView): string =>
  `countersign request ${printable(entitlement)} --target ${printable(target)} --extend -d 30m -r TEXT`;

/** Another program on this machine may show the code; the sessions that follow need none. */
function waitForCode(keeper: Keeper): void {
  const { entitlement, target } = keeper.live.grant;
  const command = `countersign exec ${printable(entitlement)} --target ${printable(target)} -- true`;
  keeper.lack = `going on needs a code; in another terminal: ${command}`;
  tell(keeper, 'code', keeper.lack);
  keeper.nextMs = keeper.context.surroundings.nowMs() + CODE_LOOK_MS;
}

function giveUp(keeper: Keeper, error: unknown): void {
  const { message, mend } = endingOf(error);
  keeper.why = mend === undefined ? message : `${message} → ${mend}`;
  tell(keeper, 'given-up', `no further credentials: ${keeper.why}`);
}

function tell(keeper: Keeper, what: string, text: string): void {
  if (keeper.told.includes(what)) return;
  keeper.told = [...keeper.told, what];
  keeper.context.output.progress(`countersign: ${printable(text)}`);
}

/** For the program that asks, which shows it to its user. */
const nothingLeft = ({ live, why, lack }: Keeper): Ending =>
  new Ending(exitCode.expiredOrRevoked, why ?? lack ?? `${live.grant.grant} has ended.`);
