import type { StreamId } from '../../domain/ids.ts';
import { equalBytes } from '../../log/bytes.ts';
import { HASH_BYTES } from '../../log/hasher.ts';
import { emptyTileEdge, type TileEdge, tileEdgeFrom } from '../../log/tile.ts';
import { edgeRoot } from '../../log/tree.ts';
import type { Head } from '../store.ts';
import { chainFrom, checkLast, type LogTrust, openHead } from './catch-up.ts';
import { entryChecker, readStored, type TrustedLog } from './checked-log.ts';
import { Misfit } from './misfit.ts';

/** Entries looked at on start: the same work for a log of any size. `log verify` looks at all. */
const CHECKED_ENTRIES = 512;

export interface StartCheck {
  /** null: not even the signed head could be established, so nothing can be folded. */
  readonly trusted: TrustedLog | null;
  /** Why nothing may be written; null: all fits. */
  readonly reason: string | null;
}

/** Another broker may append while we look; that often we look again. */
const MOST_LOOKS = 16;

/**
 * Recomputes the tree's edge from the stored tiles against the signed checkpoint, then follows the last entries up to
 * it. What does not fit is told, never mended. Throws only when the store does not answer.
 */
export async function checkAtStart(trust: LogTrust): Promise<StartCheck> {
  for (let look = 1; ; look++) {
    const before = await trust.store.head();
    const check = await checkOnce(trust, before);
    if (check.reason === null || look === MOST_LOOKS) return check;
    // These reads are of several moments: a misfit counts only if nobody wrote between them.
    const after = await trust.store.head();
    if (after?.size === before?.size) return check;
  }
}

async function checkOnce(trust: LogTrust, head: Head | undefined): Promise<StartCheck> {
  let trusted: TrustedLog | null = null;
  try {
    if (head === undefined) throw new Misfit('the log was never begun; run "server init"');
    await openHead(trust, head);
    trusted = { head, edge: await storedEdge(trust, head) };
    await checkLatestEntries(trust, trusted);
    return { trusted, reason: null };
  } catch (error) {
    if (error instanceof Misfit) return { trusted, reason: error.message };
    throw error;
  }
}

async function storedEdge(trust: LogTrust, head: Head): Promise<TileEdge> {
  if (head.size === 0) return emptyTileEdge;
  const edge = await tileEdgeFrom(trust.hasher, head.size, async (level, n, width) => {
    const hashes = await trust.store.tile(level, n);
    if (hashes !== undefined && hashes.length >= width * HASH_BYTES) return hashes;
    throw new Misfit(`tile ${level}/${n} is missing or too short; rebuild it with "server rebuild"`);
  });
  if (!equalBytes(edgeRoot(trust.hasher, edge), head.root)) {
    throw new Misfit(
      'the stored tiles do not have the root that was signed; rebuild them with "server rebuild"',
    );
  }
  return edge;
}

async function checkLatestEntries(trust: LogTrust, trusted: TrustedLog): Promise<void> {
  const { head, edge } = trusted;
  for await (const _ of trust.store.entries(head.size, head.size + 1)) {
    // A busy broker writes one between any two reads: then the head has moved too, and is caught up with later.
    if (((await trust.store.head())?.size ?? 0) > head.size) break;
    throw new Misfit('stands past the signed end of the log', head.size);
  }
  const first = Math.max(0, head.size - CHECKED_ENTRIES);
  const latest: Uint8Array[] = [];
  for await (const bytes of trust.store.entries(first, head.size)) latest.push(bytes);
  if (latest.length !== head.size - first) throw new Misfit(`entries are missing after #${first}`);
  await checkAgainstTree(trust, edge, first, latest);
  checkChain(trust, head, first, latest);
}

async function checkAgainstTree(
  trust: LogTrust,
  edge: TileEdge,
  first: number,
  latest: readonly Uint8Array[],
): Promise<void> {
  const checker = entryChecker(trust.hasher, trust.store);
  const stored = latest.map((bytes, at) => {
    const { stream, streamVersion } = readStored(bytes, first + at);
    // Taken from the bytes themselves: rows are compared with their bytes when a stream is loaded.
    return { seq: first + at, stream: stream as StreamId, version: streamVersion, bytes };
  });
  await checker.check(edge, stored);
}

function checkChain(trust: LogTrust, head: Head, first: number, latest: readonly Uint8Array[]): void {
  const [start] = latest;
  if (start === undefined) return checkLast(trust.hasher, head, undefined);
  const { prev, timeMs } = readStored(start, first);
  const chain = chainFrom(trust, { size: first, lastLeaf: prev, timeMs });
  for (const bytes of latest) chain.add(bytes);
  chain.checkEnd(head);
}
