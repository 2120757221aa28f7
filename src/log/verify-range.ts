import { base64, encodesHash, equalBytes } from './bytes.ts';
import type { EnvelopeHead, MalformedEntryReason } from './entry.ts';
import { MalformedEntry, NO_PREVIOUS, readEnvelopeHead } from './entry.ts';
import type { Hasher } from './hasher.ts';
import { HASH_BYTES } from './hasher.ts';
import { TILE_HEIGHT, TILE_WIDTH } from './tile.ts';
import type { Edge } from './tree.ts';
import { appendLeaves, appendSubtree, edgeRoot, emptyEdge, leafHash } from './tree.ts';

/** Entries in one range of work. Stream versions are followed within a range, which bounds the memory they take. */
export const RANGE_ENTRIES = 4096;

export type FaultReason =
  | MalformedEntryReason
  | 'entry-missing'
  | 'entry-left-over'
  | 'other-origin'
  | 'wrong-seq'
  | 'wrong-prev'
  | 'time-goes-back'
  | 'time-in-future'
  | 'wrong-stream-version'
  | 'tile-missing'
  | 'tile-differs'
  | 'root-differs';

/** The first thing found wrong. */
export interface Fault {
  /** The entry at which it shows. For `wrong-prev` the entry before may be the changed one; for `root-differs` it is the last. */
  readonly seq: number;
  readonly reason: FaultReason;
  readonly expected?: string;
  readonly found?: string;
}

export interface RangeOptions {
  /** The log's name, which each entry must give as its source. */
  readonly origin: string;
  /** How many entries the range must have; a power-of-two multiple of this many may precede it (see `verifyRange`). */
  readonly count: number;
  /** Sizes at which the tree's root will be asked for; those outside the range are passed over. */
  readonly pinnedSizes?: readonly number[];
  /** Entries stamped after this are refused. */
  readonly notAfterMs?: number;
  /** The stored tile of level 0 to compare with; undefined when there is none, which is a fault. */
  readonly leafTile?: (n: number, width: number) => Uint8Array | undefined;
  /** Told of each entry as it is found good, with its leaf hash; both may be kept. */
  readonly onGood?: (bytes: Uint8Array, leafHash: Uint8Array) => void;
}

/** What the caller has made of entries all at once: faster than one by one. */
export interface MadeOfEntries {
  /** RFC 6962 leaf hashes, in order, 32 bytes each. */
  readonly leafHashes: Uint8Array;
  /** Where the entries are one whole tile: its root, made of these leaf hashes. */
  readonly tileRoot: Uint8Array | undefined;
  /** Each entry as text, a character for each byte. */
  readonly texts: readonly string[];
}

/** A range that is checked as its entries come. */
export interface RangeCheck {
  /** The next entries. false: a fault was found, and nothing after it is looked at. */
  take(entries: Iterable<Uint8Array>, made?: MadeOfEntries): boolean;
  /** All were there. */
  finish(): RangeResult;
}

/** What one range contributes to the whole; plain data, so that it can cross between workers. */
export interface RangeResult {
  readonly first: number;
  /** Entries found good; fewer than asked for where there is a fault. */
  readonly count: number;
  /** Base64, as the first entry states it; undefined when the range has no good entry. */
  readonly firstPrev: string | undefined;
  readonly firstTime: string | undefined;
  readonly lastLeafHash: Uint8Array | undefined;
  readonly lastTime: string | undefined;
  /** Perfect subtrees of the range, left to right, as an edge that starts at `first`. */
  readonly edge: Edge;
  /** The same at each pinned size within (first, first + count]; `size` counts from `first`. */
  readonly pinned: readonly Edge[];
  readonly fault: Fault | undefined;
}

/**
 * Checks entries `first` to `first + count`: stored form, envelope, origin, position, chain, time and, among the
 * range's own entries, stream versions. (Versions across ranges need memory for each stream: the conformance audit,
 * which folds every stream, checks those.) `first` must be a multiple of a power of two that is not below `count`,
 * so that the range's subtrees are the tree's; throws RangeError otherwise. Stops at the first fault.
 */
export function verifyRange(
  hasher: Hasher,
  entries: Iterable<Uint8Array>,
  first: number,
  options: RangeOptions,
): RangeResult {
  const range = startRange(hasher, first, options);
  range.take(entries);
  return range.finish();
}

/** `verifyRange`, for entries that are not all there yet. Throws RangeError like it. */
export function startRange(hasher: Hasher, first: number, options: RangeOptions): RangeCheck {
  if (!isAligned(first, options.count)) throw new RangeError('range is not aligned to its length');
  const pass = startPass(hasher, first, options);
  return {
    take(entries, made) {
      pass.made = made;
      pass.madeFrom = pass.count;
      for (const bytes of entries) {
        if (pass.fault !== undefined) break;
        pass.fault = pass.count >= options.count ? leftOver(pass) : checkEntry(pass, bytes);
      }
      return pass.fault === undefined;
    },
    finish() {
      pass.fault ??=
        pass.count < options.count ? { seq: first + pass.count, reason: 'entry-missing' } : checkTile(pass);
      return finishPass(pass);
    },
  };
}

