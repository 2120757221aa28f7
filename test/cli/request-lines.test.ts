import { expect, test } from 'vitest';
import { credentialsEnvironment, exportLines } from '../../src/cli/access/credentials-environment.ts';
import type { RequestView } from '../../src/cli/answers.ts';
import { parameterOption, permissionOption } from '../../src/cli/option-values.ts';
import { permissionsNamed } from '../../src/cli/requests/narrow-scope.ts';
import { requestLines, requestRows, requestStory } from '../../src/cli/requests/request-lines.ts';
import { askedLines, newsBetween } from '../../src/cli/requests/request-news.ts';
import { sayDuration, sayMoment } from '../../src/cli/say-time.ts';

const nowMs = Date.parse('2026-11-21T03:14:00.000Z');

const view: RequestView = {
  request: 'r-01JZX3V5Q8M2N4P6R8T0V2W4Y6',
  status: 'pending',
  person: { person: 'p-mfrggzdfmztwq2lkmfrggzdfmz', display_name: 'Maya Okafor' },
  entitlement: 'repair',
  people: [{ person: 'p-mfrggzdfmztwq2lkmfrggzdfmz', display_name: 'Maya Okafor' }],
  targets: ['shop-prod'],
  parameters: {},
  starts_at: null,
  extends: null,
  scope: [{ action: 'batches.read', resource: 'export', access: 'read' }],
  duration_seconds: 1800,
  ticket: 'INC-1',
  justification: 'Stuck export',
  submitted_at: '2026-11-21T03:12:00.000Z',
  review_by: '2026-11-21T11:12:00.000Z',
  break_glass: null,
  stages: [
    { from: 'leads', people: 1, have: 0, escalates_to: null, escalates_at: null },
    { from: 'duty', people: 2, have: 0, escalates_to: null, escalates_at: null },
  ],
  reviews: [],
  grants: [],
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
  const seen = (one: RequestView) => ({ view: one, atMs: nowMs });
  expect(newsBetween(seen(view), seen(after))).toEqual([
    'approved by Tomas Lind for 15 min         entry #17',
    'asked 2 of duty',
  ]);
  expect(newsBetween(seen(after), seen(after))).toEqual([]);
});

const escalating: RequestView = {
  ...view,
  stages: [
    { from: 'leads', people: 1, have: 0, escalates_to: 'duty', escalates_at: '2026-11-21T03:24:00.000Z' },
  ],
};

test('who is woken next is said when asking, once more at the moment, and never again', () => {
  const at = (minutes: number) => ({ view: escalating, atMs: nowMs + minutes * 60_000 });
  expect(askedLines(escalating, nowMs)[1]).toMatch(/^duty may decide too, from \d\d:\d\d$/);
  expect(newsBetween(at(0), at(9))).toEqual([]);
  expect(newsBetween(at(9), at(10))).toEqual(['now duty may decide too']);
  expect(newsBetween(at(10), at(11))).toEqual([]);
  expect(requestLines(escalating, nowMs).join('\n')).toMatch(
    /0 of 1 from leads, from \d\d:\d\d also duty, by /,
  );
  expect(requestLines(escalating, nowMs + 600_000).join('\n')).toContain('0 of 1 from leads or duty, by ');
});

test('two stages of the same group are told apart', () => {
  const stage = { from: 'leads', people: 1, have: 0, escalates_to: null, escalates_at: null };
  const before = { view: { ...view, stages: [stage, stage] }, atMs: nowMs };
  const after = { view: { ...view, stages: [{ ...stage, have: 1 }, stage] }, atMs: nowMs };
  expect(newsBetween(before, after)).toEqual(['asked leads']);
});

const grant: RequestView['grants'][number] = {
  grant: 'g-01JZX3V5Q8M2N4P6R8T0V2W4Y6',
  request: view.request,
  status: 'active',
  person: view.person,
  target: 'shop-prod',
  entitlement: 'repair',
  scope: view.scope,
  duration_seconds: 1800,
  starts_at: null,
  extends: null,
  extended_by: null,
  covers_until: null,
  activate_by: '2026-11-21T04:14:00.000Z',
  ends_at: '2026-11-21T03:44:00.000Z',
  sessions: [],
  ended_at: null,
  revoke_requested_at: null,
  revoke_confirmed_at: null,
  cut_off_because: null,
};

