import { Failure } from '../../domain/errors.ts';
import type { StreamId } from '../../domain/ids.ts';
import type { LogKey } from '../../log/checkpoint.ts';
import type { Hasher } from '../../log/hasher.ts';
import { type NoteSigner, type VerifyEd25519, verifierKeyOf } from '../../log/note.ts';
import type { Command, Sequencer, View } from '../command.ts';
import type { Clock, Random } from '../ports.ts';
import { type Registry, registeredFor } from '../registry.ts';
import type { Store } from '../store.ts';
import type { LogTrust } from './catch-up.ts';
import { checkAtStart } from './check-at-start.ts';
import type { TrustedLog } from './checked-log.ts';
import { clockGuard } from './clock-guard.ts';
import type { Deciding } from './decide-batch.ts';
import { whatHeldCheckpointsSay } from './held-checkpoint.ts';
import { type Loaded, streamLoader } from './load-streams.ts';
import { randomPool } from './random-pool.ts';
import { viewOf } from './view.ts';
import { asFailure, drain, type Pauses, type Run, readOnly, reasonNotToWrite } from './write-queue.ts';

/** How long a broker stands back when others write, or may want to. */
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

/**
 * Checks the log and starts its one writer in this process; other processes may have theirs. When something does not
 * fit it comes up read-only, and `status` says why. Rejects only when the store does not answer.
 */
export async function openLog(parts: LogParts): Promise<Sequencer> {
  const trust = trustOf(parts);
  const { trusted, reason } = await checkAtStart(trust);
  const misfit = reason ?? (await whatHeldCheckpointsSay(trust, parts.heldCheckpoints ?? []));
  const run: Run = {
    store: parts.store,
    signing: parts,
    deciding: decidingOf(parts),
    loader: streamLoader(trust, parts.registry),
    guard: clockGuard(parts.clock),
    clock: parts.clock,
    pauses: parts.pauses ?? eventLoop,
    queue: [],
    arrived: () => undefined,
    trusted,
    misfit,
    working: null,
    othersWrite: false,
    losses: 0,
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

function decidingOf({ hasher, random, signer, registry, program, clock }: LogParts): Deciding {
  const sealing = { hasher, random: randomPool(random), origin: signer.name };
  return { sealing, random, registry, program, nowMs: () => clock.nowMs() };
}

function submit<Result>(run: Run, command: Command<Result>): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    if (run.stopped) return reject(new Failure('store-unavailable', 'the broker is stopping'));
    // Here, so that a command which names nonsense fails alone and not the batch it would be in.
    for (const stream of command.streams) registeredFor(run.signing.registry, stream);
    // `decide` and `replay` of this very command make what it is resolved with.
    run.queue.push({ command, resolve: resolve as (value: unknown) => void, reject });
    run.arrived();
    // A microtask later, so that commands submitted at one moment are committed together.
    run.working ??= Promise.resolve().then(() => drain(run));
  });
}

const eventLoop: Pauses = {
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  standBack: () => new Promise((resolve) => setTimeout(resolve, COURTESY_MS)),
};

async function read(run: Run, streams: readonly StreamId[]): Promise<View> {
  const known = run.trusted;
  if (known === null) throw readOnly(run.misfit);
  try {
    const loaded = await loadForReading(run, known, streams);
    const { head } = loaded.trusted;
    return viewOf(run.signing.registry, run.signing.signer.name, head, streams, (stream) =>
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
