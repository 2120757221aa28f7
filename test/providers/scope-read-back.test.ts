import { expect, test } from 'vitest';
import { sameScope } from '../../src/domain/policy/narrow.ts';
import { assumeRoleScope, prepareAssumeRole } from '../../src/providers/aws/assume-role-parameters.ts';
import { scopeOfSessionPolicy } from '../../src/providers/aws/scope-of-session-policy.ts';
import { permissionsSaid } from '../../src/providers/token/claims.ts';
import { generateGrantKey, grantKeys } from '../../src/providers/token/keys.ts';
import { tokenProvider } from '../../src/providers/token.ts';
import { awsPlan, now, tokenPlan } from './plans.ts';

const settings = { externalIds: new Map([['447109238812', 'external']]), chained: false };
const keys = await grantKeys([await generateGrantKey()]);
const tokens = tokenProvider({
  issuer: 'https://broker.example/grants',
  keys,
  clock: { nowMs: () => now },
});

test('what a provider will send says exactly what was approved, for a token and for a role', () => {
  const role = prepareAssumeRole(awsPlan(), settings);
  expect(sameScope(assumeRoleScope(role) ?? [], awsPlan().scope)).toBe(true);
  const token = tokens.prepare(tokenPlan());
  expect(sameScope(tokens.scopeOf(token) ?? [], tokenPlan().scope)).toBe(true);
});

test('a scope is the same in any order, and another one with a permission more, less or exchanged', () => {
  const [first, second, third] = awsPlan().scope;
  if (first === undefined || second === undefined || third === undefined) throw new Error('a short scope');
  const whole = [first, second, third];
  expect(sameScope(whole, [third, first, second])).toBe(true);
  expect(sameScope(whole, [first, second])).toBe(false);
  expect(sameScope([first, second], whole)).toBe(false);
  expect(sameScope([first, second], [first, third])).toBe(false);
  expect(sameScope([first], [{ ...first, resource: `${first.resource}*` }])).toBe(false);
  expect(sameScope([], [first])).toBe(false);
});

const policyOf = (change: (statement: Record<string, unknown>) => unknown): string => {
  const { policy } = prepareAssumeRole(awsPlan(), settings).parameters;
  const read = JSON.parse(String(policy));
  return JSON.stringify({ ...read, Statement: read.Statement.map(change) });
};

test.each<[string, string]>([
  ['a Deny', policyOf((one) => ({ ...one, Effect: 'Deny' }))],
  ['everything but an action', policyOf(({ Action, ...one }) => ({ ...one, NotAction: Action }))],
  ['everything but a resource', policyOf(({ Resource, ...one }) => ({ ...one, NotResource: Resource }))],
  ['no end', policyOf(({ Condition: _, ...one }) => one)],
  ['one action that is no list', policyOf((one) => ({ ...one, Action: '*' }))],
  ['a principal', policyOf((one) => ({ ...one, Principal: '*' }))],
  ['no statement', '{"Version":"2012-10-17","Statement":[]}'],
  ['another language', '{"Version":"2008-10-17","Statement":[]}'],
  ['no JSON', 'Allow *'],
])('a session policy with %s is not read as any scope', (_, text) => {
  expect(scopeOfSessionPolicy(text)).toBeUndefined();
});

test('a statement of two actions on two resources allows four things', () => {
  const text = policyOf((one) => ({ ...one, Action: ['s3:A', 's3:B'], Resource: ['arn:1', 'arn:2'] }));
  expect(scopeOfSessionPolicy(text)).toContainEqual({ action: 's3:B', resource: 'arn:1' });
  expect(sameScope(scopeOfSessionPolicy(text) ?? [], [{ action: 's3:A', resource: 'arn:1' }])).toBe(false);
});

test('parameters that are no claims are read as no scope', () => {
  expect(permissionsSaid({})).toBeUndefined();
  const { parameters } = tokens.prepare(tokenPlan());
  expect(permissionsSaid({ ...parameters, permissions: ['{"action":"*"}'] })).toBeUndefined();
  expect(permissionsSaid({ ...parameters, another: 'claim' })).toBeUndefined();
});
