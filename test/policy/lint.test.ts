import { describe, expect, test } from 'vitest';
import type { LintOptions } from '../../src/domain/policy/lint.ts';
import { lintPolicy } from '../../src/domain/policy/lint.ts';
import type { Policy, Target } from '../../src/domain/policy/policy.ts';
import { samplePolicy, withEntitlement } from './sample-policy.ts';

const options: LintOptions = { nowMs: Date.parse('2026-06-15T12:00:00Z') };

test('a sound policy has no findings', () => {
  expect(lintPolicy(samplePolicy, options)).toEqual([]);
});

interface Case {
  readonly title: string;
  readonly policy: Policy;
  readonly severity: 'error' | 'warning';
  readonly rule: string;
  readonly pointer: string;
  readonly says: string;
  readonly options?: Partial<LintOptions>;
}

const { groups, workloads, zones, targets, tickets, factors, administrators } = samplePolicy;
const leads = { idp: 'leads', issuer: null, until: null };
const deploy = {
  issuer: 'github-actions',
  subject: 'repo:acme/shop:environment:production',
  sponsor: 'duty',
};
const token = (zone: string, audience: string): Target => ({ zone, provider: 'token', audience });

function breakGlass(fields: Partial<NonNullable<Policy['entitlements'][string]['break_glass']>>) {
  const review = { people: 1, from: 'duty', within_seconds: 86_400 };
  return { break_glass: { at_most_seconds: 1_800, without: [], review, ...fields } };
}

const missing: readonly (readonly [what: string, policy: Policy, pointer: string, says: string])[] = [
  [
    'eligible group',
    withEntitlement('repair', { eligible: ['enginers'] }),
    '/entitlements/repair/eligible/0',
    '`engineers`?',
  ],
  [
    'target',
    withEntitlement('repair', { targets: ['shop'] }),
    '/entitlements/repair/targets/0',
    'no target `shop`',
  ],
  [
    'ticket rule',
    withEntitlement('repair', { ticket: 'incidents' }),
    '/entitlements/repair/ticket',
    'Did you mean `incident`?',
  ],
  [
    'review group',
    withEntitlement('repair', { review: [{ people: 1, from: 'x' }] }),
    '/entitlements/repair/review/0/from',
    'no group `x`',
  ],
  [
    'break-glass review group',
    withEntitlement('repair', breakGlass({ review: { people: 1, from: 'constructor', within_seconds: 60 } })),
    '/entitlements/repair/break_glass/review/from',
    'no group `constructor`',
  ],
  [
    'human where a workload is named',
    withEntitlement('repair', breakGlass({ review: { people: 1, from: 'deploy', within_seconds: 60 } })),
    '/entitlements/repair/break_glass/review/from',
    'humans are needed',
  ],
  [
    'zone',
    { ...samplePolicy, targets: { ...targets, 'shop-prod': token('prod', 'https://a.example') } },
    '/targets/shop-prod/zone',
    'no zone `prod`',
  ],
  [
    'zone owner',
    { ...samplePolicy, zones: { ...zones, production: { owner: 'boss' } } },
    '/zones/production/owner',
    'no group `boss`',
  ],
  [
    'sponsor',
    { ...samplePolicy, workloads: { deploy: { ...deploy, sponsor: 'boss' } } },
    '/workloads/deploy/sponsor',
    'no group `boss`',
  ],
  [
    'administrators group',
    { ...samplePolicy, administrators: { from: 'boss', publish_needs: 2 } },
    '/administrators/from',
    'no group `boss`',
  ],
  ['auditors group', { ...samplePolicy, auditors: { from: 'boss' } }, '/auditors/from', 'no group `boss`'],
  [
    'ticket source',
    { ...samplePolicy, ticket_sources: {} },
    '/tickets/incident/source',
    'no ticket source `register`',
  ],
  [
    'emergency target',
    { ...samplePolicy, emergency_principals: [{ role: 'Sealed', target: 'gone', drill_every_days: 90 }] },
    '/emergency_principals/0/target',
    'no target `gone`',
  ],
];

