import { concat } from '../../src/log/bytes.ts';
import { HASH_BYTES, type Hasher } from '../../src/log/hasher.ts';
import { TILE_WIDTH } from '../../src/log/tile.ts';
import {
  begin,
  beginFour,
  compileSha256,
  leaveLane,
  PIECE_BYTES,
  pad,
  putHash,
  putLaneHash,
  ROOM_AT,
  type Sha256Machine,
  slotAt,
  startSha256,
} from './sha256-machine.ts';
import { BLOCK_BYTES, LANES } from './sha256-program.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const PAIR_BYTES = 2 * HASH_BYTES;

/** A hasher that can also do what takes most of a verification all at once. */
export interface BatchHasher extends Hasher {
  /** RFC 6962 leaf hashes, in order, 32 bytes each; several times as fast as one by one. */
  leafHashes(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /** The root of one whole tile with these 256 leaf hashes; throws RangeError for more or less. */
  tileRoot(leafHashes: Uint8Array): Uint8Array;
}

/**
 * SHA-256 for where there is neither Node nor time to wait for the browser's own: synchronous, in WebAssembly that is
 * put together here.
 */
export function createWasmHasher(program = compileSha256()): BatchHasher {
  const machine = startSha256(program);
  const sha256 = (message: Uint8Array): Uint8Array => hashOne(machine, message);
  return {
    sha256,
    hmacSha256: (key, message) => hmac(sha256, key, message),
    leafHashes: (entries) => hashLeaves(machine, entries),
    tileRoot: (leafHashes) => rootOfTile(machine, leafHashes),
  };
}

function hashOne(machine: Sha256Machine, message: Uint8Array): Uint8Array {
  const { bytes, words } = machine;
  const at = slotAt(0);
  begin(machine);
  let from = 0;
  for (; message.length - from > PIECE_BYTES; from += PIECE_BYTES) {
    bytes.set(message.subarray(from, from + PIECE_BYTES), at);
    machine.compress(at, PIECE_BYTES / BLOCK_BYTES);
  }
  bytes.set(from === 0 ? message : message.subarray(from), at);
  machine.compress(at, pad(machine, at, message.length - from, message.length));
  putHash(machine, words, ROOM_AT);
  return bytes.slice(ROOM_AT, ROOM_AT + HASH_BYTES);
}

function hashLeaves(machine: Sha256Machine, entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(entries.length * HASH_BYTES);
  const hashes = new DataView(made.buffer);
  // Neighbours by length: four that go together are then nearly as long as one another.
  const order = byLength(entries);
  for (let from = 0; from + LANES <= order.length; from += LANES) {
    hashFourLeaves(machine, entries, order, from, hashes);
  }
  for (const index of order.subarray(order.length - (order.length % LANES))) {
    begin(machine);
    machine.compress(slotAt(0), putLeaf(machine, 0, entries[index] ?? NOTHING));
    putHash(machine, hashes, index * HASH_BYTES);
  }
  return made;
}

const NOTHING = new Uint8Array(0);

/** Positions of entries, the shortest first: an entry's length in the high bits of what is sorted, natively. */
function byLength(entries: readonly Uint8Array[]): Uint32Array {
  const keys = Float64Array.from(entries, ({ length }, index) => length * 2 ** 32 + index).sort();
  return Uint32Array.from(keys, (key) => key % 2 ** 32);
}

/** As many blocks as all four have together, then what each has beyond that. */
function hashFourLeaves(
  machine: Sha256Machine,
  entries: readonly Uint8Array[],
  order: Uint32Array,
  from: number,
  hashes: DataView,
): void {
  let common = Number.POSITIVE_INFINITY;
  for (let lane = 0; lane < LANES; lane++) {
    const own = putLeaf(machine, lane, entries[order[from + lane] ?? 0] ?? NOTHING);
    blocksOf[lane] = own;
    common = Math.min(common, own);
  }
  beginFour(machine);
  machine.compressFour(common, slotAt(0), slotAt(1), slotAt(2), slotAt(3));
  for (let lane = 0; lane < LANES; lane++) {
    const [rest, at] = [(blocksOf[lane] ?? 0) - common, (order[from + lane] ?? 0) * HASH_BYTES];
    if (rest === 0) putLaneHash(machine, lane, hashes, at);
    else {
      leaveLane(machine, lane);
      machine.compress(slotAt(lane) + common * BLOCK_BYTES, rest);
      putHash(machine, hashes, at);
    }
  }
}

const blocksOf = new Uint32Array(LANES);

/** Puts a leaf's message into a lane's place; how many blocks it has. */
function putLeaf(machine: Sha256Machine, lane: number, entry: Uint8Array): number {
  const at = slotAt(lane);
  machine.bytes[at] = LEAF_PREFIX;
  machine.bytes.set(entry, at + 1);
  return pad(machine, at, entry.length + 1, entry.length + 1);
}

/** Level by level in the machine's own memory, where two hashes that go together stand side by side already. */
function rootOfTile(machine: Sha256Machine, leafHashes: Uint8Array): Uint8Array {
  if (leafHashes.length !== TILE_WIDTH * HASH_BYTES) throw new RangeError('a whole tile has 256 hashes');
  const { bytes, words } = machine;
  bytes.set(leafHashes, ROOM_AT);
  for (let nodes = TILE_WIDTH / 2; nodes >= 1; nodes /= 2) {
    // Of a level with fewer, the lanes left over hash what nobody asks for.
    for (let node = 0; node < nodes; node += LANES) {
      for (let lane = 0; lane < LANES; lane++) putNode(machine, lane, node + lane);
      beginFour(machine);
      machine.compressFour(NODE_BLOCKS, slotAt(0), slotAt(1), slotAt(2), slotAt(3));
      for (let lane = 0; lane < LANES; lane++) {
        putLaneHash(machine, lane, words, ROOM_AT + (node + lane) * HASH_BYTES);
      }
    }
  }
  return bytes.slice(ROOM_AT, ROOM_AT + HASH_BYTES);
}

const NODE_BLOCKS = 2;

function putNode(machine: Sha256Machine, lane: number, node: number): void {
  const [at, pair] = [slotAt(lane), ROOM_AT + node * PAIR_BYTES];
  machine.bytes[at] = NODE_PREFIX;
  machine.bytes.copyWithin(at + 1, pair, pair + PAIR_BYTES);
  pad(machine, at, 1 + PAIR_BYTES, 1 + PAIR_BYTES);
}

/** RFC 2104. */
function hmac(sha256: Hasher['sha256'], key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key);
  const inner = sha256(
    concat(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  );
  return sha256(
    concat(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  );
}
