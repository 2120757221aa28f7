import type { Permission, Policy } from '../src/domain/policy/policy.ts';

const batches: readonly Permission[] = [
  { action: 'batches.read', resource: 'orders-export', access: 'read' },
  { action: 'batches.delete', resource: 'orders-export/batches/*', access: 'destructive' },
];

/** What the tests of decisions and use cases happen under: one entitlement for each kind of story. */
export const ordersPolicy: Policy = {
  version: 1,
  groups: {
    engineers: { idp: 'eng', issuer: null, until: null },
    contractors: { idp: 'ext', issuer: null, until: '2026-06-30' },
    leads: { idp: 'leads', issuer: null, until: null },
    security: { idp: 'sec', issuer: null, until: null },
    admins: { idp: 'adm', issuer: null, until: null },
  },
  workloads: { deploy: { issuer: 'pipelines', subject: 'repo:acme/payments', sponsor: 'leads' } },
  administrators: { from: 'admins', publish_needs: 2 },
  auditors: null,
  zones: { production: { owner: 'leads' } },
  targets: {
    'orders-prod': { zone: 'production', provider: 'token', audience: 'https://orders.example' },
    'payments-prod': { zone: 'production', provider: 'aws', account: '447109238812', regions: ['eu-west-1'] },
  },
  ticket_sources: { register: { kind: 'register' } },
  tickets: {
    incident: {
      source: 'register',
      project: 'INC',
      state: 'open',
      requester: 'responder',
      window: 'not-required',
    },
    change: {
      source: 'register',
      project: 'CHG',
      state: 'approved',
      requester: 'assignee',
      window: 'required',
    },
  },
  factors: { request: 'totp', review: 'totp', open: 'totp' },
  waiting: { review_seconds: 28_800, activation_seconds: 3600 },
  entitlements: {
    operator: {
      role: 'OrdersOperator',
      targets: ['orders-prod'],
      scope: batches,
      eligible: ['engineers', 'contractors'],
      ticket: 'incident',
      review: [{ people: 1, from: 'leads' }],
      at_most_seconds: 3600,
      break_glass: {
        at_most_seconds: 1800,
        without: ['ticket'],
        review: { people: 1, from: 'security', within_seconds: 86_400 },
      },
    },
    repair: {
      role: 'LedgerRepair',
      targets: ['orders-prod'],
      scope: batches,
      eligible: ['engineers'],
      ticket: 'change',
      review: [
        { people: 1, from: 'leads' },
        { people: 1, from: 'security' },
      ],
      at_most_seconds: 7200,
      break_glass: null,
    },
    look: {
      role: 'OrdersLook',
      targets: ['orders-prod'],
      scope: [{ action: 'batches.read', resource: 'orders-export', access: 'read' }],
      eligible: ['engineers'],
      ticket: null,
      review: null,
      at_most_seconds: 28_800,
      break_glass: null,
    },
    failover: {
      role: 'CountersignOrdersDb',
      targets: ['payments-prod'],
      scope: [
        {
          action: 'rds:FailoverDBCluster',
          resource: 'arn:aws:rds:eu-west-1:447109238812:cluster:orders',
          access: 'write',
        },
      ],
      eligible: ['engineers'],
      ticket: null,
      review: [{ people: 1, from: 'leads' }],
      at_most_seconds: 3600,
      break_glass: null,
    },
    deploys: {
      role: 'Deploy',
      targets: ['orders-prod'],
      scope: batches,
      eligible: ['deploy'],
      ticket: null,
      review: [{ people: 1, from: 'security' }],
      at_most_seconds: 3600,
      break_glass: null,
    },
  },
  emergency_principals: [],
};