test('a request for several shows for whom, where, from when and with what, and each grant on its line', () => {
  const tomas = { person: 'p-t', display_name: 'Tomas Lind' };
  const several: RequestView = {
    ...view,
    status: 'active',
    people: [view.person, tomas],
    targets: ['shop-prod', 'shop-us'],
    parameters: { batch: '42' },
    starts_at: '2026-11-21T05:00:00.000Z',
    grants: [
      grant,
      {
        ...grant,
        grant: 'g-2',
        person: tomas,
        target: 'shop-us',
        status: 'scheduled',
        starts_at: '2026-11-21T05:00:00.000Z',
      },
    ],
  };
  const text = requestStory(several, [], nowMs).join('\n');
  expect(text).toContain('asks for repair on shop-prod, shop-us for 30 min');
  expect(text).toMatch(/^ {2}for +Maya Okafor, Tomas Lind$/m);
  expect(text).toMatch(/^ {2}with +batch=42$/m);
  expect(text).toMatch(/^ {2}begins +\d\d:\d\d$/m);
  expect(text).toMatch(/^ +g-01JZX3V5Q8M2N4P6R8T0V2W4Y6 +Maya Okafor +shop-prod +active +until \d\d:\d\d$/m);
  expect(text).toMatch(/^ +g-2 +Tomas Lind +shop-us +scheduled +from \d\d:\d\d$/m);
});

test('an emergency says who heard of it, who did not, and whether its judgement is late', () => {
  const emergency: NonNullable<RequestView['break_glass']> = {
    marks: ['ticket-unverified'],
    review_by: '2026-11-21T03:00:00.000Z',
    reviewed: false,
    verdicts: [],
    overdue: true,
    told: [],
  };
  const linesOf = (break_glass: typeof emergency) => requestLines({ ...view, break_glass }, nowMs).join('\n');
  expect(linesOf(emergency)).toMatch(/^ {2}emergency +was to be judged by .* \(ticket-unverified\)$/m);
  expect(linesOf(emergency)).toMatch(/^ {2}told +nobody, so far$/m);
  const at = '2026-11-21T02:59:00.000Z';
  const told = [
    { group: 'leads', channel: 'email', delivered: true, at } as const,
    { group: 'duty', channel: 'webhook', delivered: false, at } as const,
  ];
  expect(linesOf({ ...emergency, overdue: false, told })).toMatch(
    /^ {2}told +leads by email, duty by webhook \(failed\)$/m,
  );
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
  for (const wrong of ['', '@', 'a@', '@b']) expect(() => permissionOption(wrong)).toThrow('ACTION@RESOURCE');
});

test('an action alone means that action wherever the scope has it, and one it does not have is told with what it has', () => {
  const scope = [
    { action: 'a', resource: 'x' },
    { action: 'a', resource: 'y' },
    { action: 'b', resource: 'x' },
  ];
  const only = permissionOption('a@x/1', permissionOption('a'));
  expect(permissionsNamed(scope, only)).toEqual([
    { action: 'a', resource: 'x' },
    { action: 'a', resource: 'y' },
    { action: 'a', resource: 'x/1' },
  ]);
  expect(() => permissionsNamed(scope, permissionOption('c'))).toThrow('has no action “c”');
});

test('a parameter is a name and all that follows the first equals sign, each name once', () => {
  expect(parameterOption('batch=42=x', { other: '1' })).toEqual({ other: '1', batch: '42=x' });
  expect(Object.keys(parameterOption('__proto__=x'))).toEqual(['__proto__']);
  for (const wrong of ['batch', '=42', '']) expect(() => parameterOption(wrong)).toThrow('NAME=VALUE');
  expect(() => parameterOption('batch=1', { batch: '42' })).toThrow('given twice');
});

test('a value with quotes and a line break stays one word for the shell', () => {
  const change = credentialsEnvironment({
    grant: 'g-1',
    expires_at: '2026-11-21T03:31:00.000Z',
    credentials: { kind: 'token', token: "a'b\n$(id)", audience: 'x' },
  });
  expect(exportLines(change)).toContain("export COUNTERSIGN_TOKEN='a'\\''b\n$(id)'");
  expect(change.unset).toContain('AWS_SESSION_TOKEN');
});

test('AWS credentials bring their region, and unset a profile and a token that were there', () => {
  const change = credentialsEnvironment({
    grant: 'g-1',
    expires_at: '2026-11-21T03:31:00.000Z',
    credentials: {
      kind: 'aws',
      access_key_id: 'ASIA1',
      secret_access_key: 's',
      session_token: 't',
      region: 'eu-west-1',
    },
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
