import { concat } from '../../src/log/bytes.ts';
import { HASH_BYTES, type Hasher } from '../../src/log/hasher.ts';
import {
  BLOCK_BYTES,
  FOUR_STATES_AT,
  INITIAL_STATE,
  LANES,
  MESSAGE_AT,
  STATE_AT,
  sha256Program,
} from './sha256-program.ts';

/** More than an entry's 65,535 bytes and its padding take; longer messages go in pieces of this. */
const PIECE_BYTES = BLOCK_BYTES * 1_056;
/** A place for one message and what is put behind it. */
const SLOT_BYTES = PIECE_BYTES + 2 * BLOCK_BYTES;
const PAGE_BYTES = 65_536;
const LENGTH_BYTES = 8;
const LEAF_PREFIX = 0x00;

/** A hasher that can also do what takes most of a verification all at once. */
export interface BatchHasher extends Hasher {
  /** RFC 6962 leaf hashes, in order; several times as fast as one by one. */
  leafHashes(entries: readonly Uint8Array[]): Uint8Array[];
}

type Compress = (at: number, blocks: number) => void;
type CompressFour = (blocks: number, ...messages: readonly number[]) => void;

/**
 * SHA-256 for where there is neither Node nor time to wait for the browser's own: synchronous, in WebAssembly that is
 * put together and compiled here. Needs `'wasm-unsafe-eval'`, so it is for workers only; throws where that is missing.
 */
export function createWasmHasher(): BatchHasher {
  const pages = Math.ceil((MESSAGE_AT + LANES * SLOT_BYTES) / PAGE_BYTES);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(sha256Program(pages)));
  const memory = exports['memory'] as WebAssembly.Memory; // all three as `sha256Program` says
  const compress = exports['compress'] as Compress;
  const compressFour = exports['compressFour'] as CompressFour;
  const bytes = new Uint8Array(memory.buffer);
  const words = new DataView(memory.buffer);

  /** Pads `length` bytes, of which the last `rest` stand at `at`, to whole blocks (FIPS 180-4 §5.1.1); how many. */
  function pad(at: number, rest: number, length: number): number {
    const blocks = Math.ceil((rest + 1 + LENGTH_BYTES) / BLOCK_BYTES);
    const end = at + blocks * BLOCK_BYTES;
    bytes.fill(0, at + rest, end);
    bytes[at + rest] = 0x80;
    words.setUint32(end - LENGTH_BYTES, Math.floor(length / 2 ** 29));
    words.setUint32(end - LENGTH_BYTES + 4, (length * 8) % 2 ** 32);
    return blocks;
  }

  function begin(): void {
    for (const [at, word] of INITIAL_STATE.entries()) words.setUint32(STATE_AT + 4 * at, word, true);
  }

  function hashOfState(): Uint8Array {
    const hash = new Uint8Array(HASH_BYTES);
    const out = new DataView(hash.buffer);
    for (let at = 0; at < HASH_BYTES; at += 4) out.setUint32(at, words.getUint32(STATE_AT + at, true));
    return hash;
  }

  function sha256(message: Uint8Array): Uint8Array {
    begin();
    let from = 0;
    for (; message.length - from > PIECE_BYTES; from += PIECE_BYTES) {
      bytes.set(message.subarray(from, from + PIECE_BYTES), MESSAGE_AT);
      compress(MESSAGE_AT, PIECE_BYTES / BLOCK_BYTES);
    }
    bytes.set(message.subarray(from), MESSAGE_AT);
    compress(MESSAGE_AT, pad(MESSAGE_AT, message.length - from, message.length));
    return hashOfState();
  }

  /** Puts a leaf's message into a lane's place; how many blocks it has. */
  function putLeaf(lane: number, entry: Uint8Array): number {
    const at = MESSAGE_AT + lane * SLOT_BYTES;
    bytes[at] = LEAF_PREFIX;
    bytes.set(entry, at + 1);
    return pad(at, entry.length + 1, entry.length + 1);
  }

  /** As many blocks as all four have together, then what each has beyond that. */
  function fourLeafHashes(entries: readonly Uint8Array[]): Uint8Array[] {
    const blocks = entries.map((entry, lane) => putLeaf(lane, entry));
    const common = Math.min(...blocks);
    for (const [at, word] of INITIAL_STATE.entries()) {
      for (let lane = 0; lane < LANES; lane++) words.setUint32(wordAt(at, lane), word, true);
    }
    const places = entries.map((_, lane) => MESSAGE_AT + lane * SLOT_BYTES);
    compressFour(common, ...places);
    return blocks.map((own, lane) => {
      for (let at = 0; at < INITIAL_STATE.length; at++) {
        words.setUint32(STATE_AT + 4 * at, words.getUint32(wordAt(at, lane), true), true);
      }
      if (own > common) compress((places[lane] ?? 0) + common * BLOCK_BYTES, own - common);
      return hashOfState();
    });
  }

  function leafHashes(entries: readonly Uint8Array[]): Uint8Array[] {
    const hashes: Uint8Array[] = new Array(entries.length);
    // Neighbours by length: four that go together are then nearly as long as one another.
    const order = Array.from(entries.keys()).sort((a, b) => lengthOf(entries, a) - lengthOf(entries, b));
    for (let from = 0; from < order.length; from += LANES) {
      const four = order.slice(from, from + LANES);
      const found = four.map((index) => entries[index] ?? new Uint8Array(0));
      const made =
        found.length === LANES
          ? fourLeafHashes(found)
          : found.map((entry) => sha256(concat(Uint8Array.of(LEAF_PREFIX), entry)));
      for (const [at, index] of four.entries()) hashes[index] = made[at] ?? new Uint8Array(0);
    }
    return hashes;
  }

  return { sha256, hmacSha256: (key, message) => hmac(sha256, key, message), leafHashes };
}

const wordAt = (at: number, lane: number): number => FOUR_STATES_AT + 4 * (LANES * at + lane);
const lengthOf = (entries: readonly Uint8Array[], index: number): number => entries[index]?.length ?? 0;

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
