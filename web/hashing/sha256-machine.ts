import { HASH_BYTES } from '../../src/log/hasher.ts';
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
export const PIECE_BYTES = BLOCK_BYTES * 1_056;
/** A place for one message and what is put behind it. */
const SLOT_BYTES = PIECE_BYTES + 2 * BLOCK_BYTES;
/** Behind the messages: for whoever needs room in the machine's own memory. */
export const ROOM_AT = MESSAGE_AT + LANES * SLOT_BYTES;
export const ROOM_BYTES = 8_192;
const PAGE_BYTES = 65_536;
const LENGTH_BYTES = 8;
const WORD_BYTES = 4;

/** A running `sha256Program`, with its memory. */
export interface Sha256Machine {
  readonly bytes: Uint8Array;
  readonly words: DataView;
  compress(at: number, blocks: number): void;
  compressFour(blocks: number, first: number, second: number, third: number, fourth: number): void;
}

/** One for any number of threads. Throws where `'wasm-unsafe-eval'` is missing: it is for workers only. */
export const compileSha256 = (): WebAssembly.Module =>
  new WebAssembly.Module(sha256Program(Math.ceil((ROOM_AT + ROOM_BYTES) / PAGE_BYTES)));

export function startSha256(program: WebAssembly.Module): Sha256Machine {
  const { exports } = new WebAssembly.Instance(program);
  const memory = exports['memory'] as WebAssembly.Memory; // all three as `sha256Program` says
  const compress = exports['compress'] as Sha256Machine['compress'];
  const compressFour = exports['compressFour'] as Sha256Machine['compressFour'];
  return { bytes: new Uint8Array(memory.buffer), words: new DataView(memory.buffer), compress, compressFour };
}

/** Where the message of a lane stands. */
export const slotAt = (lane: number): number => MESSAGE_AT + lane * SLOT_BYTES;

/** Pads `length` bytes, of which the last `rest` stand at `at`, to whole blocks (FIPS 180-4 §5.1.1); how many. */
export function pad({ bytes, words }: Sha256Machine, at: number, rest: number, length: number): number {
  const blocks = Math.ceil((rest + 1 + LENGTH_BYTES) / BLOCK_BYTES);
  const end = at + blocks * BLOCK_BYTES;
  bytes.fill(0, at + rest, end);
  bytes[at + rest] = 0x80;
  words.setUint32(end - LENGTH_BYTES, Math.floor(length / 2 ** 29));
  words.setUint32(end - WORD_BYTES, (length * 8) % 2 ** 32);
  return blocks;
}

const laneBytes = (lanes: number): Uint8Array => {
  const bytes = new Uint8Array(HASH_BYTES * lanes);
  const words = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += WORD_BYTES) {
    words.setUint32(at, INITIAL_STATE[Math.floor(at / WORD_BYTES / lanes)] ?? 0, true);
  }
  return bytes;
};
const [INITIAL_ONE, INITIAL_FOUR] = [laneBytes(1), laneBytes(LANES)];

export const begin = ({ bytes }: Sha256Machine): void => bytes.set(INITIAL_ONE, STATE_AT);
export const beginFour = ({ bytes }: Sha256Machine): void => bytes.set(INITIAL_FOUR, FOUR_STATES_AT);

/** The state as a hash, at `at` of `to`. */
export function putHash({ words }: Sha256Machine, to: DataView, at: number): void {
  for (let word = 0; word < HASH_BYTES; word += WORD_BYTES) {
    to.setUint32(at + word, words.getUint32(STATE_AT + word, true));
  }
}

/** One lane's state as a hash. */
export function putLaneHash({ words }: Sha256Machine, lane: number, to: DataView, at: number): void {
  for (let word = 0; word < HASH_BYTES; word += WORD_BYTES) {
    to.setUint32(at + word, words.getUint32(laneAt(lane, word), true));
  }
}

/** Goes on with one lane alone, by `compress`. */
export function leaveLane({ words }: Sha256Machine, lane: number): void {
  for (let word = 0; word < HASH_BYTES; word += WORD_BYTES) {
    words.setUint32(STATE_AT + word, words.getUint32(laneAt(lane, word), true), true);
  }
}

const laneAt = (lane: number, word: number): number => FOUR_STATES_AT + LANES * word + WORD_BYTES * lane;
