import { expect, test } from 'vitest';
import { idPattern } from '../../src/domain/ids.ts';
import { personId } from '../../src/identity/person-id.ts';

const key = new Uint8Array(32).fill(7);
const issuer = 'https://login.example.com';

test('a known key, issuer and subject give the id that an independent computation gave', () => {
  // printf 'countersign/person/v1\nhuman\n…\nada' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707… |
  // base32
  expect(personId(key, 'human', issuer, 'ada')).toBe('p-a2bsk4nhlktbzcjardgm3iqthl');
});

test('ids have the form of the catalogue, for humans and for workloads', () => {
  expect(personId(key, 'human', issuer, 'ada')).toMatch(idPattern.person);
  expect(personId(key, 'workload', issuer, 'repo:acme/shop:ref:refs/heads/main')).toMatch(/^w-[a-z2-7]{26}$/);
});

test('kind, issuer, subject and key each make another id; spelling counts', () => {
  const ids = [
    personId(key, 'human', issuer, 'ada'),
    personId(key, 'workload', issuer, 'ada').replace('w-', 'p-'),
    personId(key, 'human', `${issuer}/`, 'ada'),
    personId(key, 'human', issuer, 'Ada'),
    personId(key, 'human', issuer, 'ada@example.com'),
    personId(new Uint8Array(32).fill(8), 'human', issuer, 'ada'),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  ['an empty subject', issuer, ''],
  ['an empty issuer', '', 'ada'],
  ['a line feed that shifts the issuer into the subject', `${issuer}\nx`, 'ada'],
  ['a line feed in the subject', issuer, 'ada\nx'],
  ['a NUL', issuer, 'ada\0'],
  ['a lone surrogate', issuer, 'ada\ud800'],
])('%s is refused', (_, someIssuer, subject) => {
  expect(() => personId(key, 'human', someIssuer, subject)).toThrow(RangeError);
});
