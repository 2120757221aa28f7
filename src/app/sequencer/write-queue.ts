import { Failure } from '../../domain/errors.ts';
import type { StreamId } from '../../domain/ids.ts';
import type { Command } from '../command.ts';
import type { Clock } from '../ports.ts';
import { type Head, OutcomeUnknown, type Store } from '../store.ts';
import type { TrustedLog } from './checked-log.ts';
import type { ClockGuard } from './clock-guard.ts';
import { advanceForSure, type Signing, signBatch } from './commit-batch.ts';
import { type Batch, type Deciding, decideInto, emptyBatch, type Outcome } from './decide-batch.ts';
import type { Loaded, StreamLoader } from './load-streams.ts';
import { Misfit } from './misfit.ts';

/** Most commands in one commit: bounds its memory and how long the others wait. */
const MOST_COMMANDS = 1_000;
/** How often in a row a batch is decided again because another broker was first: each may lose, all of them hardly. */
const MOST_LOSSES = 64;
/** How long a busy broker keeps its turn: a second one finds its way in between. */
const MOST_TURN_MS = 50;
/** What was decided longer ago than this while a commit was under way is decided again: time has passed. */
const MOST_AHEAD_MS = 5_000;
/** From so many on, half goes ahead and the other half is decided while that is committed. */
const WORTH_HALVING = 256;

/** How the writer makes room for others. Safety never rests on it. */
export interface Pauses {
  /** Between two batches: whatever is ready goes first. */
  breathe(): Promise<void>;
  /** After a turn, when others write or may want to: a moment longer. */
  standBack(): Promise<void>;
}

