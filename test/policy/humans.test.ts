import { expect, test } from 'vitest';
import { humanOf, identitiesOf, sameHuman } from '../../src/domain/policy/humans.ts';

const policy = { humans: { maya: ['p-a', 'p-b'], omar: ['p-c', 'p-d'] } };

test('identities that the policy names together are one human, all others are themselves', () => {
  expect(sameHuman(policy, 'p-a', 'p-b')).toBe(true);
  expect(sameHuman(policy, 'p-a', 'p-a')).toBe(true);
  expect(sameHuman(policy, 'p-a', 'p-c')).toBe(false);
  expect(sameHuman(policy, 'p-a', 'p-x')).toBe(false);
  expect(sameHuman({}, 'p-a', 'p-b')).toBe(false);
});

test('nobody is somebody by the name that the policy gives a human', () => {
  expect(sameHuman(policy, 'maya', 'p-a')).toBe(false);
  expect(humanOf({ humans: { 'p-c': ['p-a'] } }, 'p-a')).not.toBe('p-c');
  expect(sameHuman({ humans: { 'p-c': ['p-a', 'p-b'] } }, 'p-a', 'p-c')).toBe(false);
});

test('the identities of a human begin with the one that is asked about, each once', () => {
  expect(identitiesOf(policy, 'p-b')).toEqual(['p-b', 'p-a']);
  expect(identitiesOf(policy, 'p-x')).toEqual(['p-x']);
  expect(identitiesOf({ humans: { maya: ['p-a', 'p-b', 'p-a'] } }, 'p-a')).toEqual(['p-a', 'p-b']);
});
