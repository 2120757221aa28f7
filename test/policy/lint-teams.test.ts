import { describe, expect, test } from 'vitest';
import { loadAwsCatalogue } from '../../src/cloud-actions/aws/load-catalogue.ts';
import { checkPolicyFile, type PolicyFinding } from '../../src/policy-file/check.ts';
import { noScopeFile } from './sample-policy.ts';

/*
 * Whole files, so that each finding is also seen to stand where its writer looks. A case is the sound file below with
 * one thing changed; `at` is the text that the finding points to.
 */
const [ada, bo, cy, di, maya] = ['a', 'b', 'c', 'd', 'm'].map((letter) => `p-${letter.repeat(26)}`);
const nowMs = Date.parse('2026-11-25T12:00:00Z');

const sound = `
groups:
  engineers: { people: [${ada}, ${bo}] }
  leads:     { people: [${cy}, ${di}, ${maya}] }
  duty:      { idp: duty }
  admins:    { people: [${cy}, ${di}] }
administrators: { from: admins, publish_needs: 2 }
workloads:
  deploy: { issuer: pipelines, subject: "repo:acme/shop", sponsor: engineers }
zones:
  production: { owner: leads }
  staging:    { owner: leads }
targets:
  shop:    { zone: production, token: { audience: "https://shop.example" } }
  orders:  { zone: production, token: { audience: "https://orders.example" } }
  test:    { zone: staging, token: { audience: "https://test.example" } }
  ledger:  { zone: production, aws: "012345678901", regions: [eu-west-1] }
ticket_sources: { register: { kind: register } }
tickets:
  incident: { source: register, project: INC, state: open, requester: responder, closing: ends-grants }
factors: { request: totp, review: totp, open: totp }
waiting: { review: 8h, activation: 1h, schedule: 7d }
notify: { zone-owners: [webhook], reviewers: [webhook] }
delegates:
  - { for: leads, to: duty, from: 2026-12-20, until: 2027-01-03 }
humans:
  cy: [${cy}, p-${'e'.repeat(26)}]
entitlements:
  repair:
    role: Repair
    targets: [shop, orders]
    parameters: { customer: { pattern: "^[0-9]{1,10}$" } }
    scope:
      - { actions: [orders.update], on: "customers/{customer}/*", access: write }
    eligible: [engineers, deploy]
    ticket: incident
    review: [{ people: 1, from: leads, escalate: { after: 10m, to: duty } }]
    at_most: 1h
    break_glass: { at_most: 30m, without: [identity-provider], named: [${ada}], review: { people: 1, from: duty, within: 24h } }
  ledger:
    role: Ledger
    target: ledger
    scope: [{ actions: ["rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:cluster:ledger", access: write }]
    eligible: [engineers]
    ticket: incident
    review: [{ people: 1, from: leads }]
    at_most: 1h
  play:
    role: Play
    target: test
    scope: [{ actions: [x], on: y, access: write }]
    eligible: [engineers]
    ticket: not-required
    review: not-required
    at_most: 8h
`;

const check = (text: string): Promise<readonly PolicyFinding[]> =>
  checkPolicyFile(
    { text, path: 'countersign.yaml', readScope: noScopeFile },
    { nowMs, loadCatalogue: loadAwsCatalogue },
  ).then(({ findings }) => findings);

test('the file all cases start from is sound', async () => {
  expect(await check(sound)).toEqual([]);
});

interface Case {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  readonly severity: 'error' | 'warning';
  readonly rule: string;
  /** Where the finding points, in the changed file. */
  readonly at: string;
  readonly says: string;
}

const awake =
  'awake: { from: "09:00", to: "17:00", time_zone: Europe/Berlin, days: [mon, tue, wed, thu, fri] }';
const stage = 'review: [{ people: 1, from: leads, escalate: { after: 10m, to: duty } }]';