export interface Queued {
  readonly command: Command<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The one writer of a process: what waits, and what is known of the log. */
export interface Run {
  readonly store: Store;
  readonly signing: Signing;
  readonly deciding: Deciding;
  readonly loader: StreamLoader;
  readonly guard: ClockGuard;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly pauses: Pauses;
  readonly queue: Queued[];
  /** Told when a command is queued. */
  arrived: () => void;
  trusted: TrustedLog | null;
  /** What did not fit, once something did not. It stays: only a start, which checks again, can clear it. */
  misfit: string | null;
  working: Promise<void> | null;
  /** Whether this turn found entries of another broker. */
  othersWrite: boolean;
  /** Commits in a row that another broker's was before. */
  losses: number;
  stopped: boolean;
}

/** Decided commands, not yet committed. They rest on `base`, which may be under way to the store itself. */
interface Decided {
  readonly base: TrustedLog;
  readonly batch: Batch;
  readonly queued: Queued[];
  /** When the first of them was decided, on the clock that only goes on. */
  readonly sinceMs: number;
}

/** Carries out what is queued until nothing is. Never rejects: each command is told for itself. */
export async function drain(run: Run): Promise<void> {
  while (run.queue.length > 0) {
    run.othersWrite = false;
    const start = run.clock.monotonicMs();
    const isOver = () => run.clock.monotonicMs() - start >= MOST_TURN_MS;
    await run.store
      .turn(() => takeTurn(run, isOver))
      .catch((error: unknown) => rejectAll(run, run.queue.splice(0, MOST_COMMANDS), error));
    // What queued meanwhile, and sockets that wait to be read, come before the next commit. Without the courtesy a
    // busy broker would be ahead again each time before another had decided on the new head.
    await (run.othersWrite || isOver() ? run.pauses.standBack() : run.pauses.breathe());
  }
  run.working = null;
}

/** One batch, and as many more as come before the turn is over, where a turn is dear. */
async function takeTurn(run: Run, isOver: () => boolean): Promise<void> {
  do {
    let decided = await decideFirst(run);
    while (decided !== undefined) {
      if (decided.batch.entries.length > 0) decided = await commit(run, decided, isOver);
      else decided = settle(decided, decided.base.head);
    }
    if (run.store.commitsElsewhere !== true) return;
    await run.pauses.breathe();
  } while (run.queue.length > 0 && run.losses === 0 && !isOver());
}

/** Loads and decides on what is durable. */
async function decideFirst(run: Run): Promise<Decided | undefined> {
  const halve = run.store.commitsElsewhere === true && run.queue.length >= WORTH_HALVING;
  const queued = run.queue.splice(0, halve ? Math.ceil(run.queue.length / 2) : MOST_COMMANDS);
  try {
    const known = writableLog(run);
    const loaded = await run.loader.load(known, ...wantedBy(queued));
    run.trusted = loaded.trusted;
    run.othersWrite ||= loaded.trusted.head.size > known.head.size;
    writableLog(run);
    const batch = emptyBatch(loaded.trusted.head);
    decideInto(batch, run.deciding, loaded, commandsOf(queued));
    return { base: loaded.trusted, batch, queued, sinceMs: run.clock.monotonicMs() };
  } catch (error) {
    rejectAll(run, queued, error);
    return undefined;
  }
}

/** Commits, and decides meanwhile what comes next. @returns what was decided, if the commit it rests on stands */
async function commit(run: Run, decided: Decided, isOver: () => boolean): Promise<Decided | undefined> {
  const { base, batch, queued } = decided;
  let next: Decided | undefined;
  try {
    const { write, next: end } = await signBatch(run.signing, base, batch);
    const committing = advanceForSure(run.store, base.head, write);
    if (run.store.commitsElsewhere === true && !isOver())
      next = await decideMeanwhile(run, decided, end, committing);
    if (await committing) {
      run.losses = 0;
      run.trusted = end;
      run.loader.keep(batch.changed);
      settle(decided, end.head);
      if (next === undefined || next.sinceMs + MOST_AHEAD_MS >= run.clock.monotonicMs()) return next;
      run.queue.unshift(...next.queued);
    } else {
      run.queue.unshift(...(next?.queued ?? []));
      lose(run, queued);
    }
  } catch (error) {
    rejectAll(run, queued, error);
    // They were decided on what does not stand.
    run.queue.unshift(...(next?.queued ?? []));
  }
  return undefined;
}

/** Another broker was first: what was decided is decided again. */
function lose(run: Run, queued: readonly Queued[]): void {
  run.othersWrite = true;
  run.losses += 1;
  if (run.losses < MOST_LOSSES) {
    run.queue.unshift(...queued);
    return;
  }
  run.losses = 0;
  const mend = 'Try again.';
  rejectAll(run, queued, new Failure('store-unavailable', 'other brokers wrote first each time', { mend }));
}

/**
 * Decides what is queued and what comes until the commit is over, as if it stood. Never rejects: what cannot be decided
 * now goes back, to be decided on what is durable, and told what is wrong then.
 */
async function decideMeanwhile(
  run: Run,
  before: Decided,
  end: TrustedLog,
  committing: Promise<unknown>,
): Promise<Decided | undefined> {
  let isCommitted = false;
  const over = committing
    .catch(() => undefined)
    .then(() => {
      isCommitted = true;
    });
  const next: Decided = {
    base: end,
    batch: emptyBatch(end.head),
    queued: [],
    sinceMs: run.clock.monotonicMs(),
  };
  while (next.queued.length < MOST_COMMANDS) {
    if (run.queue.length === 0) await Promise.race([over, someCome(run)]);
    if (isCommitted || !(await decideMore(run, before, next))) break;
  }
  return next.queued.length === 0 ? undefined : next;
}

/** Whoever comes at about the same time shares the reading. */
async function someCome(run: Run): Promise<void> {
  await new Promise<void>((resolve) => {
    run.arrived = resolve;
  });
  await run.pauses.standBack();
}

/** @returns false: it must wait until the commit is over */
async function decideMore(run: Run, before: Decided, next: Decided): Promise<boolean> {
  const more = run.queue.splice(0, MOST_COMMANDS - next.queued.length);
  try {
    const loaded = await run.loader.loadBetween(before.base, next.base, ...wantedBy(more));
    if (loaded !== undefined && reasonNotToWrite(run) === null) {
      decideInto(next.batch, run.deciding, overlaid(loaded, before.batch), commandsOf(more));
      next.queued.push(...more);
      return true;
    }
  } catch {
    // Whatever it is, it is there still when this is decided on what is durable.
  }
  run.queue.unshift(...more);
  return false;
}

/** What was loaded, as if the batch that is being committed stood. */
function overlaid(loaded: Loaded, { changed, used }: Batch): Loaded {
  return {
    trusted: loaded.trusted,
    streams: new Map([...loaded.streams].map(([stream, folded]) => [stream, changed.get(stream) ?? folded])),
    idempotency: new Map([...loaded.idempotency, ...used]),
  };
}

function wantedBy(queued: readonly Queued[]): [ReadonlySet<StreamId>, readonly string[]] {
  const streams = new Set(queued.flatMap(({ command }) => command.streams));
  return [streams, queued.flatMap(({ command: { idempotency } }) => idempotency?.key ?? [])];
}

const commandsOf = (queued: readonly Queued[]): readonly Command<unknown>[] =>
  queued.map(({ command }) => command);

function settle({ queued, batch }: Decided, head: Head): undefined {
  for (const [at, { resolve, reject }] of queued.entries()) {
    try {
      resolve(outcomeOf(batch.outcomes[at], head));
    } catch (error) {
      reject(error instanceof Failure ? error : new Failure('internal', 'internal error', { cause: error }));
    }
  }
  return undefined;
}

function outcomeOf(outcome: Outcome | undefined, head: Head): unknown {
  if (outcome === undefined) throw new Error('a command was left undecided');
  return outcome(head);
}

function rejectAll(run: Run, queued: readonly Queued[], error: unknown): void {
  const failure = asFailure(run, error);
  for (const { reject } of queued) reject(failure);
}

export function writableLog(run: Run): TrustedLog {
  const reason = reasonNotToWrite(run);
  if (reason !== null || run.trusted === null) throw readOnly(reason);
  return run.trusted;
}

export function reasonNotToWrite(run: Run): string | null {
  return run.misfit ?? run.guard(run.trusted?.head.timeMs ?? 0);
}

export function readOnly(reason: string | null): Failure {
  return new Failure('read-only', `nothing is written now: ${reason ?? 'the log was not opened'}`, {
    mend: 'Ask the operator; `countersign status` says the same, `countersign log verify` looks at every entry.',
  });
}

/** Why a whole batch failed, in words for its callers; a misfit ends all writing. */
export function asFailure(run: Run, error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof Misfit) {
    run.misfit ??= error.message;
    return readOnly(run.misfit);
  }
  if (error instanceof OutcomeUnknown) {
    return new Failure('store-unavailable', 'the store did not say whether this was recorded', {
      mend: 'Look before you repeat it, or repeat it with the same idempotency key.',
      cause: error,
    });
  }
  return new Failure('store-unavailable', 'the store failed; nothing was recorded', { cause: error });
}
