import { describe, expect, test } from 'vitest';
import { checkPolicyFile } from '../../src/policy-file/check.ts';
import { parsePolicyFile } from '../../src/policy-file/parse.ts';
import { noScopeFile, policyText, samplePolicy, soundPolicy } from './sample-policy.ts';

const nowMs = Date.parse('2026-06-15T12:00:00Z');
const playScope = 'scope: [{ actions: ["*"], on: "*", access: write }]';

function mistakesIn(text: string, readScope: (path: string) => string = noScopeFile) {
  return parsePolicyFile({ text, path: 'countersign.yaml', readScope }).mistakes;
}

test('what may be left out is spelled out in the policy', () => {
  expect(samplePolicy.version).toBe(1);
  expect(samplePolicy.auditors).toBeNull();
  expect(samplePolicy.emergency_principals).toEqual([]);
  expect(samplePolicy.entitlements['play']).toMatchObject({ ticket: null, review: null, break_glass: null });
  expect(samplePolicy.entitlements['repair']?.break_glass).toEqual({
    at_most_seconds: 1_800,
    without: ['ticket'],
    review: { people: 1, from: 'duty', within_seconds: 86_400 },
  });
});

test('an empty list of eligible groups is kept empty: nobody', () => {
  const policy = soundPolicy(policyText.replace('eligible: [engineers, deploy]', 'eligible: []'));
  expect(policy.entitlements['repair']?.eligible).toEqual([]);
});

test('a group of a named issuer keeps both names and its last day', () => {
  const policy = soundPolicy(
    policyText.replace('{ idp: duty }', '{ issuer: corp, group: sec-duty, until: 2027-03-31 }'),
  );
  expect(policy.groups['duty']).toEqual({ issuer: 'corp', idp: 'sec-duty', until: '2027-03-31' });
});

test('an account number in quotes keeps its leading zero', () => {
  expect(samplePolicy.targets['ledger-prod']).toEqual({
    zone: 'production',
    provider: 'aws',
    account: '012345678901',
    regions: ['eu-west-1'],
  });
});

test('entitlements may be named like words of the language without being found by other names', () => {
  const policy = soundPolicy(policyText.replace('  play:', '  constructor:'));
  expect(Object.keys(policy.entitlements)).toContain('constructor');
  expect(policy.entitlements['constructor']?.role).toBe('Play');
});

