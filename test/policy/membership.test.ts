import { describe, expect, test } from 'vitest';
import { groupsOf, isMember, workloadNamed } from '../../src/domain/policy/membership.ts';
import type { Group, Workload } from '../../src/domain/policy/policy.ts';
import { resolveRule } from '../../src/domain/policy/resolve.ts';
import { samplePolicy } from './sample-policy.ts';

const nowMs = Date.parse('2026-06-15T12:00:00Z');
const group = (fields: Partial<Group>): Group => ({ idp: 'eng', issuer: null, until: null, ...fields });
const pipeline: Workload = { issuer: 'github-actions', subject: 'repo:acme/shop', sponsor: 'leads' };

function inGroup(
  fields: Partial<Group>,
  idp_groups: readonly string[],
  issuer = 'corp',
  at = nowMs,
): boolean {
  const policy = { groups: { engineers: group(fields) }, workloads: { deploy: pipeline } };
  return isMember(policy, 'engineers', { issuer, idp_groups, person: 'p-maya' }, at);
}

describe('a group means', () => {
  test('those whom the identity provider puts into it', () => {
    expect(inGroup({}, ['other', 'eng'])).toBe(true);
    expect(inGroup({}, ['other'])).toBe(false);
    expect(inGroup({}, [])).toBe(false);
  });

  test.each(['Eng', ' eng', 'eng ', 'eng\u200b', 'en', 'engineers', '\u0435ng', '/eng'])(
    'nobody whose group is spelled %j',
    (claimed) => {
      expect(inGroup({}, [claimed])).toBe(false);
    },
  );

  test('the same people in both Unicode spellings of one name', () => {
    expect(inGroup({ idp: 'b\u00fcro' }, ['bu\u0308ro'])).toBe(true);
    expect(inGroup({ idp: 'bu\u0308ro' }, ['b\u00fcro'])).toBe(true);
    // Composed, the Kelvin sign is a plain K.
    expect(inGroup({ idp: '\u212aern' }, ['Kern'])).toBe(true);
    expect(inGroup({ idp: 'Kern' }, ['\u212aern'])).toBe(true);
  });

  test('nobody when its name in the identity provider is empty', () => {
    expect(inGroup({ idp: '' }, [''])).toBe(false);
  });

  test('people of its own issuer only, where one is named', () => {
    expect(inGroup({ issuer: 'corp' }, ['eng'], 'corp')).toBe(true);
    expect(inGroup({ issuer: 'corp' }, ['eng'], 'partner')).toBe(false);
    expect(inGroup({ issuer: 'corp' }, ['eng'], 'CORP')).toBe(false);
  });

  test('people of any issuer but those of workloads, where none is named', () => {
    expect(inGroup({}, ['eng'], 'partner')).toBe(true);
    expect(inGroup({}, ['eng'], 'github-actions')).toBe(false);
  });

  test('somebody up to the last millisecond of its last day in UTC, nobody after', () => {
    const midnight = Date.parse('2026-06-16T00:00:00Z');
    expect(inGroup({ until: '2026-06-15' }, ['eng'], 'corp', midnight - 1)).toBe(true);
    expect(inGroup({ until: '2026-06-15' }, ['eng'], 'corp', midnight)).toBe(false);
  });

  test('nobody when the last day, or the time, cannot be read', () => {
    expect(inGroup({ until: 'soon' }, ['eng'])).toBe(false);
    expect(inGroup({ until: '2026-06-15' }, ['eng'], 'corp', Number.NaN)).toBe(false);
  });
});

describe('a group that lists its people means', () => {
  const at = (until: string | null, person: string, atMs: number, groupUntil: string | null = null) => {
    const people = [
      { person: 'p-maya', until },
      { person: 'p-omar', until: null },
    ];
    const policy = {
      groups: { oncall: { idp: null, issuer: null, until: groupUntil, people } },
      workloads: {},
    };
    // What the identity provider says counts for nothing there, whatever it calls its groups.
    return isMember(policy, 'oncall', { issuer: 'corp', idp_groups: ['oncall', ''], person }, atMs);
  };
  const midnight = Date.parse('2026-06-16T00:00:00Z');

  test('exactly those, whatever the identity provider says', () => {
    expect([at(null, 'p-maya', nowMs), at(null, 'p-omar', nowMs)]).toEqual([true, true]);
    expect([at(null, 'p-lea', nowMs), at(null, 'P-maya', nowMs), at(null, '', nowMs)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('each of them up to the last millisecond of their own last day, and of the group’s', () => {
    expect([at('2026-06-15', 'p-maya', midnight - 1), at('2026-06-15', 'p-maya', midnight)]).toEqual([
      true,
      false,
    ]);
    expect(at('2026-06-15', 'p-omar', midnight)).toBe(true);
    expect(at(null, 'p-omar', midnight, '2026-06-15')).toBe(false);
  });

  test('nobody when it lists nobody', () => {
    const policy = {
      groups: { oncall: { idp: 'eng', issuer: null, until: null, people: [] } },
      workloads: {},
    };
    expect(isMember(policy, 'oncall', { issuer: 'corp', idp_groups: ['eng'], person: 'p' }, nowMs)).toBe(
      false,
    );
  });
});

test('a group that does not exist has no members, whatever its name', () => {
  const identity = { issuer: 'corp', idp_groups: ['eng', 'constructor', '__proto__'], person: 'p-maya' };
  for (const name of ['nobody', 'constructor', '__proto__', 'toString']) {
    expect(isMember(samplePolicy, name, identity, nowMs)).toBe(false);
  }
});

test('the groups of an identity are the policy names, sorted', () => {
  const groupsFor = (...idp_groups: readonly string[]) =>
    groupsOf(samplePolicy, { issuer: 'corp', idp_groups, person: 'p-maya' }, nowMs);
  expect(groupsFor('leads', 'x', 'eng', 'eng')).toEqual(['engineers', 'leads']);
  expect(groupsFor()).toEqual([]);
});

test('a resolved rule answers for its own groups only', () => {
  const rule = resolveRule(samplePolicy, 'repair');
  const identity = { issuer: 'corp', idp_groups: ['admins', 'duty', 'eng'], person: 'p-maya' };
  expect(rule && groupsOf(rule, identity, nowMs)).toEqual(['duty', 'engineers']);
});

describe('a workload is known', () => {
  const workloads = { deploy: pipeline, release: { ...pipeline, subject: 'repo:acme/release' } };

  test('by exactly its issuer and subject', () => {
    expect(workloadNamed({ workloads }, { issuer: 'github-actions', subject: 'repo:acme/shop' })).toEqual({
      name: 'deploy',
      workload: pipeline,
    });
    expect(workloadNamed({ workloads }, { issuer: 'gitlab', subject: 'repo:acme/shop' })).toBeUndefined();
    expect(
      workloadNamed({ workloads }, { issuer: 'github-actions', subject: 'repo:acme/shop2' }),
    ).toBeUndefined();
    expect(
      workloadNamed({ workloads }, { issuer: 'github-actions', subject: 'repo:Acme/shop' }),
    ).toBeUndefined();
  });

  test('not at all when two entries claim it', () => {
    const twice = { ...workloads, other: pipeline };
    expect(
      workloadNamed({ workloads: twice }, { issuer: 'github-actions', subject: 'repo:acme/shop' }),
    ).toBeUndefined();
  });
});
