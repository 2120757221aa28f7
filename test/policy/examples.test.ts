import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadAwsCatalogue } from '../../src/cloud-actions/aws/load-catalogue.ts';
import { resolveRule } from '../../src/domain/policy/resolve.ts';
import { checkPolicyFile } from '../../src/policy-file/check.ts';
import { policyJsonSchemaText } from '../../src/policy-file/json-schema.ts';
import { caseJsonSchemaText } from '../../src/rehearsal/json-schema.ts';
import { castMistakes, readCases } from '../../src/rehearsal/read-cases.ts';
import { runCases } from '../../src/rehearsal/run-cases.ts';
import { policyText, projectFile } from './sample-policy.ts';

const companies = ['startup', 'scale-up', 'bank'] as const;
const examples = [...companies, 'demo'].map((name) => `examples/${name}/countersign.yaml`);

/** What an example warns of on purpose, each explained in the file. */
const deliberate: Readonly<Record<string, readonly string[]>> = {
  'examples/scale-up/countersign.yaml': ['production-writes-need-a-ticket', 'somebody-is-awake'],
};
const nowMs = Date.parse('2026-06-15T12:00:00Z');

function check(path: string) {
  const readScope = (relativePath: string) => projectFile(`${dirname(path)}/${relativePath}`);
  return checkPolicyFile(
    { text: projectFile(path), path, readScope },
    { nowMs, loadCatalogue: loadAwsCatalogue },
  );
}

describe.each(examples)('%s', (path) => {
  test('has no findings but those it explains, and a rule for each entitlement', async () => {
    const { policy, findings } = await check(path);
    expect(findings.map(({ rule }) => rule)).toEqual(deliberate[path] ?? []);
    expect(findings.every(({ severity }) => severity === 'warning')).toBe(true);
    for (const name of Object.keys(policy?.entitlements ?? {})) {
      expect(policy && resolveRule(policy, name)).toBeDefined();
    }
    expect(policy).toBeDefined();
  });

  test('fits the JSON Schema that editors use', () => {
    expect(fitsSchema(parse(projectFile(path)))).toBe(true);
  });
});

describe.each(companies)('the cases of %s', (name) => {
  const path = `examples/${name}/countersign.test.yaml`;

  test('all go as they say, by the broker’s own rules', async () => {
    const { file } = readCases(projectFile(path), path);
    const { policy } = await check(`examples/${name}/countersign.yaml`);
    if (file === undefined || policy === undefined) throw new Error('the example has mistakes');
    expect(castMistakes(projectFile(path), path, file, policy)).toEqual([]);
    const results = await runCases(policy, file);
    expect(results.length).toBeGreaterThanOrEqual(7);
    expect(results.filter(({ failed }) => failed !== null)).toEqual([]);
  });

  test('fit the JSON Schema that editors use', () => {
    const schema = z.fromJSONSchema(JSON.parse(projectFile('countersign.test.schema.json')));
    expect(schema.safeParse(parse(projectFile(path))).success).toBe(true);
  });
});

test('the demo lets engineers clear export batches for at most an hour, after one lead has signed', async () => {
  const rule = resolveRule(
    (await check('examples/demo/countersign.yaml')).policy ?? expect.fail(),
    'orders-db-operator',
  );
  expect(rule).toMatchObject({
    scope: [
      { action: 'batches.read', resource: 'orders-export', access: 'read' },
      { action: 'batches.delete', resource: 'orders-export/batches/*', access: 'destructive' },
    ],
    eligible: ['engineers'],
    review: [{ people: 1, from: 'payments-leads' }],
    ticket: { project: 'INC', state: 'open', requester: 'responder' },
    at_most_seconds: 3_600,
    break_glass: {
      at_most_seconds: 1_800,
      without: ['ticket'],
      review: { people: 1, from: 'security-on-call', within_seconds: 86_400 },
    },
  });
});

test('the committed JSON Schemas are what the parser makes of its own', () => {
  expect(projectFile('countersign.schema.json')).toBe(policyJsonSchemaText());
  expect(projectFile('countersign.test.schema.json')).toBe(caseJsonSchemaText());
});

test.each([
  ['an unknown key', (text: string) => text.replace('zones:', 'zonen: {}\nzones:')],
  ['a word that is not built yet', (text: string) => text.replace('kind: register', 'kind: jira')],
  ['an unquoted account number', (text: string) => text.replace('"012345678901"', '447109238812')],
  ['a duration without a unit', (text: string) => text.replace('at_most: 1h', 'at_most: 60')],
  ['one administrator alone', (text: string) => text.replace('publish_needs: 2', 'publish_needs: 1')],
])('the JSON Schema refuses %s', (_, spoil) => {
  expect(fitsSchema(parse(policyText))).toBe(true);
  expect(fitsSchema(parse(spoil(policyText)))).toBe(false);
});

/** Read back from the committed text, so that the file itself is what judges. */
function fitsSchema(value: unknown): boolean {
  return z.fromJSONSchema(JSON.parse(projectFile('countersign.schema.json'))).safeParse(value).success;
}
