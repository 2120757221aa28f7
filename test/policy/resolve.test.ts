import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/domain/policy/policy.ts';
import {
  policyCanonicalText,
  policyDigest,
  resolveRule,
  ruleDigest,
} from '../../src/domain/policy/resolve.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { policyText, samplePolicy, soundPolicy, withEntitlement } from './sample-policy.ts';

function digestOf(policy: Policy, entitlement = 'repair'): string {
  const rule = resolveRule(policy, entitlement);
  return rule === undefined ? 'none' : ruleDigest(nodeHasher, rule);
}

test('a rule spells out its target, its ticket rule, and the groups and workloads it names', () => {
  expect(resolveRule(samplePolicy, 'repair')).toEqual({
    entitlement: 'repair',
    role: 'Repair',
    targets: { 'shop-prod': { zone: 'production', provider: 'token', audience: 'https://shop.example' } },
    zone: 'production',
    zone_owner: 'leads',
    scope: [
      { action: 'batches.read', resource: 'export', access: 'read' },
      { action: 'batches.delete', resource: 'export/batches/*', access: 'destructive' },
    ],
    eligible: ['engineers', 'deploy'],
    ticket: {
      source: 'register',
      project: 'INC',
      state: 'open',
      requester: 'responder',
      window: 'not-required',
    },
    review: [{ people: 1, from: 'leads' }],
    factors: { request: 'totp', review: 'totp', open: 'totp' },
    waiting: { review_seconds: 28_800, activation_seconds: 3_600 },
    at_most_seconds: 3_600,
    break_glass: {
      at_most_seconds: 1_800,
      without: ['ticket'],
      review: { people: 1, from: 'duty', within_seconds: 86_400 },
    },
    groups: {
      engineers: { idp: 'eng', issuer: null, until: null },
      leads: { idp: 'leads', issuer: null, until: null },
      duty: { idp: 'duty', issuer: null, until: null },
    },
    workloads: {
      deploy: {
        issuer: 'github-actions',
        subject: 'repo:acme/shop:environment:production',
        sponsor: 'duty',
      },
    },
  });
});

test.each(['nothing', 'constructor', '__proto__', 'Repair', 'repair '])('there is no rule for %j', (name) => {
  expect(resolveRule(samplePolicy, name)).toBeUndefined();
});

const delegation = (of: string, to: string) => ({ for: of, to, from: '2026-06-01', until: '2026-06-30' });

test('delegates of a group that nothing here asks for change no digest', () => {
  const other = { ...samplePolicy, delegates: [delegation('admins', 'duty')] };
  expect(digestOf(other)).toBe(digestOf(samplePolicy));
});

test('who is one human is asked of the policy in force, and changes no rule', () => {
  expect(digestOf({ ...samplePolicy, humans: { maya: ['p-a', 'p-b'] } })).toBe(digestOf(samplePolicy));
});

describe('there is no rule at all when it names something missing:', () => {
  const { targets } = samplePolicy;
  test.each<readonly [string, Policy]>([
    ['a target', withEntitlement('repair', { targets: ['gone'] })],
    ['a zone', { ...samplePolicy, zones: {} }],
    ['a ticket rule', withEntitlement('repair', { ticket: 'gone' })],
    ['an eligible group', withEntitlement('repair', { eligible: ['engineers', 'gone'] })],
    [
      'the group it escalates to',
      withEntitlement('repair', {
        review: [{ people: 1, from: 'leads', escalate: { after_seconds: 60, to: 'gone' } }],
      }),
    ],
    ['a delegate', { ...samplePolicy, delegates: [delegation('leads', 'gone')] }],
    [
      'a second target of another zone',
      withEntitlement('repair', { targets: ['shop-prod', 'shop-staging'] }),
    ],
    [
      'a second target of another provider',
      withEntitlement('repair', { targets: ['shop-prod', 'ledger-prod'] }),
    ],
    ['no target at all', withEntitlement('repair', { targets: [] })],
    ['a reviewing group', withEntitlement('repair', { review: [{ people: 1, from: 'gone' }] })],
    ['the zone owner', { ...samplePolicy, zones: { production: { owner: 'gone' } } }],
    [
      'the target zone',
      {
        ...samplePolicy,
        targets: { ...targets, 'shop-prod': { zone: 'gone', provider: 'token', audience: 'x' } },
      },
    ],
    ['a workload that reviews', withEntitlement('repair', { review: [{ people: 1, from: 'deploy' }] })],
  ])('%s', (_, policy) => {
    expect(resolveRule(policy, 'repair')).toBeUndefined();
  });
});

