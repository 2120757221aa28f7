import { expect, test } from 'vitest';
import { idPattern } from '../../src/domain/ids.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';

test('ids sort in the order they were made, within a millisecond and when the clock steps back', () => {
  const random = nodeRandom();
  const times = [...Array(500).fill(1_800_000_000_000), 1_799_999_990_000, 1_800_000_000_001];
  const ids = times.map((nowMs: number) => random.ulid(nowMs));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(`r-${id}`).toMatch(idPattern.request);
});

test('bytes come in the length asked for, and differ', () => {
  const random = nodeRandom();
  expect(random.bytes(32)).toHaveLength(32);
  expect(random.bytes(32)).not.toEqual(random.bytes(32));
});