const cases: readonly Case[] = [
  ...missing.map(([what, policy, pointer, says]) => ({
    title: `a missing ${what}`,
    policy,
    severity: 'error' as const,
    rule: 'references-exist',
    pointer,
    says,
  })),
  {
    title: 'requesters who are to be told by e-mail',
    policy: { ...samplePolicy, notify: { ...samplePolicy.notify, requesters: ['webhook', 'email'] } },
    severity: 'error',
    rule: 'requesters-are-told-by-webhook',
    pointer: '/notify/requesters/1',
    says: 'requesters: [webhook]',
  },
  {
    title: 'break-glass of which nobody hears',
    policy: { ...samplePolicy, notify: { requesters: ['webhook'] } },
    severity: 'warning',
    rule: 'somebody-hears-of-break-glass',
    pointer: '/entitlements/repair/break_glass',
    says: 'notify: { zone-owners: [email]',
  },
  {
    title: 'nobody eligible',
    policy: withEntitlement('repair', { eligible: [] }),
    severity: 'warning',
    rule: 'somebody-is-eligible',
    pointer: '/entitlements/repair/eligible',
    says: 'nobody',
  },
  ...(['write', 'destructive', 'credentials'] as const).map((access) => ({
    title: `${access} access in production without a review`,
    policy: withEntitlement('repair', { review: null, scope: [{ action: 'a', resource: 'b', access }] }),
    severity: 'error' as const,
    rule: 'production-writes-are-reviewed',
    pointer: '/entitlements/repair/review',
    says: access,
  })),
  {
    title: 'a production write without a ticket',
    policy: withEntitlement('repair', { ticket: null }),
    severity: 'warning',
    rule: 'production-writes-need-a-ticket',
    pointer: '/entitlements/repair/ticket',
    says: 'ticket: incident',
  },
  ...['*', '*:*', '**', 'arn:*', 'arn:aws:*', '*/*', '?*'].map((resource) => ({
    title: `a production write on ${resource}`,
    policy: withEntitlement('ledger', { scope: [{ action: 'rds:Reboot', resource, access: 'write' }] }),
    severity: 'error' as const,
    rule: 'production-scope-is-bounded',
    pointer: '/entitlements/ledger/scope/0',
    says: 'everything',
  })),
  {
    title: 'every action in production',
    policy: withEntitlement('repair', {
      scope: [{ action: '*', resource: 'export', access: 'destructive' }],
    }),
    severity: 'error',
    rule: 'production-scope-is-bounded',
    pointer: '/entitlements/repair/scope/0',
    says: 'everything',
  },
  {
    title: 'a stage that needs nobody',
    policy: withEntitlement('repair', {
      review: [
        { people: 1, from: 'leads' },
        { people: 0, from: 'leads' },
      ],
    }),
    severity: 'error',
    rule: 'stages-need-people',
    pointer: '/entitlements/repair/review/1/people',
    says: 'nobody',
  },
  {
    title: 'a review without stages',
    policy: withEntitlement('repair', { review: [] }),
    severity: 'error',
    rule: 'stages-need-people',
    pointer: '/entitlements/repair/review',
    says: 'nobody',
  },
  {
    title: 'a break-glass review by nobody',
    policy: withEntitlement(
      'repair',
      breakGlass({ review: { people: 0, from: 'duty', within_seconds: 60 } }),
    ),
    severity: 'error',
    rule: 'stages-need-people',
    pointer: '/entitlements/repair/break_glass/review/people',
    says: 'nobody',
  },
  {
    title: 'more than twelve hours',
    policy: withEntitlement('repair', { at_most_seconds: 12 * 3_600 + 60 }),
    severity: 'error',
    rule: 'sessions-fit-the-provider',
    pointer: '/entitlements/repair/at_most_seconds',
    says: '12 hours',
  },
  {
    title: 'less than fifteen minutes on AWS',
    policy: withEntitlement('ledger', { at_most_seconds: 899 }),
    severity: 'warning',
    rule: 'sessions-fit-the-provider',
    pointer: '/entitlements/ledger/at_most_seconds',
    says: '15 minutes',
  },
  {
    title: 'break-glass beyond the entitlement',
    policy: withEntitlement('repair', breakGlass({ at_most_seconds: 3_601 })),
    severity: 'error',
    rule: 'break-glass-is-shorter',
    pointer: '/entitlements/repair/break_glass/at_most_seconds',
    says: 'longer',
  },
  {
    title: 'one administrator alone',
    policy: { ...samplePolicy, administrators: { ...administrators, publish_needs: 1 } },
    severity: 'error',
    rule: 'publishing-needs-two',
    pointer: '/administrators/publish_needs',
    says: 'publish_needs: 2',
  },
  {
    title: 'reviews without a factor',
    policy: { ...samplePolicy, factors: { ...factors, review: 'none' } },
    severity: 'error',
    rule: 'reviews-need-a-factor',
    pointer: '/factors/review',
    says: 'review: totp',
  },
  {
    title: 'a group whose last day was yesterday',
    policy: { ...samplePolicy, groups: { ...groups, leads: { ...leads, until: '2026-06-14' } } },
    severity: 'warning',
    rule: 'groups-have-not-lapsed',
    pointer: '/groups/leads/until',
    says: '2026-06-14',
  },
  ...(['groups', 'targets', 'tickets', 'ticket_sources', 'zones', 'workloads'] as const).map((section) => ({
    title: `something unused in ${section}`,
    policy: withSpare(section),
    severity: 'warning' as const,
    rule: 'everything-is-used',
    pointer: `/${section}/spare`,
    says: 'Nothing uses `spare`',
  })),
  {
    title: 'names that differ in case alone',
    policy: { ...samplePolicy, groups: { ...groups, Leads: leads } },
    severity: 'error',
    rule: 'names-look-different',
    pointer: '/groups/Leads',
    says: 'looks like `leads`',
  },
  {
    title: 'names that differ in compatibility form alone',
    policy: { ...samplePolicy, groups: { ...groups, ｌeads: leads } },
    severity: 'error',
    rule: 'names-look-different',
    pointer: '/groups/ｌeads',
    says: 'looks like',
  },
  {
    title: 'a Cyrillic letter in a Latin name',
    policy: { ...samplePolicy, groups: { ...groups, 'le\u0430ds': leads } },
    severity: 'error',
    rule: 'names-look-different',
    pointer: '/groups/le\u0430ds',
    says: 'mixes alphabets',
  },
  {
    title: 'a name that is group and workload',
    policy: { ...samplePolicy, groups: { ...groups, deploy: leads } },
    severity: 'error',
    rule: 'names-mean-one-thing',
    pointer: '/workloads/deploy',
    says: 'also a group',
  },
  {
    title: 'two workloads with one subject',
    policy: { ...samplePolicy, workloads: { ...workloads, other: deploy } },
    severity: 'error',
    rule: 'names-mean-one-thing',
    pointer: '/workloads/other/subject',
    says: '`deploy` has the same',
  },
  {
    title: 'one audience in two zones',
    policy: {
      ...samplePolicy,
      targets: { ...targets, 'shop-staging': token('staging', 'https://shop.example') },
    },
    severity: 'error',
    rule: 'targets-are-apart',
    pointer: '/targets/shop-staging/audience',
    says: '`shop-prod`',
  },
  {
    title: 'a token action for AWS',
    policy: withEntitlement('ledger', { scope: [{ action: 'batches.read', resource: '*', access: 'read' }] }),
    severity: 'error',
    rule: 'scope-fits-the-provider',
    pointer: '/entitlements/ledger/scope/0',
    says: 'not an IAM action',
  },
  {
    title: 'a resource that is no ARN for AWS',
    policy: withEntitlement('ledger', {
      scope: [{ action: 'rds:Reboot', resource: 'ledger', access: 'read' }],
    }),
    severity: 'error',
    rule: 'scope-fits-the-provider',
    pointer: '/entitlements/ledger/scope/0',
    says: 'not an ARN',
  },
  {
    title: 'an ARN of another account',
    policy: withEntitlement('ledger', {
      scope: [{ action: 'rds:Reboot', resource: 'arn:aws:rds:eu-west-1:999999999999:db:x', access: 'write' }],
    }),
    severity: 'error',
    rule: 'scope-fits-the-provider',
    pointer: '/entitlements/ledger/scope/0',
    says: 'account 999999999999',
  },
  {
    title: 'a star in the middle for a token target',
    policy: withEntitlement('repair', {
      scope: [{ action: 'batches.read', resource: 'export/*/x', access: 'read' }],
    }),
    severity: 'error',
    rule: 'scope-fits-the-provider',
    pointer: '/entitlements/repair/scope/0',
    says: 'at the end only',
  },
  {
    title: 'an issuer that is not configured',
    policy: { ...samplePolicy, groups: { ...groups, leads: { ...leads, issuer: 'corb' } } },
    severity: 'error',
    rule: 'issuers-are-known',
    pointer: '/groups/leads',
    says: 'Did you mean `corp`?',
    options: { issuers: ['corp'] },
  },
  {
    title: 'a group that leaves open which of two issuers is meant',
    policy: samplePolicy,
    severity: 'error',
    rule: 'issuers-are-known',
    pointer: '/groups/leads',
    says: 'Several issuers',
    options: { issuers: ['corp', 'partner'] },
  },
  {
    title: 'a workload issuer that is not configured',
    policy: samplePolicy,
    severity: 'error',
    rule: 'issuers-are-known',
    pointer: '/workloads/deploy/issuer',
    says: 'Configured: none',
    options: { workloadIssuers: [] },
  },
  {
    title: 'going without a witness, for whom nothing waits',
    policy: withEntitlement('repair', breakGlass({ without: ['witness'] })),
    severity: 'warning',
    rule: 'only-what-is-built',
    pointer: '/entitlements/repair/break_glass/without',
    says: 'changes nothing yet',
  },
];

