import { equalBytes, fromUtf8 } from '../../log/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '../../log/checkpoint.ts';
import { splitNote } from '../../log/note.ts';
import { formatProofFile, inclusionProof } from '../../log/proof.ts';
import { tileHashReader } from '../../log/tile.ts';
import { leafHash, nodeHash } from '../../log/tree.ts';
import type { Broker } from '../broker.ts';
import { notFound } from '../grant/find-grant.ts';
import type { Head } from '../store.ts';
import { headOf } from './log-pages.ts';
import { type LogRow, tableRows } from './log-table.ts';

/** One step from a leaf to the root: what stands beside it, and what the two of them make. */
export interface ProofStep {
  readonly sibling: Uint8Array;
  readonly side: 'left' | 'right';
  readonly parent: Uint8Array;
}

export interface LogEntryView {
  readonly row: LogRow;
  /** The entry before it; null for the first. */
  readonly before: LogRow | null;
  /** The bytes as they are stored; where they are no text, with replacement characters. */
  readonly text: string;
  readonly checkpoint: Checkpoint;
  readonly leaf: Uint8Array;
  readonly steps: readonly ProofStep[];
  /** Whether the steps end at the root that was signed. */
  readonly isProved: boolean;
}

/** @throws Failure `not-found` for what the log does not reach yet. Who may read is the caller's to check. */
export async function logEntryView(broker: Broker, seq: number): Promise<LogEntryView> {
  const head = await headOf(broker);
  const bytes = await entryBytes(broker, head, seq);
  const { rows } = await tableRows(broker, Math.max(0, seq - 1), seq + 1);
  const row = rows.at(-1);
  if (row === undefined) throw notFound('entry');
  const checkpoint = parseCheckpoint(splitNote(head.checkpoint).text);
  const leaf = leafHash(broker.hasher, bytes);
  const steps = climb(broker, seq, head.size, leaf, await proofOf(broker, head, seq));
  return {
    row,
    before: rows.length > 1 ? (rows[0] ?? null) : null,
    text: new TextDecoder().decode(bytes),
    checkpoint,
    leaf,
    steps,
    isProved: equalBytes(steps.at(-1)?.parent ?? leaf, checkpoint.root),
  };
}

/** The proof as a file that other people's tools check (C2SP tlog-proof). @throws Failure `not-found` */
export async function logProofFile(broker: Broker, seq: number): Promise<string> {
  const head = await headOf(broker);
  await entryBytes(broker, head, seq);
  const hashes = await proofOf(broker, head, seq);
  return fromUtf8(formatProofFile({ index: seq, hashes, checkpointNote: head.checkpoint }));
}

async function entryBytes(broker: Broker, { size }: Head, seq: number): Promise<Uint8Array> {
  if (seq < size) for await (const bytes of broker.store.entries(seq, seq + 1)) return bytes;
  throw notFound('entry');
}

const proofOf = ({ hasher, store }: Broker, { size }: Head, seq: number): Promise<Uint8Array[]> =>
  inclusionProof(
    hasher,
    seq,
    size,
    tileHashReader(hasher, size, async (level, n) => {
      const tile = await store.tile(level, n);
      if (tile === undefined) throw notFound('tile');
      return tile;
    }),
  );

/** RFC 9162 §2.1.3.2, each step kept: a node without a right neighbour is carried up as it is. */
function climb(
  { hasher }: Broker,
  seq: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): readonly ProofStep[] {
  const steps: ProofStep[] = [];
  let [position, last, hash] = [seq, size - 1, leaf];
  for (const sibling of proof) {
    while (position === last && position % 2 === 0 && position > 0) {
      [position, last] = [position / 2, Math.floor(last / 2)];
    }
    const side = position % 2 === 1 ? 'left' : 'right';
    hash = side === 'left' ? nodeHash(hasher, sibling, hash) : nodeHash(hasher, hash, sibling);
    steps.push({ sibling, side, parent: hash });
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  return steps;
}
