import { concat } from '../../src/log/bytes.ts';
import { HASH_BYTES, type Hasher } from '../../src/log/hasher.ts';
import { BLOCK_BYTES, INITIAL_STATE, MESSAGE_AT, STATE_AT, sha256Program } from './sha256-program.ts';

/** More than an entry's 65,535 bytes and its padding take; longer messages go in pieces of this. */
const PIECE_BYTES = 64 * 1_056;
const PAGE_BYTES = 65_536;
const LENGTH_BYTES = 8;

/**
 * SHA-256 for where there is neither Node nor time to wait for the browser's own: synchronous, in WebAssembly that is
 * put together and compiled here. Needs `'wasm-unsafe-eval'`, so it is for workers only; throws where that is missing.
 */
export function createWasmHasher(): Hasher {
  const pages = Math.ceil((MESSAGE_AT + PIECE_BYTES + 2 * BLOCK_BYTES) / PAGE_BYTES);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(sha256Program(pages)));
  const { memory, compress } = exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof compress !== 'function')
    throw new TypeError('the module exports something else');
  const area = new Uint8Array(memory.buffer, MESSAGE_AT);
  const words = new DataView(memory.buffer);

  function begin(): void {
    for (const [at, word] of INITIAL_STATE.entries()) words.setUint32(STATE_AT + 4 * at, word, true);
  }

  /** Pads what is left, and its length in bits, to whole blocks (FIPS 180-4 §5.1.1). */
  function end(rest: Uint8Array, length: number): Uint8Array {
    area.set(rest);
    const blocks = Math.ceil((rest.length + 1 + LENGTH_BYTES) / BLOCK_BYTES);
    area.fill(0, rest.length, blocks * BLOCK_BYTES);
    area[rest.length] = 0x80;
    const lengthAt = MESSAGE_AT + blocks * BLOCK_BYTES - LENGTH_BYTES;
    words.setUint32(lengthAt, Math.floor(length / 2 ** 29));
    words.setUint32(lengthAt + 4, (length * 8) % 2 ** 32);
    Reflect.apply(compress as Compress, undefined, [MESSAGE_AT, blocks]);
    const hash = new Uint8Array(HASH_BYTES);
    const out = new DataView(hash.buffer);
    for (let at = 0; at < HASH_BYTES; at += 4) out.setUint32(at, words.getUint32(STATE_AT + at, true));
    return hash;
  }

  function sha256(message: Uint8Array): Uint8Array {
    begin();
    let from = 0;
    for (; message.length - from > PIECE_BYTES; from += PIECE_BYTES) {
      area.set(message.subarray(from, from + PIECE_BYTES));
      Reflect.apply(compress as Compress, undefined, [MESSAGE_AT, PIECE_BYTES / BLOCK_BYTES]);
    }
    return end(message.subarray(from), message.length);
  }

  return { sha256, hmacSha256: (key, message) => hmac(sha256, key, message) };
}

type Compress = (at: number, blocks: number) => void;

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
