import type { StreamId } from '../../domain/ids.ts';
import { equalBytes } from '../../log/bytes.ts';
import { NO_PREVIOUS } from '../../log/entry.ts';
import { appendToTiles, emptyTileEdge, type Tile, type TileEdge } from '../../log/tile.ts';
import { edgeRoot } from '../../log/tree.ts';
import { type Registry, registeredFor } from '../registry.ts';
import type { DerivedValue, Head, RowChange, StateRow, StoredEntry } from '../store.ts';
import { chainFrom, type LogTrust, openHead } from './catch-up.ts';
import { readStored } from './checked-log.ts';
import { rowValue, streamValue, tileValue } from './derived-value.ts';
import { type Folded, foldedEvent } from './load-streams.ts';
import { Misfit } from './misfit.ts';

/** One derived row that was not what the entries say. `stored` or `rebuilt` null: it was missing, or too much. */
export interface Difference {
  /** `tile`, `stream`, a read model's table, or `entry` for an entry's row that names another stream or version. */
  readonly kind: string;
  readonly key: string;
  readonly stored: string | null;
  readonly rebuilt: string | null;
}

export interface Rebuilt {
  readonly size: number;
  readonly differences: readonly Difference[];
  /** false: others wrote meanwhile and nothing was replaced; stop them, or rebuild again. */
  readonly replaced: boolean;
}

/**
 * Makes tiles, folded streams and read models again from the entries alone, tells every difference to what is stored,
 * and replaces it all in one transaction. Needs memory for every stream's state, every row, and 34 bytes an entry.
 * Throws Misfit, and changes nothing, when the entries themselves do not have the signed root: history is never mended.
 */
export async function rebuildDerived(trust: LogTrust, registry: Registry): Promise<Rebuilt> {
  const head = await trust.store.head();
  if (head === undefined) throw new Misfit('the log was never begun');
  await openHead(trust, head);
  const made = await refold(trust, registry, head);
  const states = [...stateRows(registry, made.streams)];
  const differences = [
    ...(await derivedDifferences(trust, made, states)),
    ...(await entryRowDifferences(trust, made.streams)),
  ];
  const derived = { tiles: made.tiles.values(), states, rows: made.rows.values() };
  const replaced = await trust.store.replaceDerived(head, derived);
  return { size: head.size, differences, replaced };
}

interface Remade {
  readonly tiles: Map<string, Tile>;
  readonly streams: Map<StreamId, Folded>;
  readonly rows: Map<string, RowChange>;
}

const BATCH_LEAVES = 4_096;

async function refold(trust: LogTrust, registry: Registry, head: Head): Promise<Remade> {
  const made: Remade = { tiles: new Map(), streams: new Map(), rows: new Map() };
  const chain = chainFrom(trust, { size: 0, lastLeaf: NO_PREVIOUS, timeMs: 0 });
  let edge: TileEdge = emptyTileEdge;
  let leaves: Uint8Array[] = [];
  const grow = () => {
    const grown = appendToTiles(trust.hasher, edge, leaves);
    for (const tile of grown.tiles) made.tiles.set(`${tile.level}/${tile.n}`, tile);
    edge = grown.edge;
    leaves = [];
  };
  for await (const bytes of trust.store.entries(0, head.size)) {
    const seq = edge.size + leaves.length;
    const leaf = chain.add(bytes);
    foldEntry(registry, made, seq, bytes, leaf);
    if (leaves.push(leaf) >= BATCH_LEAVES) grow();
  }
  grow();
  if (edge.size !== head.size) throw new Misfit('is missing', edge.size);
  if (!equalBytes(edgeRoot(trust.hasher, edge), head.root))
    throw new Misfit('the entries do not have the signed root');
  chain.checkEnd(head);
  return made;
}

function foldEntry(
  registry: Registry,
  made: Remade,
  seq: number,
  bytes: Uint8Array,
  leafHash: Uint8Array,
): void {
  const entry = readStored(bytes, seq);
  const stream = entry.stream as StreamId; // its kind is looked up just below, and an unknown one throws
  const { fold, rows } = registeredFor(registry, stream);
  const before = made.streams.get(stream) ?? { version: 0, state: fold.initial };
  if (entry.streamVersion !== before.version + 1) {
    throw new Misfit(`is not entry ${before.version + 1} of the stream ${stream}`, seq);
  }
  const event = foldedEvent({ entry, leafHash });
  const state = fold.evolve(before.state, event);
  made.streams.set(stream, { version: entry.streamVersion, state });
  for (const change of rows(stream, state, event)) {
    const key = `${change.table}\n${change.key}`;
    if (change.row === null) made.rows.delete(key);
    else made.rows.set(key, change);
  }
}

function* stateRows(registry: Registry, streams: ReadonlyMap<StreamId, Folded>): Iterable<StateRow> {
  for (const [stream, { version, state }] of streams) {
    const { fold } = registeredFor(registry, stream);
    yield { stream, version, state: JSON.stringify(state), dueAtMs: fold.dueAtMs(state, stream) };
  }
}

async function derivedDifferences(
  trust: LogTrust,
  made: Remade,
  states: readonly StateRow[],
): Promise<readonly Difference[]> {
  const expected = new Map<string, DerivedValue>();
  const expect = (value: DerivedValue) => expected.set(`${value.kind}\n${value.key}`, value);
  for (const tile of made.tiles.values()) expect(tileValue(tile));
  for (const state of states) expect(streamValue(state));
  for (const { table, key, row } of made.rows.values()) if (row !== null) expect(rowValue(table, key, row));
  const differences: Difference[] = [];
  for await (const { kind, key, value } of trust.store.derived()) {
    const rebuilt = expected.get(`${kind}\n${key}`)?.value ?? null;
    expected.delete(`${kind}\n${key}`);
    if (rebuilt !== value) differences.push({ kind, key, stored: value, rebuilt });
  }
  for (const { kind, key, value } of expected.values())
    differences.push({ kind, key, stored: null, rebuilt: value });
  return differences;
}

const STREAMS_AT_ONCE = 200;

/** The columns by which an entry's row is found must say what its bytes say; only told, since entries never change. */
async function entryRowDifferences(
  trust: LogTrust,
  streams: ReadonlyMap<StreamId, Folded>,
): Promise<readonly Difference[]> {
  const names = [...streams.keys()];
  const differences: Difference[] = [];
  for (let at = 0; at < names.length; at += STREAMS_AT_ONCE) {
    const asked = names.slice(at, at + STREAMS_AT_ONCE);
    const { streams: found } = await trust.store.load(new Map(asked.map((stream) => [stream, 0])), []);
    for (const stream of asked) {
      differences.push(...rowsThatDiffer(stream, streams.get(stream)?.version ?? 0, found.get(stream) ?? []));
    }
  }
  return differences;
}

function* rowsThatDiffer(
  stream: StreamId,
  version: number,
  found: readonly StoredEntry[],
): Iterable<Difference> {
  const seen = new Set<number>();
  for (const row of found) {
    const entry = readStored(row.bytes, row.seq);
    const rebuilt = `${entry.stream} ${entry.streamVersion}`;
    const stored = `${row.stream} ${row.version}`;
    if (rebuilt !== stored) yield { kind: 'entry', key: String(row.seq), stored, rebuilt };
    else seen.add(row.version);
  }
  for (let one = 1; one <= version; one++) {
    if (!seen.has(one))
      yield { kind: 'entry', key: `${stream} ${one}`, stored: null, rebuilt: `${stream} ${one}` };
  }
}
