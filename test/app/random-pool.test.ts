import { expect, test } from 'vitest';
import { randomPool } from '../../src/app/sequencer/random-pool.ts';
import { hex } from '../../src/log/bytes.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';

test('no byte of the pool is given twice, and what was given does not change', () => {
  let next = 0;
  const counted = randomPool({ bytes: (count) => Uint8Array.from({ length: count }, () => next++ % 251) });
  const given: Uint8Array[] = [];
  for (let at = 0; at < 300; at++) given.push(counted.bytes(at % 2 === 0 ? 16 : 32));
  const seen = given.map((bytes) => hex(bytes));
  counted.bytes(5_000);
  expect(given.map((bytes) => hex(bytes))).toEqual(seen);
  expect(given.map((bytes) => bytes.length)).toEqual(given.map((_, at) => (at % 2 === 0 ? 16 : 32)));
});

test('ids from the pool are all different', () => {
  const pool = randomPool(nodeRandom());
  const ids = new Set(Array.from({ length: 5_000 }, () => hex(pool.bytes(16))));
  expect(ids.size).toBe(5_000);
});
