import { Failure } from '../../domain/errors.ts';
import type { StreamId } from '../../domain/ids.ts';
import type { LogKey } from '../../log/checkpoint.ts';
import type { Hasher } from '../../log/hasher.ts';
import { type NoteSigner, type VerifyEd25519, verifierKeyOf } from '../../log/note.ts';
import type { Command, Sequencer, View } from '../command.ts';
import type { Clock, Random } from '../ports.ts';
import { type Registry, registeredFor } from '../registry.ts';
import { type Head, OutcomeUnknown, type Store } from '../store.ts';
import type { LogTrust } from './catch-up.ts';
import { checkAtStart } from './check-at-start.ts';
import type { TrustedLog } from './checked-log.ts';
import { type ClockGuard, clockGuard } from './clock-guard.ts';
import { advanceForSure, type Signing, signBatch } from './commit-batch.ts';
import { type Deciding, decideBatch, type Outcome } from './decide-batch.ts';
import { whatHeldCheckpointsSay } from './held-checkpoint.ts';
import { type Loaded, type StreamLoader, streamLoader } from './load-streams.ts';
import { Misfit } from './misfit.ts';
import { randomPool } from './random-pool.ts';
import { viewOf } from './view.ts';

/** Most commands in one commit: bounds its memory and how long the others wait. */
const MOST_COMMANDS = 1_000;
/** How often a batch is decided again because another broker was first: each try may lose, all of them hardly. */
const MOST_ATTEMPTS = 64;
/** How long a broker stands back after a commit when it saw that others write too. */
const COURTESY_MS = 1;

export interface LogParts {
  readonly store: Store;
  readonly hasher: Hasher;
  /** The log's key; its name is the log's origin. */
  readonly signer: NoteSigner;
  readonly verify: VerifyEd25519;
  /** Earlier keys of this log, with the size up to which each is believed. */
  readonly retiredKeys?: readonly LogKey[];
  readonly clock: Clock;
  readonly random: Random;
  /** Name and version of the program, as every entry tells it; at most 60 characters. */
  readonly program: string;
  readonly registry: Registry;
  /** Checkpoints of this log that were kept outside the store: it must continue them. */
  readonly heldCheckpoints?: readonly Uint8Array[];
  /** Left out: the event loop's. A simulator says itself who goes on when. */
  readonly pauses?: Pauses;
}

/** How the writer makes room for others. Safety never rests on it. */
export interface Pauses {
  /** Between two batches: whatever is ready goes first. */
  breathe(): Promise<void>;
  /** After a commit, when others write too: a moment longer. */
  standBack(): Promise<void>;
}

/**
 * Checks the log and starts its one writer in this process; other processes may have theirs. When something does not
 * fit it comes up read-only, and `status` says why. Rejects only when the store does not answer.
 */
export async function openLog(parts: LogParts): Promise<Sequencer> {
  const trust = trustOf(parts);
  const { trusted, reason } = await checkAtStart(trust);
  const misfit = reason ?? (await whatHeldCheckpointsSay(trust, parts.heldCheckpoints ?? []));
  const run: Run = {
    parts,
    signing: parts,
    deciding: decidingOf(parts),
    loader: streamLoader(trust, parts.registry),
    guard: clockGuard(parts.clock),
    queue: [],
    trusted,
    misfit,
    working: null,
    othersWrite: false,
    stopped: false,
  };
  return {
    submit: <Result>(command: Command<Result>) => submit(run, command),
    read: (streams) => read(run, streams),
    status: () => {
      const why = reasonNotToWrite(run);
      return { writable: why === null, reason: why };
    },
    stop: async () => {
      run.stopped = true;
      await run.working;
    },
  };
}

/** Whose signatures on the log's checkpoints are believed. */
export function trustOf(
  parts: Pick<LogParts, 'store' | 'hasher' | 'verify' | 'signer' | 'retiredKeys'>,
): LogTrust {
  const { store, hasher, verify, signer } = parts;
  const keys = [verifierKeyOf(hasher, signer), ...(parts.retiredKeys ?? [])];
  return { store, hasher, verify, origin: signer.name, keys };
}

interface Queued {
  readonly command: Command<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Run {
  readonly parts: LogParts;
  readonly signing: Signing;
  readonly deciding: Deciding;
  readonly loader: StreamLoader;
  readonly guard: ClockGuard;
  readonly queue: Queued[];
  trusted: TrustedLog | null;
  /** What did not fit, once something did not. It stays: only a start, which checks again, can clear it. */
  misfit: string | null;
  working: Promise<void> | null;
  /** Whether the batch at hand found entries of another broker. */
  othersWrite: boolean;
  stopped: boolean;
}

function decidingOf({ hasher, random, signer, registry, program, clock }: LogParts): Deciding {
  const sealing = { hasher, random: randomPool(random), origin: signer.name };
  return { sealing, random, registry, program, nowMs: () => clock.nowMs() };
}

function submit<Result>(run: Run, command: Command<Result>): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    if (run.stopped) return reject(new Failure('store-unavailable', 'the broker is stopping'));
    // Here, so that a command which names nonsense fails alone and not the batch it would be in.
    for (const stream of command.streams) registeredFor(run.parts.registry, stream);
    // `decide` and `replay` of this very command make what it is resolved with.
    run.queue.push({ command, resolve: resolve as (value: unknown) => void, reject });
    // A microtask later, so that commands submitted at one moment are committed together.
    run.working ??= Promise.resolve().then(() => drain(run));
  });
}