const cases: readonly Case[] = [
  {
    title: 'an escalation to the group that decides already',
    from: 'after: 10m, to: duty',
    to: 'after: 10m, to: leads',
    severity: 'error',
    rule: 'escalations-lead-somewhere',
    at: 'leads } }]',
    says: 'escalates to nobody',
  },
  {
    title: 'an escalation after the request has expired',
    from: 'after: 10m, to: duty',
    to: 'after: 9h, to: duty',
    severity: 'error',
    rule: 'escalations-lead-somewhere',
    at: '9h',
    says: 'expires after 8h',
  },
  {
    title: 'an escalation to a group that does not exist',
    from: 'after: 10m, to: duty',
    to: 'after: 10m, to: dutty',
    severity: 'error',
    rule: 'references-exist',
    at: 'dutty',
    says: 'Did you mean `duty`?',
  },
  {
    title: 'a delegate for itself',
    from: 'for: leads, to: duty',
    to: 'for: leads, to: leads',
    severity: 'error',
    rule: 'delegates-stand-in',
    at: 'leads, from: 2026',
    says: 'cannot stand in for itself',
  },
  {
    title: 'delegates for each other',
    from: 'until: 2027-01-03 }',
    to: 'until: 2027-01-03 }\n  - { for: duty, to: leads, from: 2026-12-24, until: 2026-12-27 }',
    severity: 'error',
    rule: 'delegates-stand-in',
    at: '{ for: leads',
    says: 'each would wait for the other',
  },
  {
    title: 'a delegate whose days are over',
    from: 'from: 2026-12-20, until: 2027-01-03',
    to: 'from: 2026-10-20, until: 2026-11-03',
    severity: 'warning',
    rule: 'delegates-stand-in',
    at: '2026-11-03',
    says: 'means nobody now',
  },
  {
    title: 'a delegate who ends before beginning',
    from: 'from: 2026-12-20, until: 2027-01-03',
    to: 'from: 2027-12-20, until: 2027-01-03',
    severity: 'error',
    rule: 'delegates-stand-in',
    at: '2027-01-03',
    says: 'before it begins',
  },
  {
    title: 'a delegate for a group that no stage asks',
    from: 'for: leads, to: duty',
    to: 'for: engineers, to: duty',
    severity: 'warning',
    rule: 'delegates-stand-in',
    at: 'engineers, to: duty',
    says: 'No stage asks',
  },
  {
    title: 'people named for an outage that stops the break-glass anyway',
    from: 'without: [identity-provider]',
    to: 'without: [ticket]',
    severity: 'error',
    rule: 'named-people-meet-their-outage',
    at: `[${ada}], review`,
    says: 'does not work then',
  },
  {
    title: 'an outage for which nobody is named',
    from: `, named: [${ada}]`,
    to: '',
    severity: 'error',
    rule: 'named-people-meet-their-outage',
    at: '[identity-provider]',
    says: 'nobody is named',
  },
  {
    title: 'a parameter that nothing uses',
    from: 'customers/{customer}/*',
    to: 'customers/*',
    severity: 'error',
    rule: 'parameters-are-declared-and-used',
    at: '{ pattern',
    says: 'Nothing in the scope says',
  },
  {
    title: 'a parameter that is not declared',
    from: 'customers/{customer}/*',
    to: 'customers/{customr}/{customer}/*',
    severity: 'error',
    rule: 'parameters-are-declared-and-used',
    at: '{ actions: [orders.update]',
    says: 'Did you mean `customer`?',
  },
  {
    title: 'a pattern without anchors',
    from: '^[0-9]{1,10}$',
    to: '[0-9]{1,10}',
    severity: 'error',
    rule: 'parameter-patterns-are-safe',
    at: '"[0-9]',
    says: 'begin with ^',
  },
  {
    title: 'a pattern that could take for ever',
    from: '^[0-9]{1,10}$',
    to: '^([a-z]+)+$',
    severity: 'error',
    rule: 'parameter-patterns-are-safe',
    at: '"^([a-z]+)+$"',
    says: 'is more than literals',
  },
  {
    title: 'targets of two zones',
    from: 'targets: [shop, orders]',
    to: 'targets: [shop, test]',
    severity: 'error',
    rule: 'targets-belong-together',
    at: 'test]',
    says: 'must not open both',
  },
  {
    title: 'targets of two providers',
    from: 'targets: [shop, orders]',
    to: 'targets: [shop, ledger]',
    severity: 'error',
    rule: 'targets-belong-together',
    at: 'shop, ledger]',
    says: 'cannot speak to both',
  },
  {
    title: 'a schedule shorter than the wait for a review',
    from: 'schedule: 7d',
    to: 'schedule: 2h',
    severity: 'warning',
    rule: 'schedules-outlast-reviews',
    at: '2h }',
    says: 'decided after its start',
  },
  {
    title: 'closing of a ticket that is closed from the beginning',
    from: 'state: open, requester: responder',
    to: 'state: closed, requester: responder',
    severity: 'error',
    rule: 'closing-follows-an-open-ticket',
    at: 'ends-grants',
    says: 'cannot end it',
  },
  {
    title: 'closing beside an emergency without a ticket',
    from: 'without: [identity-provider]',
    to: 'without: [identity-provider, ticket]',
    severity: 'warning',
    rule: 'closing-follows-an-open-ticket',
    at: '[identity-provider, ticket]',
    says: 'lasts its whole time',
  },
  {
    title: 'one identity that is two humans',
    from: `cy: [${cy},`,
    to: `di: [${cy}, ${di}]\n  cy: [${cy},`,
    severity: 'error',
    rule: 'humans-are-told-apart',
    at: `${cy}, p-eee`,
    says: 'cannot be two humans',
  },
  {
    title: 'a human with one identity twice',
    from: `p-${'e'.repeat(26)}`,
    to: String(cy),
    severity: 'error',
    rule: 'humans-are-told-apart',
    at: 'cy: [',
    says: 'one identity only',
  },
  {
    title: 'e-mail for a group without an address',
    from: 'reviewers: [webhook] }',
    to: 'reviewers: [webhook], administrators: [email] }',
    severity: 'warning',
    rule: 'mail-has-an-address',
    at: 'admins: ',
    says: 'has no address',
  },
  {
    title: 'a member whose last day is over',
    from: `people: [${ada}, ${bo}]`,
    to: `people: [${ada}, { person: ${bo}, until: 2026-11-01 }]`,
    severity: 'warning',
    rule: 'groups-have-not-lapsed',
    at: '{ person',
    says: 'is not now',
  },
  {
    title: 'a reviewing group with too few people',
    from: stage,
    to: 'review: [{ people: 4, from: leads }]',
    severity: 'error',
    rule: 'somebody-can-decide',
    at: '[{ people: 4',
    says: 'have only 3 for it',
  },
  {
    title: 'a stage that only sponsors of a workload could decide',
    from: stage,
    to: 'review: [{ people: 1, from: engineers }]',
    severity: 'warning',
    rule: 'somebody-can-decide',
    at: '{ people: 1, from: engineers }',
    says: 'Only sponsors of `deploy`',
  },
  {
    title: 'a reviewing group whose last day is over',
    from: `leads:     { people: [${cy}, ${di}, ${maya}] }`,
    to: `leads:     { people: [${cy}, ${di}, ${maya}], until: 2026-11-24 }`,
    severity: 'error',
    rule: 'somebody-can-decide',
    at: '[{ people: 1, from: leads }]',
    says: 'have nobody for it',
  },
  {
    title: 'two stages that one human would have to sign',
    from: `review: [{ people: 1, from: leads }]`,
    to: `review: [{ people: 2, from: admins }, { people: 2, from: leads }]`,
    severity: 'error',
    rule: 'somebody-can-decide',
    at: '[{ people: 2, from: admins }',
    says: '4 different humans have to sign, and the reviewing groups have only 3',
  },
  {
    title: 'a requester who is the only reviewer',
    from: `ledger\n    scope: [{ actions: ["rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:cluster:ledger", access: write }]\n    eligible: [engineers]\n    ticket: incident\n    review: [{ people: 1, from: leads }]`,
    to: `ledger\n    scope: [{ actions: ["rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:cluster:ledger", access: write }]\n    eligible: [admins]\n    ticket: incident\n    review: [{ people: 2, from: admins }]`,
    severity: 'error',
    rule: 'somebody-can-decide',
    at: '[{ people: 2, from: admins }]',
    says: 'Nobody signs off on their own request',
  },
  {
    title: 'a workload whose sponsors are its only reviewers',
    from: 'sponsor: engineers',
    to: 'sponsor: leads',
    severity: 'warning',
    rule: 'somebody-can-decide',
    at: 'none',
    says: '',
  },
  {
    title: 'an emergency that only its user could review',
    from: 'review: { people: 1, from: duty, within: 24h }',
    to: 'review: { people: 2, from: engineers, within: 24h }',
    severity: 'warning',
    rule: 'somebody-can-decide',
    at: 'engineers, within',
    says: 'debt could never be paid',
  },
  {
    title: 'administrators who are too few',
    from: `admins:    { people: [${cy}, ${di}] }`,
    to: `admins:    { people: [${cy}, p-${'e'.repeat(26)}] }`,
    severity: 'error',
    rule: 'administrators-can-publish',
    at: 'admins, publish_needs',
    says: 'has only 1',
  },
  {
    title: 'hours at which nobody who may decide is awake',
    from: `leads:     { people: [${cy}, ${di}, ${maya}] }`,
    to: `leads:     { people: [${cy}, ${di}, ${maya}], ${awake} }`,
    severity: 'warning',
    rule: 'somebody-is-awake',
    at: '{ people: 1, from: leads }]',
    says: 'fri 17:00 to mon 09:00',
  },
  {
    title: 'emergencies that nobody is awake to review in time',
    from: '{ idp: duty }',
    to: `{ idp: duty, ${awake} }`,
    severity: 'warning',
    rule: 'somebody-is-awake',
    at: '24h }',
    says: 'could not be reviewed within 1d',
  },
  {
    title: 'an AWS service that does not exist',
    from: 'rds:Failover',
    to: 'rdss:Failover',
    severity: 'error',
    rule: 'actions-are-in-the-catalogue',
    at: '{ actions: ["rdss',
    says: 'Did you mean `rds:FailoverDBCluster`?',
  },
  {
    title: 'an AWS action that does not exist',
    from: 'rds:FailoverDBCluster',
    to: 'rds:FailoverDBClusters',
    severity: 'error',
    rule: 'actions-are-in-the-catalogue',
    at: '{ actions: ["rds',
    says: 'Did you mean `rds:FailoverDBCluster`?',
  },
  {
    title: 'a pattern that no AWS action fits',
    from: 'rds:FailoverDBCluster',
    to: 'rds:Explode*',
    severity: 'error',
    rule: 'actions-are-in-the-catalogue',
    at: '{ actions: ["rds',
    says: 'fits `rds:Explode*`',
  },
  {
    title: 'an AWS action in another spelling',
    from: 'rds:FailoverDBCluster',
    to: 'rds:failoverdbcluster',
    severity: 'error',
    rule: 'actions-are-in-the-catalogue',
    at: '{ actions: ["rds',
    says: 'AWS spells it `rds:FailoverDBCluster`',
  },
  {
    title: 'every action of AWS',
    from: 'rds:FailoverDBCluster',
    to: '*',
    severity: 'error',
    rule: 'scope-fits-the-provider',
    at: '{ actions: ["*"]',
    says: 'every action of AWS',
  },
  ...(
    [
      ['writing called reading', 'rds:RebootDBInstance', 'read', 'db:x', 'Write `access: write`'],
      ['a pattern with writing in it', 'rds:*', 'read', 'db:x', 'lets `rds:'],
      ['tagging called reading', 'iam:TagRole', 'read', 'x', '“Tagging, Write”'],
      ['permissions called reading', 'iam:AttachRolePolicy', 'read', 'x', '“Permissions management, Write”'],
      ['a secret called reading', 'secretsmanager:GetSecretValue', 'read', 'x', 'hands out a secret'],
      ['a login called writing', 'rds-db:connect', 'write', 'x', 'Write `access: credentials`'],
    ] as const
  ).map(([title, action, access, _, says]) => ({
    title,
    from: 'actions: ["rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:cluster:ledger", access: write',
    to: `actions: ["${action}"], on: "arn:aws:rds:eu-west-1:012345678901:db:x", access: ${access}`,
    severity: 'error' as const,
    rule: 'access-is-not-understated',
    at: `{ actions: ["${action}`,
    says,
  })),
  {
    title: 'destroying called writing',
    from: 'rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:cluster:ledger"',
    to: 'rds:DeleteDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:cluster:ledger"',
    severity: 'warning',
    rule: 'access-is-not-understated',
    at: '{ actions: ["rds',
    says: 'Write `access: destructive`',
  },
  {
    title: 'a resource that the action cannot act on',
    from: 'rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:cluster:ledger"',
    to: 'rds:StopDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:db:ledger"',
    severity: 'error',
    rule: 'resources-fit-their-actions',
    at: '{ actions: ["rds',
    says: 'It acts on `arn:*:rds:*:*:cluster:*`',
  },
  {
    title: 'a resource for an action that takes none',
    from: 'rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:cluster:ledger", access: write',
    to: 'ec2:DescribeInstances"], on: "arn:aws:ec2:eu-west-1:012345678901:instance/i-1", access: read',
    severity: 'error',
    rule: 'resources-fit-their-actions',
    at: '{ actions: ["ec2',
    says: 'write `on: "*"`',
  },
];