/** The log's head as joined ranges make it. */
export interface JoinedRanges {
  readonly size: number;
  readonly root: Uint8Array;
  readonly rootsAt: ReadonlyMap<number, Uint8Array>;
  readonly lastTime: string | undefined;
  readonly fault: Fault | undefined;
}

/** The state between two ranges. */
interface Seam {
  edge: Edge;
  prev: Uint8Array;
  time: string;
  readonly rootsAt: Map<number, Uint8Array>;
}

/**
 * Puts the results of neighbouring ranges together, in order and beginning with entry 0: checks chain and time at
 * the seams, and computes the root and the roots at pinned sizes. Stops at the first fault, whose earlier roots
 * still stand. Throws RangeError when a range is missing.
 */
export async function joinRanges(
  hasher: Hasher,
  results: Iterable<RangeResult> | AsyncIterable<RangeResult>,
): Promise<JoinedRanges> {
  const seam: Seam = { edge: emptyEdge, prev: NO_PREVIOUS, time: '', rootsAt: new Map() };
  let fault: Fault | undefined;
  for await (const result of results) {
    fault = joinRange(hasher, seam, result);
    if (fault !== undefined) break;
  }
  const { edge, rootsAt, time } = seam;
  return {
    size: edge.size,
    root: edgeRoot(hasher, edge),
    rootsAt,
    lastTime: time === '' ? undefined : time,
    fault,
  };
}

/** The aligned ranges that a log of this size falls into. */
export function* rangesOfSize(size: number): Generator<{ readonly first: number; readonly count: number }> {
  for (let first = 0; first < size; first += RANGE_ENTRIES) {
    yield { first, count: Math.min(RANGE_ENTRIES, size - first) };
  }
}

function joinRange(hasher: Hasher, seam: Seam, result: RangeResult): Fault | undefined {
  if (result.first !== seam.edge.size) throw new RangeError('ranges do not follow one another');
  const { firstPrev, firstTime, first } = result;
  const expected = base64(seam.prev);
  if (firstPrev !== undefined && firstPrev !== expected) {
    return { seq: first, reason: 'wrong-prev', expected, found: firstPrev };
  }
  if (firstTime !== undefined && firstTime < seam.time) {
    return { seq: first, reason: 'time-goes-back', expected: seam.time, found: firstTime };
  }
  for (const edge of result.pinned) {
    seam.rootsAt.set(first + edge.size, edgeRoot(hasher, joinEdges(hasher, seam.edge, edge)));
  }
  seam.edge = joinEdges(hasher, seam.edge, result.edge);
  seam.prev = result.lastLeafHash ?? seam.prev;
  seam.time = result.lastTime ?? seam.time;
  return result.fault;
}

function joinEdges(hasher: Hasher, left: Edge, right: Edge): Edge {
  let edge = left;
  let rest = right.size;
  for (const root of right.hashes) {
    const height = Math.floor(Math.log2(rest));
    edge = appendSubtree(hasher, edge, height, root);
    rest -= 2 ** height;
  }
  return edge;
}

interface Pass {
  readonly hasher: Hasher;
  readonly first: number;
  readonly options: RangeOptions;
  readonly pins: ReadonlySet<number>;
  /** As entries spell times. */
  readonly notAfter: string | undefined;
  readonly versions: Map<string, number>;
  readonly tile: Uint8Array[];
  readonly pinned: Edge[];
  made: MadeOfEntries | undefined;
  /** How many entries came before those that it is made of. */
  madeFrom: number;
  count: number;
  edge: Edge;
  firstEnvelope: EnvelopeHead | undefined;
  lastTime: string;
  lastLeafHash: Uint8Array | undefined;
  fault: Fault | undefined;
}

function startPass(hasher: Hasher, first: number, options: RangeOptions): Pass {
  const { notAfterMs } = options;
  return {
    hasher,
    first,
    options,
    pins: new Set(options.pinnedSizes),
    notAfter: notAfterMs === undefined ? undefined : new Date(notAfterMs).toISOString(),
    versions: new Map(),
    tile: [],
    pinned: [],
    made: undefined,
    madeFrom: 0,
    count: 0,
    edge: emptyEdge,
    firstEnvelope: undefined,
    lastTime: '',
    lastLeafHash: undefined,
    fault: undefined,
  };
}

function finishPass(pass: Pass): RangeResult {
  const { first, count, firstEnvelope, lastLeafHash, lastTime, pinned, fault } = pass;
  flushLeaves(pass);
  return {
    first,
    count,
    firstPrev: firstEnvelope?.prev,
    firstTime: firstEnvelope?.time,
    lastLeafHash,
    lastTime: firstEnvelope === undefined ? undefined : lastTime,
    edge: pass.edge,
    pinned,
    fault,
  };
}

