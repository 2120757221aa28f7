import type { Random } from '../ports.ts';

const POOL_BYTES = 4_096;

/** The same random bytes, fetched many at a time: a call to the system for each entry's id costs more than its hash. */
export function randomPool(random: Pick<Random, 'bytes'>): Pick<Random, 'bytes'> {
  let pool: Uint8Array = new Uint8Array(0);
  let at = 0;
  return {
    bytes(count) {
      if (count > POOL_BYTES) return random.bytes(count);
      if (at + count > pool.length) {
        pool = random.bytes(POOL_BYTES);
        at = 0;
      }
      at += count;
      // A copy: what is kept as a key must not share memory with the next one.
      return pool.slice(at - count, at);
    },
  };
}
