import { expect, test } from 'vitest';
import type { RequestView } from '../../src/cli/answers.ts';
import { credentialsEnvironment, exportLines } from '../../src/cli/credentials-environment.ts';
import { permissionOption } from '../../src/cli/option-values.ts';
import { requestLines, requestRows } from '../../src/cli/request-lines.ts';
import { newsBetween } from '../../src/cli/request-news.ts';
import { sayDuration, sayMoment } from '../../src/cli/say-time.ts';

const nowMs = Date.parse('2026-11-21T03:14:00.000Z');

const view: RequestView = {
  request: 'r-01JZX3V5Q8M2N4P6R8T0V2W4Y6',
  status: 'pending',
  person: { person: 'p-mfrggzdfmztwq2lkmfrggzdfmz', display_name: 'Maya Okafor' },
  entitlement: 'repair',
  target: 'shop-prod',
  scope: [{ action: 'batches.read', resource: 'export', access: 'read' }],
  duration_seconds: 1800,
  ticket: 'INC-1',
  justification: 'Stuck export',
  submitted_at: '2026-11-21T03:12:00.000Z',
  review_by: '2026-11-21T11:12:00.000Z',
  break_glass: null,
  stages: [
    { from: 'leads', people: 1, have: 0 },
    { from: 'duty', people: 2, have: 0 },
  ],
  reviews: [],
  grant: null,
  entry: 13,
};

test('when a stage has signed, the news say who is asked next', () => {
  const approval: RequestView['reviews'][number] = {
    reviewer: { person: 'p-t', display_name: 'Tomas Lind' },
    stage: 0,
    verdict: 'approve',
    duration_seconds: 900,
    scope: view.scope,
    reason: null,
    at: '2026-11-21T03:13:00.000Z',
    entry: 17,
  };
  const [leads, duty] = view.stages;
  if (leads === undefined || duty === undefined) throw new Error('two stages');
  const after = { ...view, stages: [{ ...leads, have: 1 }, duty], reviews: [approval] };
  expect(newsBetween(view, after)).toEqual([
    'approved by Tomas Lind for 15 min         entry #17',
    'asked 2 of duty',
  ]);
  expect(newsBetween(after, after)).toEqual([]);
});

test('nothing that a person typed can steer the terminal or pass for another line', () => {
  const hostile = '\u001b[2J\u202Eevil\r\n✓ approved\u0007';
  const shown = {
    ...view,
    person: { person: 'p-m', display_name: hostile },
    ticket: hostile,
    justification: hostile,
    entitlement: hostile,
  };
  const lines = [...requestLines(shown, nowMs), ...requestRows([shown], nowMs)];
  for (const line of lines) {
    expect(line).not.toMatch(/[\p{Cc}\u202E]/u);
    expect(line).not.toMatch(/^\s*✓/);
  }
});

test('an erased name and an erased reason say so', () => {
  const erased = { ...view, person: { person: 'p-m', display_name: null }, justification: null };
  const text = requestLines(erased, nowMs).join('\n');
  expect(text).toMatch(/^p-m asks for repair/);
  expect(text).toMatch(/reason +erased/);
});

test('durations are told to the second, and a moment with its day when that is not today', () => {
  expect([59, 60, 90, 900, 3600, 5400, 43_200].map(sayDuration)).toEqual([
    '59 s',
    '1 min',
    '1 min 30 s',
    '15 min',
    '1 h',
    '1 h 30 min',
    '12 h',
  ]);
  expect(sayMoment(new Date(nowMs).toISOString(), nowMs)).toMatch(/^\d\d:\d\d$/);
  expect(sayMoment('2026-12-24T12:00:00.000Z', nowMs)).toMatch(/^2026-12-24 \d\d:\d\d$/);
});

test('an action ends at the first @, and everything after it is the resource', () => {
  expect(permissionOption('s3:Get@arn:a@b')).toEqual([{ action: 's3:Get', resource: 'arn:a@b' }]);
  expect(permissionOption('c@d', [{ action: 'a', resource: 'b' }])).toHaveLength(2);
  for (const wrong of ['', '@', 'a@', '@b', 'a'])
    expect(() => permissionOption(wrong)).toThrow('ACTION@RESOURCE');
});

test('a value with quotes and a line break stays one word for the shell', () => {
  const change = credentialsEnvironment({
    session: 's-1',
    grant: 'g-1',
    expires_at: '2026-11-21T03:31:00.000Z',
    credentials: { kind: 'token', token: "a'b\n$(id)", audience: 'x' },
    entries: [],
  });
  expect(exportLines(change)).toContain("export COUNTERSIGN_TOKEN='a'\\''b\n$(id)'");
  expect(change.unset).toContain('AWS_SESSION_TOKEN');
});

test('AWS credentials bring their region, and unset a profile and a token that were there', () => {
  const change = credentialsEnvironment({
    session: 's-1',
    grant: 'g-1',
    expires_at: '2026-11-21T03:31:00.000Z',
    credentials: {
      kind: 'aws',
      access_key_id: 'ASIA1',
      secret_access_key: 's',
      session_token: 't',
      region: 'eu-west-1',
    },
    entries: [],
  });
  expect(change.set).toMatchObject({
    AWS_ACCESS_KEY_ID: 'ASIA1',
    AWS_SESSION_TOKEN: 't',
    AWS_REGION: 'eu-west-1',
  });
  expect(change.unset).toEqual(
    expect.arrayContaining(['AWS_PROFILE', 'AWS_SECURITY_TOKEN', 'COUNTERSIGN_TOKEN']),
  );
  expect(change.unset).not.toContain('AWS_SESSION_TOKEN');
});