describe('a scope', () => {
  const inFile = (name: string) => policyText.replace(playScope, `scope: ${name}`);

  test('in a YAML file and in a JSON file means what the same scope means inline', () => {
    const yaml = '- { actions: ["*"], on: "*", access: write }\n';
    const json = '[{"actions": ["*"], "on": ["*"], "access": "write"}]';
    expect(soundPolicy(inFile('policies/play.yaml'), () => yaml)).toEqual(samplePolicy);
    expect(soundPolicy(inFile('play.json'), () => json)).toEqual(samplePolicy);
  });

  test('becomes one permission for each action on each resource, sorted, without repetition', () => {
    const text = `
- { actions: [b, a], on: [y, x], access: read }
- { actions: [a], on: x, access: read }
`;
    const policy = soundPolicy(inFile('play.yaml'), () => text);
    expect(policy.entitlements['play']?.scope).toEqual([
      { action: 'a', resource: 'x', access: 'read' },
      { action: 'b', resource: 'x', access: 'read' },
      { action: 'a', resource: 'y', access: 'read' },
      { action: 'b', resource: 'y', access: 'read' },
    ]);
  });

  test('file is read once, and its mistakes are told once with its own name, though two entitlements name it', () => {
    const asked: string[] = [];
    const text = inFile('play.yaml').replace(/scope:\n {6}- .*cluster.*\n/, 'scope: play.yaml\n');
    const mistakes = mistakesIn(text, (path) => {
      asked.push(path);
      return '- { actions: [a], on: x, access: read }\n- { actions: [a], on: x, access: wriet }\n';
    });
    expect(asked).toEqual(['play.yaml']);
    expect(mistakes.map(({ path, at, rule }) => [path, at, rule])).toEqual([
      ['play.yaml', '2:34', 'unknown-word'],
    ]);
  });

  test('with mistakes is told beside the mistakes of the policy file', () => {
    const text = inFile('play.yaml').replace('at_most: 8h', 'at_most: 8');
    const mistakes = mistakesIn(text, () => '{}');
    expect(mistakes.map(({ path, rule }) => [path, rule])).toEqual([
      ['countersign.yaml', 'wrong-type'],
      ['play.yaml', 'wrong-type'],
    ]);
  });

  test('of more permissions than a reviewer could read is refused', () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`).join(', ');
    const scope = (count: number) => `- { actions: [${names(50)}], on: [${names(count)}], access: read }`;
    expect(mistakesIn(inFile('play.yaml'), () => scope(10))).toEqual([]);
    expect(mistakesIn(inFile('play.yaml'), () => scope(11)).map(({ rule }) => rule)).toEqual([
      'scope-too-large',
    ]);
  });

  test.each([
    'a/../b.yaml',
    './a.yaml',
    'a//b.yaml',
    '.hidden.yaml',
    'C:/a.yaml',
    '~/a.yaml',
    '-a.yaml',
    'a.yaml/',
    '""',
  ])('is never looked for under %s', (name) => {
    const asked: string[] = [];
    const mistakes = mistakesIn(inFile(name), (path) => {
      asked.push(path);
      return '[]';
    });
    expect(mistakes.map(({ rule }) => rule)).toEqual(['scope-file-outside']);
    expect(asked).toEqual([]);
  });
});

describe('a checked file', async () => {
  const check = (text: string, readScope = noScopeFile) =>
    checkPolicyFile({ text, path: 'countersign.yaml', readScope }, { nowMs });
  const placeIn = (text: string, marker: string) => {
    const before = text.slice(0, text.indexOf(marker)).split('\n');
    return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
  };

  test('gives the policy when nothing is wrong with it', async () => {
    expect(await check(policyText)).toEqual({ policy: samplePolicy, findings: [], catalogue: null });
  });

  test('gives the policy with warnings, each with its place', async () => {
    const text = policyText.replace('eligible: [engineers, deploy]', 'eligible: [engineers]');
    const { policy, findings } = await check(text);
    expect(policy).toBeDefined();
    expect(findings).toEqual([
      {
        at: placeIn(text, 'deploy:'),
        line: 8,
        column: 3,
        path: 'countersign.yaml',
        rule: 'everything-is-used',
        severity: 'warning',
        message: expect.stringContaining('`deploy`'),
      },
    ]);
  });

  test.each([
    [
      'a misspelt group',
      'eligible: [engineers, deploy]',
      'eligible: [engineers, deploi]',
      'deploi',
      'references-exist',
    ],
    ['a long session', 'at_most: 2h', 'at_most: 13h', '13h', 'sessions-fit-the-provider'],
    ['a long break-glass', 'at_most: 30m', 'at_most: 90m', '90m', 'break-glass-is-shorter'],
    [
      'a production write without review',
      'review: [{ people: 1, from: leads }]',
      'review: not-required',
      'not-required\n    at_most: 1h',
      'production-writes-are-reviewed',
    ],
    [
      'one audience twice',
      'https://staging.shop.example',
      'https://shop.example',
      '"https://shop.example" } }\n  ledger',
      'targets-are-apart',
    ],
    [
      'a boundless scope',
      '[batches.delete], on: "export/batches/*"',
      '[batches.delete], on: "*"',
      '{ actions: [batches.delete]',
      'production-scope-is-bounded',
    ],
    ['reviews without a factor', 'review: totp', 'review: none', 'none, open', 'reviews-need-a-factor'],
  ])('gives no policy for %s, and points at it', async (_, from, to, marker, rule) => {
    const text = policyText.replace(from, to);
    const { policy, findings } = await check(text);
    expect(policy).toBeUndefined();
    expect(
      findings.filter(({ severity }) => severity === 'error').map((finding) => [finding.at, finding.rule]),
    ).toEqual([[placeIn(text, marker), rule]]);
  });

  test('points into the scope file where the scope is at fault', async () => {
    const text = policyText.replace(/scope:\n {6}- .*cluster.*\n/, 'scope: ledger.yaml\n');
    const scope =
      '# what the ledger needs\n- { actions: ["rds:Stop*"], on: "arn:aws:rds:eu-west-1:999999999999:db:x", access: write }\n';
    const { findings } = await check(text, () => scope);
    expect(findings.map(({ path, at, rule }) => [path, at, rule])).toEqual([
      ['ledger.yaml', '2:3', 'scope-fits-the-provider'],
    ]);
  });

  test('has mistakes of form told as errors', async () => {
    const { policy, findings } = await check('groups: {}\nnotify: {}\n');
    expect(policy).toBeUndefined();
    expect(findings.length).toBeGreaterThan(1);
    expect(new Set(findings.map(({ severity }) => severity))).toEqual(new Set(['error']));
  });
});
