import { randomBytes, randomInt } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import type { Random } from '../app/ports.ts';

const FRACTION_STEPS = 2 ** 32;

/**
 * Node's generator. Of one instance, every ULID sorts after the one before, even when the clock steps back.
 */
export function nodeRandom(): Random {
  const nextUlid = monotonicFactory(() => randomInt(FRACTION_STEPS) / FRACTION_STEPS);
  return {
    bytes: (count) => new Uint8Array(randomBytes(count)),
    ulid: (nowMs) => nextUlid(nowMs),
  };
}