async function drain(run: Run): Promise<void> {
  while (run.queue.length > 0) {
    const batch = run.queue.splice(0, MOST_COMMANDS);
    run.othersWrite = false;
    try {
      await run.parts.store.turn(() => carryOut(run, batch));
    } catch (error) {
      const failure = asFailure(run, error);
      for (const { reject } of batch) reject(failure);
    }
    // What queued meanwhile, and sockets that wait to be read, come before the next commit. Without the courtesy a
    // busy broker would take the lock again each time before another had decided on the new head.
    const { breathe, standBack } = run.parts.pauses ?? eventLoop;
    await (run.othersWrite ? standBack() : breathe());
  }
  run.working = null;
}

const eventLoop: Pauses = {
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  standBack: () => new Promise((resolve) => setTimeout(resolve, COURTESY_MS)),
};

async function carryOut(run: Run, queued: readonly Queued[]): Promise<void> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    if (await attemptBatch(run, queued)) return;
    await (run.parts.pauses ?? eventLoop).breathe();
  }
  throw new Failure('store-unavailable', 'other brokers wrote first each time', { mend: 'Try again.' });
}

/** Loads, decides, signs and commits. false: the log moved meanwhile, and nothing was written. */
async function attemptBatch(run: Run, queued: readonly Queued[]): Promise<boolean> {
  const known = writableLog(run);
  const commands = queued.map((one) => one.command);
  const loaded = await run.loader.load(known, streamsOf(commands), keysOf(commands));
  run.trusted = loaded.trusted;
  run.othersWrite ||= loaded.trusted.head.size > known.head.size;
  writableLog(run);
  const batch = decideBatch(run.deciding, loaded, commands);
  if (batch.entries.length === 0) {
    settle(queued, batch.outcomes, loaded.trusted.head);
    return true;
  }
  const { write, next } = await signBatch(run.signing, loaded.trusted, batch);
  if (!(await advanceForSure(run.parts.store, loaded.trusted.head, write))) return false;
  run.trusted = next;
  run.loader.keep(batch.changed);
  settle(queued, batch.outcomes, next.head);
  return true;
}

function writableLog(run: Run): TrustedLog {
  const reason = reasonNotToWrite(run);
  if (reason !== null || run.trusted === null) throw readOnly(reason);
  return run.trusted;
}

function reasonNotToWrite(run: Run): string | null {
  return run.misfit ?? run.guard(run.trusted?.head.timeMs ?? 0);
}

function readOnly(reason: string | null): Failure {
  return new Failure('read-only', `nothing is written now: ${reason ?? 'the log was not opened'}`, {
    mend: 'Ask the operator; `countersign status` says the same, `countersign log verify` looks at every entry.',
  });
}

function streamsOf(commands: readonly Command<unknown>[]): ReadonlySet<StreamId> {
  return new Set(commands.flatMap((command) => command.streams));
}

function keysOf(commands: readonly Command<unknown>[]): readonly string[] {
  return commands.flatMap((command) => (command.idempotency === undefined ? [] : [command.idempotency.key]));
}

function settle(queued: readonly Queued[], outcomes: readonly Outcome[], head: Head): void {
  for (const [at, { resolve, reject }] of queued.entries()) {
    try {
      const outcome = outcomes[at];
      if (outcome === undefined) throw new Error('a command was left undecided');
      resolve(outcome(head));
    } catch (error) {
      reject(error instanceof Failure ? error : new Failure('internal', 'internal error', { cause: error }));
    }
  }
}

/** Why a whole batch failed, in words for its callers; a misfit ends all writing. */
function asFailure(run: Run, error: unknown): Failure {
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

async function read(run: Run, streams: readonly StreamId[]): Promise<View> {
  const known = run.trusted;
  if (known === null) throw readOnly(run.misfit);
  try {
    const loaded = await loadForReading(run, known, streams);
    const { head } = loaded.trusted;
    return viewOf(run.parts.registry, run.parts.signer.name, head, streams, (stream) =>
      loaded.streams.get(stream),
    );
  } catch (error) {
    throw asFailure(run, error);
  }
}

async function loadForReading(run: Run, known: TrustedLog, streams: readonly StreamId[]): Promise<Loaded> {
  if (run.misfit !== null) return run.loader.loadAsOf(known, streams);
  const loaded = await run.loader.load(known, streams, []);
  // A commit may have moved it further while this was read.
  if (loaded.trusted.head.size > (run.trusted?.head.size ?? 0)) run.trusted = loaded.trusted;
  return loaded;
}
