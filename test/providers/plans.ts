import type { SessionPlan } from '../../src/app/ports.ts';

/** A moment with milliseconds, so that rounding shows. */
export const now = Date.UTC(2026, 4, 20, 9, 30, 0, 250);

const common = {
  session: 's-01JVPZ8QK3W6T1C9R2M5N7X0DF',
  grant: 'g-01JVPZ8QK3W6T1C9R2M5N7X0AB',
  person: 'p-abcdefghijklmnopqrstuvwxyz',
  nowMs: now,
  endsAtMs: now + 3_600_000,
} as const;

export function tokenPlan(change: Partial<SessionPlan> = {}): SessionPlan {
  return {
    ...common,
    role: 'orders-operator',
    targetName: 'orders',
    target: { zone: 'production', provider: 'token', audience: 'https://orders.example' },
    scope: [
      { action: 'orders:restart', resource: 'orders/queue', access: 'write' },
      { action: 'orders:read', resource: 'orders/*', access: 'read' },
    ],
    ...change,
  };
}

export const awsTarget = {
  zone: 'production',
  provider: 'aws',
  account: '447109238812',
  regions: ['eu-west-1', 'eu-central-1'],
} as const;

export function awsPlan(change: Partial<SessionPlan> = {}): SessionPlan {
  return {
    ...common,
    role: 'CountersignOrdersDb',
    targetName: 'payments-prod',
    target: awsTarget,
    scope: [
      {
        action: 'rds:FailoverDBCluster',
        resource: 'arn:aws:rds:eu-west-1:447109238812:cluster:orders',
        access: 'write',
      },
      {
        action: 'rds:RebootDBInstance',
        resource: 'arn:aws:rds:eu-west-1:447109238812:db:orders-1',
        access: 'write',
      },
      { action: 's3:DeleteObject', resource: 'arn:aws:s3:::acme-exports/batch/*', access: 'destructive' },
    ],
    ...change,
  };
}
