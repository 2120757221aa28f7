import { expect, test } from 'vitest';
import { credentialActions } from '../../src/cloud-actions/aws/credential-actions.ts';
import { loadAwsCatalogue } from '../../src/cloud-actions/aws/load-catalogue.ts';
import { actionsMeant, patternsMeet, splitAction } from '../../src/domain/policy/action-catalogue.ts';
import type { Permission } from '../../src/domain/policy/policy.ts';
import { samplePolicy, withEntitlement } from '../policy/sample-policy.ts';

const naming = (...actions: readonly string[]) =>
  withEntitlement('ledger', {
    scope: actions.map((action): Permission => ({ action, resource: '*', access: 'read' })),
  });

const catalogueOf = async (...actions: readonly string[]) =>
  (await loadAwsCatalogue(naming(...actions))) ?? expect.fail();

test('each action that hands out credentials is one of AWS, and must be declared so', async () => {
  const names = Object.keys(credentialActions);
  const catalogue = await catalogueOf(...names);
  for (const name of names) {
    const { service = '', name: action = '' } = splitAction(name) ?? {};
    const [found] = catalogue.actionsOf(service).filter((each) => each.name === action);
    expect([name, found?.least]).toEqual([name, 'credentials']);
  }
});

test.each([
  ['rds:DescribeDBClusters', 'read'],
  ['s3:ListBucket', 'read'],
  ['rds:FailoverDBCluster', 'write'],
  ['iam:AttachRolePolicy', 'write'],
  ['iam:TagRole', 'write'],
])('%s must be declared %s at least', async (action, least) => {
  expect(actionsMeant(await catalogueOf(action), action)[0]?.least).toBe(least);
});

test('a pattern stands for every action that fits, and the services named are the only ones read', async () => {
  const catalogue = await catalogueOf('rds:Describe*');
  const meant = actionsMeant(catalogue, 'rds:Describe*').map(({ name }) => name);
  expect(meant.length).toBeGreaterThan(20);
  expect(meant.every((name) => name.startsWith('Describe'))).toBe(true);
  expect(catalogue.actionsOf('s3')).toEqual([]);
  expect(catalogue.version).toMatch(/^iam-data \d/);
});

test('a policy without AWS reads no catalogue', async () => {
  const { ledger: _aws, ...entitlements } = samplePolicy.entitlements;
  expect(await loadAwsCatalogue({ ...samplePolicy, entitlements })).toBeUndefined();
});

test('a service that AWS does not have is named and has no actions', async () => {
  const catalogue = await catalogueOf('rdss:Failover', '../../package:x');
  expect(catalogue.services).not.toContain('rdss');
  expect(catalogue.actionsOf('rdss')).toEqual([]);
});

test.each([
  ['arn:aws:rds:*:1:cluster:shop-*', 'arn:*:rds:*:*:cluster:*', true],
  ['arn:aws:rds:eu-west-1:1:db:x', 'arn:*:rds:*:*:cluster:*', false],
  ['a*', '*b', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['', '*', true],
  ['', '', true],
  ['a', '', false],
  ['**', 'x', true],
  ['ab*', 'a', false],
])('%j and %j %s', (left, right, meet) => {
  expect(patternsMeet(left, right)).toBe(meet);
  expect(patternsMeet(right, left)).toBe(meet);
});

test('patterns that would make a search explode end', () => {
  const hostile = `${'a*'.repeat(200)}b`;
  expect(patternsMeet(hostile, 'a'.repeat(400))).toBe(false);
});
