import { catalogue, type EventType, type StoredEvent } from '../../domain/events.ts';
import type { FoldedEvent } from '../../domain/fold.ts';
import type { StreamId } from '../../domain/ids.ts';
import { type Registry, registeredFor } from '../registry.ts';
import type { Snapshot, StoredEntry, UsedIdempotencyKey } from '../store.ts';
import { BoundedMap } from './bounded-map.ts';
import { caughtUp, checkLast, isSameHead, type LogTrust } from './catch-up.ts';
import { type CheckedEntry, type EntryChecker, entryChecker, type TrustedLog } from './checked-log.ts';
import { Misfit } from './misfit.ts';

/** A stream as folded up to a version. */
export interface Folded {
  readonly version: number;
  readonly state: unknown;
}

export interface Loaded {
  readonly trusted: TrustedLog;
  readonly streams: ReadonlyMap<StreamId, Folded>;
  readonly idempotency: ReadonlyMap<string, UsedIdempotencyKey>;
}

/** Streams kept folded between commands; each is some hundred bytes to a few KiB. */
const MOST_STREAMS = 20_000;

/** Loads streams as checked and folded state, reading only what was not folded before. */
export interface StreamLoader {
  /** Throws Misfit when anything read does not fit `known` or the tree. */
  load(known: TrustedLog, streams: Iterable<StreamId>, idempotency: readonly string[]): Promise<Loaded>;
  /**
   * The same while our commit from `before` to `after` is under way: as of whichever the store shows. undefined: it
   * shows neither, another broker wrote.
   */
  loadBetween(
    before: TrustedLog,
    after: TrustedLog,
    streams: Iterable<StreamId>,
    idempotency: readonly string[],
  ): Promise<Loaded | undefined>;
  /**
   * Streams as of `known`, whatever the stored head says: for reading while the log is read-only. What is folded is
   * still checked against the tree.
   */
  loadAsOf(known: TrustedLog, streams: Iterable<StreamId>): Promise<Loaded>;
  /** Remembers states whose entries are durable. */
  keep(streams: Iterable<readonly [StreamId, Folded]>): void;
}

export function streamLoader(trust: LogTrust, registry: Registry): StreamLoader {
  const kept = new BoundedMap<StreamId, Folded>(MOST_STREAMS);
  const checker = entryChecker(trust.hasher, trust.store);

  function startOf(stream: StreamId): Folded {
    return kept.get(stream) ?? { version: 0, state: registeredFor(registry, stream).fold.initial };
  }

  async function snapshotOf(streams: Iterable<StreamId>, idempotency: readonly string[]) {
    const starts = new Map([...streams].map((stream) => [stream, startOf(stream)]));
    const versions = new Map([...starts].map(([stream, start]) => [stream, start.version]));
    return { starts, snapshot: await trust.store.load(versions, idempotency) };
  }

  function keep(streams: Iterable<readonly [StreamId, Folded]>): void {
    for (const [stream, folded] of streams) {
      // Two loads may overlap: the one that saw less must not win.
      if ((kept.get(stream)?.version ?? 0) < folded.version) kept.set(stream, folded);
    }
  }

  async function loadedAt(
    trusted: TrustedLog,
    { starts, snapshot }: Awaited<ReturnType<typeof snapshotOf>>,
  ): Promise<Loaded> {
    checkLast(trust.hasher, snapshot.head, snapshot.last);
    const folded = await foldAll({ checker, registry, trusted, starts, streams: snapshot.streams });
    checkVersions(folded, snapshot);
    keep(folded);
    return { trusted, streams: folded, idempotency: snapshot.idempotency };
  }

  return {
    keep,
    async load(known, streams, idempotency) {
      const found = await snapshotOf(streams, idempotency);
      return loadedAt(await caughtUp(trust, known, found.snapshot.head), found);
    },
    async loadBetween(before, after, streams, idempotency) {
      const found = await snapshotOf(streams, idempotency);
      const shown = [before, after].find(({ head }) => isSameHead(head, found.snapshot.head));
      return shown === undefined ? undefined : loadedAt(shown, found);
    },
    async loadAsOf(known, streams) {
      const { starts, snapshot } = await snapshotOf(streams, []);
      const within = new Map(
        [...snapshot.streams].map(([stream, stored]) => [
          stream,
          stored.filter((one) => one.seq < known.edge.size),
        ]),
      );
      const folded = await foldAll({ checker, registry, trusted: known, starts, streams: within });
      return { trusted: known, streams: folded, idempotency: snapshot.idempotency };
    },
  };
}

interface Folding {
  readonly checker: EntryChecker;
  readonly registry: Registry;
  readonly trusted: TrustedLog;
  /** What is stored beyond each start. */
  readonly streams: Snapshot['streams'];
  readonly starts: ReadonlyMap<StreamId, Folded>;
}

async function foldAll(folding: Folding): Promise<ReadonlyMap<StreamId, Folded>> {
  const all = new Map<StreamId, Folded>();
  for (const [stream, start] of folding.starts) {
    const stored = folding.streams.get(stream) ?? [];
    all.set(stream, stored.length === 0 ? start : await foldOnto(folding, stream, start, stored));
  }
  return all;
}

/** Bytes vouch for entries that are there; only the count can tell of one that is gone from a stream's end. */
function checkVersions(all: ReadonlyMap<StreamId, Folded>, snapshot: Snapshot): void {
  for (const [stream, { version }] of all) {
    const counted = snapshot.versions.get(stream) ?? 0;
    if (version === counted) continue;
    throw new Misfit(`the stream ${stream} has ${version} entries where ${counted} are counted`);
  }
}

async function foldOnto(
  folding: Folding,
  stream: StreamId,
  start: Folded,
  stored: readonly StoredEntry[],
): Promise<Folded> {
  const { fold } = registeredFor(folding.registry, stream);
  let { version, state } = start;
  for (const checked of await folding.checker.check(folding.trusted.edge, stored)) {
    const event = foldedEvent(checked);
    if (checked.entry.stream !== stream || event.version !== version + 1) {
      throw new Misfit(`is not entry ${version + 1} of the stream ${stream}`, event.seq);
    }
    state = fold.evolve(state, event);
    version = event.version;
  }
  return { version, state };
}

/** An entry that the tree vouches for, as folds see it. Throws Misfit for a type this program does not know. */
export function foldedEvent({ entry, leafHash }: CheckedEntry): FoldedEvent {
  if (!isEventType(entry.type))
    throw new Misfit(`has the type ${entry.type}, which a newer program wrote`, entry.seq);
  // Validated by the catalogue's schema before it was sealed, and unchanged since, as its leaf hash says.
  const event = { type: entry.type, data: entry.data } as unknown as StoredEvent;
  return { seq: entry.seq, version: entry.streamVersion, timeMs: entry.timeMs, leafHash, event };
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(catalogue, type);
}