test('the digest of a rule stays when another entitlement changes', () => {
  const before = digestOf(samplePolicy);
  expect(before).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(digestOf(withEntitlement('play', { at_most_seconds: 60 }))).toBe(before);
});

describe('the digest of a rule changes with', () => {
  const { groups, zones, targets, tickets, workloads } = samplePolicy;
  test.each<readonly [string, Policy]>([
    ['its duration', withEntitlement('repair', { at_most_seconds: 3_660 })],
    [
      'its scope',
      withEntitlement('repair', { scope: samplePolicy.entitlements['repair']?.scope.slice(1) ?? [] }),
    ],
    ['its delegates', { ...samplePolicy, delegates: [delegation('leads', 'duty')] }],
    [
      'the group it escalates to',
      withEntitlement('repair', {
        review: [{ people: 1, from: 'leads', escalate: { after_seconds: 60, to: 'duty' } }],
      }),
    ],
    ['its parameters', withEntitlement('repair', { parameters: { batch: { pattern: '^a$', says: null } } })],
    [
      'how far ahead it may start',
      { ...samplePolicy, waiting: { ...samplePolicy.waiting, schedule_seconds: 60 } },
    ],
    [
      'who is listed in a group',
      {
        ...samplePolicy,
        groups: {
          ...groups,
          leads: { idp: null, issuer: null, until: null, people: [{ person: 'p-a', until: null }] },
        },
      },
    ],
    ['its reviewers', withEntitlement('repair', { review: [{ people: 2, from: 'leads' }] })],
    [
      'the meaning of a group',
      { ...samplePolicy, groups: { ...groups, leads: { idp: 'all', issuer: null, until: null } } },
    ],
    [
      'the subject of a workload',
      {
        ...samplePolicy,
        workloads: { deploy: { issuer: 'x', subject: 'y', sponsor: workloads['deploy']?.sponsor ?? '' } },
      },
    ],
    ['the owner of the zone', { ...samplePolicy, zones: { ...zones, production: { owner: 'duty' } } }],
    [
      'the target',
      {
        ...samplePolicy,
        targets: { ...targets, 'shop-prod': { zone: 'production', provider: 'token', audience: 'x' } },
      },
    ],
    [
      'the ticket rule',
      {
        ...samplePolicy,
        tickets: Object.fromEntries(
          Object.entries(tickets).map(([name, rule]) => [name, { ...rule, state: 'closed' as const }]),
        ),
      },
    ],
    ['the factors', { ...samplePolicy, factors: { request: 'none', review: 'totp', open: 'totp' } }],
  ])('%s', (_, policy) => {
    expect(digestOf(policy)).not.toBe(digestOf(samplePolicy));
    expect(digestOf(policy)).not.toBe('none');
  });
});

test('the digest of a policy does not depend on the order in which its names were written', () => {
  const reversed = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).reverse());
  const other = {
    ...samplePolicy,
    groups: reversed(samplePolicy.groups),
    entitlements: reversed(samplePolicy.entitlements),
  };
  expect(policyDigest(nodeHasher, other)).toBe(policyDigest(nodeHasher, samplePolicy));
});

test('the canonical text of a policy can be read back to the same policy', () => {
  expect(JSON.parse(policyCanonicalText(samplePolicy))).toEqual(samplePolicy);
});

test('comments and layout of the file do not reach the digest', () => {
  const other = soundPolicy(
    `# another comment\n${policyText.replaceAll('{ idp: eng }', '\n    idp:   "eng"')}`,
  );
  expect(policyDigest(nodeHasher, other)).toBe(policyDigest(nodeHasher, samplePolicy));
});

test('where a group is written to, and when it is awake, is no part of a rule', () => {
  const leads = { idp: 'leads', issuer: null, until: null };
  const awake = { from: '08:00', to: '18:00', time_zone: 'Europe/Berlin', days: ['mon' as const] };
  const groups = { ...samplePolicy.groups, leads: { ...leads, mail: 'leads@example.com', awake } };
  expect(digestOf({ ...samplePolicy, groups })).toBe(digestOf(samplePolicy));
  expect(policyDigest(nodeHasher, { ...samplePolicy, groups })).not.toBe(
    policyDigest(nodeHasher, samplePolicy),
  );
});
