import { expect, test } from 'vitest';
import { leastRecentlyUsed } from '../../src/identity/least-recently-used.ts';

test('what was not asked for longest goes first', () => {
  const map = leastRecentlyUsed<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
});

test('setting again replaces, and makes young', () => {
  const map = leastRecentlyUsed<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
});

test('what matches is deleted', () => {
  const map = leastRecentlyUsed<number>(3);
  for (const [at, name] of ['a', 'b', 'c'].entries()) map.set(name, at);
  map.deleteWhere((value) => value >= 1);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([0, undefined, undefined]);
});