function placeOf(text: string, marker: string): string {
  const before = text.slice(0, text.indexOf(marker)).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

describe('lint finds', () => {
  test.each(cases.filter(({ at }) => at !== 'none'))(
    '$title',
    async ({ from, to, severity, rule, at, says }) => {
      expect(sound).toContain(from);
      const text = sound.replace(from, () => to);
      expect(text).toContain(at);
      const found = (await check(text)).filter((finding) => finding.rule === rule);
      expect(found.map((finding) => [finding.severity, finding.at])).toContainEqual([
        severity,
        placeOf(text, at),
      ]);
      expect(found.map(({ message }) => message).join('\n')).toContain(says);
    },
  );
});

describe('lint says nothing of', () => {
  test.each(cases.filter(({ at }) => at === 'none'))('$title, where it can still be decided', async (one) => {
    expect(sound).toContain(one.from);
    const found = await check(sound.replace(one.from, () => one.to));
    expect(found.filter(({ rule }) => rule === one.rule)).toEqual([]);
  });
});

test('every finding shows what would be right', async () => {
  for (const { from, to } of cases) {
    for (const { message } of await check(sound.replace(from, () => to))) {
      expect(message).toMatch(/`[^`]+`[^`]*\.?$|Example: `|Write `|write `|Did you mean `/);
    }
  }
});