function leftOver(pass: Pass): Fault {
  return { seq: pass.first + pass.count, reason: 'entry-left-over' };
}

function checkEntry(pass: Pass, bytes: Uint8Array): Fault | undefined {
  const seq = pass.first + pass.count;
  const envelope = readHead(bytes, pass.made?.texts[pass.count - pass.madeFrom]);
  if (typeof envelope === 'string') return { seq, reason: envelope };
  const fault = checkPlace(pass, seq, envelope);
  if (fault !== undefined) return fault;
  pass.firstEnvelope ??= envelope;
  pass.lastTime = envelope.time;
  pass.lastLeafHash = madeLeafHash(pass) ?? leafHash(pass.hasher, bytes);
  pass.tile.push(pass.lastLeafHash);
  pass.options.onGood?.(bytes, pass.lastLeafHash);
  pass.count++;
  if (pass.pins.has(seq + 1)) pass.pinned.push(appendLeaves(pass.hasher, pass.edge, pass.tile));
  return pass.tile.length === TILE_WIDTH ? checkTile(pass) : undefined;
}

function madeLeafHash({ made, madeFrom, count }: Pass): Uint8Array | undefined {
  const hash = made && hashAt(made.leafHashes, count - madeFrom);
  return hash?.length === HASH_BYTES ? hash : undefined;
}

function readHead(bytes: Uint8Array, text: string | undefined): EnvelopeHead | MalformedEntryReason {
  try {
    return readEnvelopeHead(bytes, text);
  } catch (error) {
    if (error instanceof MalformedEntry) return error.reason;
    throw error;
  }
}

function checkPlace(pass: Pass, seq: number, envelope: EnvelopeHead): Fault | undefined {
  const { origin } = pass.options;
  const found = envelope.seq;
  if (envelope.source !== origin)
    return { seq, reason: 'other-origin', expected: origin, found: envelope.source };
  if (found !== String(seq)) return { seq, reason: 'wrong-seq', expected: String(seq), found };
  const fault = checkChain(pass, seq, envelope);
  if (fault !== undefined) return fault;
  if (envelope.time < pass.lastTime) {
    return { seq, reason: 'time-goes-back', expected: pass.lastTime, found: envelope.time };
  }
  if (pass.notAfter !== undefined && envelope.time > pass.notAfter) {
    return { seq, reason: 'time-in-future', found: envelope.time };
  }
  return checkStreamVersion(pass, seq, envelope);
}

function checkChain(pass: Pass, seq: number, envelope: EnvelopeHead): Fault | undefined {
  // The range's first entry is compared at the seam, where the leaf hash before it is known.
  if (pass.lastLeafHash === undefined || encodesHash(envelope.prev, pass.lastLeafHash)) return undefined;
  return { seq, reason: 'wrong-prev', expected: base64(pass.lastLeafHash), found: envelope.prev };
}

function checkStreamVersion(pass: Pass, seq: number, envelope: EnvelopeHead): Fault | undefined {
  const before = pass.versions.get(envelope.stream);
  const found = Number(envelope.streamversion);
  // What came before the range is not known, but at the log's beginning nothing did.
  const expected = before === undefined ? (pass.first === 0 ? 1 : found) : before + 1;
  if (found !== expected) {
    return { seq, reason: 'wrong-stream-version', expected: String(expected), found: envelope.streamversion };
  }
  pass.versions.set(envelope.stream, found);
  return undefined;
}

function checkTile(pass: Pass): Fault | undefined {
  const { leafTile } = pass.options;
  const width = pass.tile.length;
  if (leafTile !== undefined && width > 0) {
    const start = pass.first + pass.count - width;
    const stored = leafTile(Math.floor(start / TILE_WIDTH), width);
    if (stored === undefined) return { seq: start, reason: 'tile-missing' };
    const differs = pass.tile.findIndex((hash, at) => !equalBytes(hash, hashAt(stored, at)));
    if (differs !== -1) return { seq: start + differs, reason: 'tile-differs' };
  }
  flushLeaves(pass);
  return undefined;
}

function flushLeaves(pass: Pass): void {
  const leaves = pass.tile.splice(0);
  // Made of just these: they all came at once, and were the first of what came.
  const isMade = leaves.length === TILE_WIDTH && pass.count - pass.madeFrom === TILE_WIDTH;
  const root = isMade ? pass.made?.tileRoot : undefined;
  pass.edge =
    root === undefined
      ? appendLeaves(pass.hasher, pass.edge, leaves)
      : appendSubtree(pass.hasher, pass.edge, TILE_HEIGHT, root);
}

function hashAt(tile: Uint8Array, at: number): Uint8Array {
  return tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}

function isAligned(first: number, count: number): boolean {
  let span = 1;
  while (span < count) span *= 2;
  return Number.isSafeInteger(first) && first >= 0 && first % span === 0;
}
