import { base64, concat, equalBytes, fromBase64, fromUtf8, utf8 } from './bytes.ts';
import type { LogKey, OpenedCheckpoint } from './checkpoint.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { Hasher } from './hasher.ts';
import { HASH_BYTES } from './hasher.ts';
import type { VerifyEd25519 } from './note.ts';
import { emptyRoot, leafHash, nodeHash, splitPoint } from './tree.ts';

/** Hash of the perfect subtree number `index` of 2^level leaves. */
export type ReadHash = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

export type ProofReason =
  | 'bad-size'
  | 'index-outside-tree'
  | 'sizes-out-of-order'
  | 'bad-hash-length'
  | 'missing-hashes'
  | 'extra-hashes'
  | 'root-differs'
  | 'old-root-differs'
  | 'malformed-file';

/** A proof that proves nothing. */
export class BadProof extends Error {
  readonly reason: ProofReason;

  constructor(reason: ProofReason) {
    super(`proof refused: ${reason}`);
    this.name = 'BadProof';
    this.reason = reason;
  }
}

/** Hashes from the leaf's sibling up to the root's child (RFC 9162 §2.1.3.1). Throws BadProof for an index outside. */
export async function inclusionProof(
  hasher: Hasher,
  index: number,
  size: number,
  readHash: ReadHash,
): Promise<Uint8Array[]> {
  checkIndex(index, size);
  const path: Uint8Array[] = [];
  for (let begin = 0, end = size; end - begin > 1; ) {
    const middle = begin + splitPoint(end - begin);
    if (index < middle) {
      path.unshift(await rangeHash(hasher, middle, end, readHash));
      end = middle;
    } else {
      path.unshift(await rangeHash(hasher, begin, middle, readHash));
      begin = middle;
    }
  }
  return path;
}

/** Hashes that show the larger tree to begin with the smaller (RFC 9162 §2.1.4.1); none when one is empty or both are equal. */
export async function consistencyProof(
  hasher: Hasher,
  oldSize: number,
  newSize: number,
  readHash: ReadHash,
): Promise<Uint8Array[]> {
  checkSizes(oldSize, newSize);
  if (oldSize === 0 || oldSize === newSize) return [];
  const path: Uint8Array[] = [];
  let begin = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = begin + splitPoint(end - begin);
    if (oldSize <= middle) {
      path.unshift(await rangeHash(hasher, middle, end, readHash));
      end = middle;
    } else {
      path.unshift(await rangeHash(hasher, begin, middle, readHash));
      begin = middle;
    }
  }
  // When the old tree is itself a left subtree of the new one, its root is known to the reader already.
  return begin === 0 ? path : [await rangeHash(hasher, begin, end, readHash), ...path];
}

export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** RFC 9162 §2.1.3.2. Throws BadProof unless the leaf is at that index of the tree with that size and root. */
export function verifyInclusion(hasher: Hasher, claim: InclusionClaim): void {
  checkIndex(claim.index, claim.size);
  checkHashes([claim.leafHash, claim.root, ...claim.proof]);
  let position = claim.index;
  let last = claim.size - 1;
  let hash = claim.leafHash;
  for (const sibling of claim.proof) {
    if (last === 0) throw new BadProof('extra-hashes');
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(hasher, sibling, hash);
      [position, last] = riseToRightChild(position, last);
    } else {
      hash = nodeHash(hasher, hash, sibling);
    }
    position = half(position);
    last = half(last);
  }
  if (last !== 0) throw new BadProof('missing-hashes');
  if (!equalBytes(hash, claim.root)) throw new BadProof('root-differs');
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** RFC 9162 §2.1.4.2. Throws BadProof unless the new tree begins with the old one. */
export function verifyConsistency(hasher: Hasher, claim: ConsistencyClaim): void {
  checkSizes(claim.oldSize, claim.newSize);
  checkHashes([claim.oldRoot, claim.newRoot, ...claim.proof]);
  if (claim.oldSize === 0 || claim.oldSize === claim.newSize) {
    checkTrivialConsistency(hasher, claim);
    return;
  }
  const path = isPowerOfTwo(claim.oldSize) ? [claim.oldRoot, ...claim.proof] : [...claim.proof];
  const roots = climbConsistency(hasher, claim.oldSize, claim.newSize, path);
  if (!equalBytes(roots.old, claim.oldRoot)) throw new BadProof('old-root-differs');
  if (!equalBytes(roots.new, claim.newRoot)) throw new BadProof('root-differs');
}