function withSpare(
  section: 'groups' | 'targets' | 'tickets' | 'ticket_sources' | 'zones' | 'workloads',
): Policy {
  const spare = {
    groups: leads,
    targets: token('production', 'https://spare.example'),
    tickets: tickets['incident'],
    ticket_sources: { kind: 'register' },
    zones: { owner: 'leads' },
    workloads: { ...deploy, subject: 'repo:acme/spare' },
  };
  return { ...samplePolicy, [section]: { ...samplePolicy[section], spare: spare[section] } };
}

describe('lint finds', () => {
  test.each(cases)('$title', ({ policy, severity, rule, pointer, says, options: more }) => {
    const findings = lintPolicy(policy, { ...options, ...more });
    expect(findings).toContainEqual({ severity, rule, pointer, message: expect.stringContaining(says) });
  });
});

const fine: readonly (readonly [
  title: string,
  policy: Policy,
  rule: string,
  options: Partial<LintOptions>,
])[] = [
  [
    'reading production without a review',
    withEntitlement('repair', readOnly({ review: null })),
    'production-writes-are-reviewed',
    {},
  ],
  [
    'reading production without a ticket',
    withEntitlement('repair', readOnly({ ticket: null })),
    'production-writes-need-a-ticket',
    {},
  ],
  [
    'reading everything',
    withEntitlement('ledger', { scope: [{ action: '*', resource: '*', access: 'read' }] }),
    'production-scope-is-bounded',
    {},
  ],
  [
    'a pattern under a name',
    withEntitlement('repair', { scope: [{ action: 'a', resource: 'x/*', access: 'write' }] }),
    'production-scope-is-bounded',
    {},
  ],
  [
    'a star at the end',
    withEntitlement('repair', { scope: [{ action: 'a.*', resource: 'x/*', access: 'write' }] }),
    'scope-fits-the-provider',
    {},
  ],
  [
    'an ARN without an account',
    withEntitlement('ledger', {
      scope: [{ action: 's3:GetObject', resource: 'arn:aws:s3:::b/*', access: 'read' }],
    }),
    'scope-fits-the-provider',
    {},
  ],
  ['twelve hours', withEntitlement('repair', { at_most_seconds: 43_200 }), 'sessions-fit-the-provider', {}],
  [
    'fifteen minutes on AWS',
    withEntitlement('ledger', { at_most_seconds: 900 }),
    'sessions-fit-the-provider',
    {},
  ],
  [
    'five minutes of a token',
    withEntitlement('repair', { at_most_seconds: 300, break_glass: null }),
    'sessions-fit-the-provider',
    {},
  ],
  [
    'break-glass as long as the entitlement',
    withEntitlement('repair', breakGlass({ at_most_seconds: 3_600 })),
    'break-glass-is-shorter',
    {},
  ],
  [
    'a group on its last day',
    { ...samplePolicy, groups: { ...groups, leads: { ...leads, until: '2026-06-15' } } },
    'groups-have-not-lapsed',
    {},
  ],
  [
    'one audience twice in a zone',
    { ...samplePolicy, targets: { ...targets, two: token('production', 'https://shop.example') } },
    'targets-are-apart',
    {},
  ],
  [
    'the same name in two sections',
    { ...samplePolicy, targets: { ...targets, repair: token('production', 'https://r.example') } },
    'names-look-different',
    {},
  ],
  [
    'the one issuer left open',
    samplePolicy,
    'issuers-are-known',
    { issuers: ['corp'], workloadIssuers: ['github-actions'] },
  ],
];

function readOnly(fields: Partial<Policy['entitlements'][string]>) {
  return { scope: [{ action: 'batches.read', resource: 'export', access: 'read' as const }], ...fields };
}

describe('lint says nothing against', () => {
  test.each(fine)('%s', (_, policy, rule, more) => {
    const findings = lintPolicy(policy, { ...options, ...more });
    expect(findings.filter((finding) => finding.rule === rule)).toEqual([]);
  });
});

test('errors come before warnings', () => {
  const policy = { ...withEntitlement('repair', { eligible: [], ticket: null, review: null }) };
  const severities = lintPolicy(policy, options).map(({ severity }) => severity);
  expect(severities).toEqual(severities.toSorted());
  expect(new Set(severities)).toEqual(new Set(['error', 'warning']));
});
