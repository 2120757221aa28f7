import { equalBytes } from '../../log/bytes.ts';
import { type LogKey, openCheckpoint } from '../../log/checkpoint.ts';
import type { Entry } from '../../log/entry.ts';
import type { Hasher } from '../../log/hasher.ts';
import type { VerifyEd25519 } from '../../log/note.ts';
import { appendToTiles } from '../../log/tile.ts';
import { edgeRoot, leafHash } from '../../log/tree.ts';
import type { Head, Store, StoredEntry } from '../store.ts';
import { readStored, type TrustedLog } from './checked-log.ts';
import { Misfit } from './misfit.ts';

export interface LogTrust {
  readonly store: Store;
  readonly hasher: Hasher;
  readonly verify: VerifyEd25519;
  readonly origin: string;
  /** The log's own keys: the one in use, and retired ones with their final size. */
  readonly keys: readonly LogKey[];
}

/** Leaves hashed and appended at once while catching up: bounds memory, not correctness. */
const BATCH_LEAVES = 4_096;

/**
 * The trusted log as far as the stored head: entries that others appended are chained, hashed and compared with the
 * signed root. Throws Misfit when the stored head is not a continuation of what we trust.
 */
export async function caughtUp(trust: LogTrust, known: TrustedLog, head: Head): Promise<TrustedLog> {
  if (head.size < known.head.size) {
    throw new Misfit(`the log went back from ${known.head.size} entries to ${head.size}`);
  }
  if (head.size > known.head.size) return extended(trust, known, head);
  if (!isSameEnd(head, known.head)) throw new Misfit('the stored head is not the one that was signed');
  if (equalBytes(head.checkpoint, known.head.checkpoint)) return known;
  // The same tree signed anew, as after a change of the log's key.
  await openHead(trust, head);
  return { head, edge: known.edge };
}

/** Throws Misfit unless the last entry's bytes have the leaf hash that the head names. */
export function checkLast(hasher: Hasher, head: Head, last: StoredEntry | undefined): void {
  if (head.size === 0 && last === undefined) return;
  if (last === undefined) throw new Misfit('is missing', head.size - 1);
  if (!equalBytes(leafHash(hasher, last.bytes), head.lastLeaf)) {
    throw new Misfit('its bytes are not those that were signed', last.seq);
  }
}

/** The signed checkpoint of a head. Throws Misfit when the log's key did not sign it, or the row beside it differs. */
export async function openHead(trust: LogTrust, head: Head): Promise<{ size: number; root: Uint8Array }> {
  let opened: Awaited<ReturnType<typeof openCheckpoint>>;
  try {
    opened = await openCheckpoint(head.checkpoint, trust.keys, trust.verify);
  } catch (error) {
    throw new Misfit(
      `the stored checkpoint cannot be believed (${error instanceof Error ? error.message : 'unknown'})`,
    );
  }
  const { size, root } = opened.checkpoint;
  if (size !== head.size || !equalBytes(root, head.root)) {
    throw new Misfit('size or root of the stored head differ from its signed checkpoint');
  }
  return { size, root };
}

async function extended(trust: LogTrust, known: TrustedLog, head: Head): Promise<TrustedLog> {
  const { root } = await openHead(trust, head);
  const chain = chainFrom(trust, known.head);
  let edge = known.edge;
  let leaves: Uint8Array[] = [];
  for await (const bytes of trust.store.entries(known.head.size, head.size)) {
    leaves.push(chain.add(bytes));
    if (leaves.length < BATCH_LEAVES) continue;
    edge = appendToTiles(trust.hasher, edge, leaves).edge;
    leaves = [];
  }
  edge = appendToTiles(trust.hasher, edge, leaves).edge;
  if (edge.size !== head.size) throw new Misfit('is missing', edge.size);
  if (!equalBytes(edgeRoot(trust.hasher, edge), root)) {
    throw new Misfit(`entries #${known.head.size} to #${head.size - 1} do not have the root that was signed`);
  }
  chain.checkEnd(head);
  return { head, edge };
}

/** Follows the chain entry by entry: position, origin, predecessor's hash, time that never goes back. */
export function chainFrom(
  trust: Pick<LogTrust, 'hasher' | 'origin'>,
  start: Pick<Head, 'size' | 'lastLeaf' | 'timeMs'>,
): { add(bytes: Uint8Array): Uint8Array; checkEnd(head: Head): void } {
  let { size, lastLeaf, timeMs } = start;
  return {
    add(bytes) {
      const entry: Entry = readStored(bytes, size);
      if (entry.source !== trust.origin) throw new Misfit(`belongs to the log ${entry.source}`, size);
      if (!equalBytes(entry.prev, lastLeaf)) throw new Misfit('does not follow the entry before it', size);
      if (entry.timeMs < timeMs) throw new Misfit('its time lies before that of the entry before it', size);
      lastLeaf = leafHash(trust.hasher, bytes);
      timeMs = entry.timeMs;
      size += 1;
      return lastLeaf;
    },
    checkEnd(head) {
      if (equalBytes(head.lastLeaf, lastLeaf) && head.timeMs === timeMs) return;
      throw new Misfit('last leaf or time of the stored head differ from the last entry');
    },
  };
}

/** To the byte, signature included. */
export function isSameHead(a: Head, b: Head): boolean {
  return isSameEnd(a, b) && equalBytes(a.checkpoint, b.checkpoint);
}

function isSameEnd(a: Head, b: Head): boolean {
  return (
    a.size === b.size &&
    a.timeMs === b.timeMs &&
    equalBytes(a.root, b.root) &&
    equalBytes(a.lastLeaf, b.lastLeaf)
  );
}