/** A proof that travels by itself (C2SP tlog-proof). */
export interface ProofFile {
  /** Bytes that the application adds; ours are none. */
  readonly extra?: Uint8Array;
  readonly index: number;
  /** From the leaf's sibling to the root's child. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpointNote: Uint8Array;
}

/** The file's bytes. Throws BadProof. */
export function formatProofFile(file: ProofFile): Uint8Array {
  if (!Number.isSafeInteger(file.index) || file.index < 0) throw new BadProof('index-outside-tree');
  checkHashes(file.hashes);
  const extra = file.extra === undefined ? [] : [`extra ${base64(file.extra)}`];
  const lines = [PROOF_HEAD, ...extra, `index ${file.index}`, ...file.hashes.map(base64)];
  return concat(utf8(`${lines.join('\n')}\n\n`), file.checkpointNote);
}

/** Strict inverse of `formatProofFile`; nothing in it is believed yet. Throws BadProof `malformed-file`. */
export function parseProofFile(bytes: Uint8Array): ProofFile {
  return orMalformed(() => {
    const text = fromUtf8(bytes);
    const split = text.indexOf('\n\n');
    const [head, ...lines] = text.slice(0, split).split('\n');
    if (split === -1 || head !== PROOF_HEAD) throw new BadProof('malformed-file');
    const extra = lines[0]?.startsWith('extra ')
      ? fromBase64(lines.shift()?.slice('extra '.length) ?? '')
      : undefined;
    const index = parseIndex(lines.shift() ?? '');
    const hashes = lines.map(fromBase64);
    if (hashes.length > MAX_PROOF_HASHES) throw new BadProof('malformed-file');
    checkHashes(hashes);
    const checkpointNote = utf8(text.slice(split + 2));
    return { index, hashes, checkpointNote, ...(extra === undefined ? {} : { extra }) };
  });
}

/**
 * Whether an entry is in the log, by a proof file and the log's keys alone. Answers the opened checkpoint. Throws
 * BadProof, BadCheckpoint or BadNote.
 */
export async function checkProofFile(
  hasher: Hasher,
  file: ProofFile,
  entryBytes: Uint8Array,
  logKeys: readonly LogKey[],
  verify: VerifyEd25519,
): Promise<OpenedCheckpoint> {
  const opened = await openCheckpoint(file.checkpointNote, logKeys, verify);
  const { size, root } = opened.checkpoint;
  verifyInclusion(hasher, {
    leafHash: leafHash(hasher, entryBytes),
    index: file.index,
    size,
    root,
    proof: file.hashes,
  });
  return opened;
}

const PROOF_HEAD = 'c2sp.org/tlog-proof@v1';
const MAX_PROOF_HASHES = 63;

async function rangeHash(
  hasher: Hasher,
  begin: number,
  end: number,
  readHash: ReadHash,
): Promise<Uint8Array> {
  const count = end - begin;
  if (isPowerOfTwo(count)) return readHash(Math.log2(count), begin / count);
  const middle = begin + splitPoint(count);
  return nodeHash(
    hasher,
    await rangeHash(hasher, begin, middle, readHash),
    await rangeHash(hasher, middle, end, readHash),
  );
}

function climbConsistency(
  hasher: Hasher,
  oldSize: number,
  newSize: number,
  path: readonly Uint8Array[],
): { old: Uint8Array; new: Uint8Array } {
  let [position, last] = [oldSize - 1, newSize - 1];
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  const [first, ...rest] = path;
  if (first === undefined) throw new BadProof('missing-hashes');
  let [oldHash, newHash] = [first, first];
  for (const sibling of rest) {
    if (last === 0) throw new BadProof('extra-hashes');
    if (position % 2 === 1 || position === last) {
      oldHash = nodeHash(hasher, sibling, oldHash);
      newHash = nodeHash(hasher, sibling, newHash);
      [position, last] = riseToRightChild(position, last);
    } else {
      newHash = nodeHash(hasher, newHash, sibling);
    }
    position = half(position);
    last = half(last);
  }
  if (last !== 0) throw new BadProof('missing-hashes');
  return { old: oldHash, new: newHash };
}

// A node without a right neighbour is carried up unhashed, until it is a right child (or the root).
function riseToRightChild(position: number, last: number): [number, number] {
  let [at, end] = [position, last];
  while (at % 2 === 0 && at !== 0) [at, end] = [half(at), half(end)];
  return [at, end];
}

function checkTrivialConsistency(hasher: Hasher, claim: ConsistencyClaim): void {
  if (claim.proof.length > 0) throw new BadProof('extra-hashes');
  if (claim.oldSize === 0 && !equalBytes(claim.oldRoot, emptyRoot(hasher)))
    throw new BadProof('old-root-differs');
  if (claim.oldSize === claim.newSize && !equalBytes(claim.oldRoot, claim.newRoot))
    throw new BadProof('root-differs');
}

function checkIndex(index: number, size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new BadProof('bad-size');
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new BadProof('index-outside-tree');
}

function checkSizes(oldSize: number, newSize: number): void {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize) || oldSize < 0)
    throw new BadProof('bad-size');
  if (oldSize > newSize) throw new BadProof('sizes-out-of-order');
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw new BadProof('bad-hash-length');
}

function parseIndex(line: string): number {
  const [, digits = ''] = /^index (0|[1-9]\d{0,15})$/.exec(line) ?? [];
  const index = Number(digits);
  if (digits === '' || !Number.isSafeInteger(index)) throw new BadProof('malformed-file');
  return index;
}

function orMalformed<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new BadProof('malformed-file');
  }
}

// Not by bits: those are cut to 32.
function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  return value === 1 || (value > 1 && splitPoint(value) * 2 === value);
}
