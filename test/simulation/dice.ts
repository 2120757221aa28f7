import { monotonicFactory } from 'ulid';
import type { Random } from '../../src/app/ports.ts';
import { utf8 } from '../../src/log/bytes.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

/** Chance that repeats itself: the same label, the same throws. */
export interface Dice {
  /** A whole number from 0 to `count` − 1. */
  below(count: number): number;
  chance(ofHundred: number): boolean;
  /** Throws RangeError when there is nothing to pick. */
  pick<T>(from: readonly T[]): T;
  bytes(count: number): Uint8Array;
}

const WORDS = 2 ** 32;

/** PractRand-tested sfc32, whose state is the SHA-256 of the label: labels that look alike give nothing alike. */
export function diceOf(label: string): Dice {
  const seed = nodeHasher.sha256(utf8(label));
  const words = new DataView(seed.buffer, seed.byteOffset);
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => words.getUint32(at)) as [number, number, number, number];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  const below = (count: number): number => Math.floor((next() / WORDS) * count);
  return {
    below,
    chance: (ofHundred) => below(100) < ofHundred,
    pick<T>(from: readonly T[]): T {
      const at = below(from.length);
      if (at >= from.length) throw new RangeError('there is nothing to pick from');
      return from[at] as T; // the index was compared with the length just now
    },
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at++) bytes[at] = next() >>> 24;
      return bytes;
    },
  };
}

/** A broker's randomness, as sortable as the real one: each ULID lies above the one before. */
export function randomOf(dice: Dice): Random {
  const ulid = monotonicFactory(() => dice.below(WORDS) / WORDS);
  return { bytes: dice.bytes, ulid: (nowMs) => ulid(nowMs) };
}
