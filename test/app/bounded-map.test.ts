import { expect, test } from 'vitest';
import { BoundedMap } from '../../src/app/sequencer/bounded-map.ts';

test('what was used last stays, what was not used goes, and it never holds more than it may', () => {
  const map = new BoundedMap<number, number>(10);
  map.set(-1, -1);
  for (let at = 0; at < 1_000; at++) {
    map.set(at, at);
    expect(map.get(-1)).toBe(-1);
  }
  expect(map.get(999)).toBe(999);
  const held = Array.from({ length: 1_000 }, (_, at) => map.get(at)).filter((value) => value !== undefined);
  expect(held.length).toBeLessThanOrEqual(10);
  expect(map.get(0)).toBeUndefined();
});
