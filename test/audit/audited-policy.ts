import type { Policy } from '../../src/domain/policy/policy.ts';
import { ordersPolicy } from '../orders-policy.ts';

/** The id of somebody in a story. */
export const personId = (name: string): string => `p-${name.padEnd(26, 'a')}`;

/** Stories begin on 4 May 2026, at eight in the morning. */
export const auditedPolicy: Policy = {
  ...ordersPolicy,
  groups: {
    ...ordersPolicy.groups,
    deputies: { idp: 'dep', issuer: null, until: null },
    responders: {
      idp: null,
      issuer: null,
      until: null,
      people: [
        { person: personId('maya'), until: null },
        { person: personId('rosa'), until: null },
        { person: personId('noor'), until: '2026-05-05' },
      ],
    },
  },
  targets: {
    ...ordersPolicy.targets,
    'orders-eu': { zone: 'production', provider: 'token', audience: 'https://orders.example/eu' },
  },
  tickets: {
    ...ordersPolicy.tickets,
    outage: {
      source: 'register',
      project: 'OUT',
      state: 'open',
      requester: 'responder',
      window: 'not-required',
      closing: 'ends-grants',
    },
  },
  waiting: { ...ordersPolicy.waiting, schedule_seconds: 172_800 },
  entitlements: {
    ...ordersPolicy.entitlements,
    shard: {
      role: 'OrdersShard',
      targets: ['orders-eu', 'orders-prod'],
      scope: [
        { action: 'shards.read', resource: 'shards/{shard}', access: 'read' },
        { action: 'shards.restart', resource: 'shards/{shard}', access: 'write' },
      ],
      parameters: { shard: { pattern: '^[a-z]{2}-[0-9]{1,3}$', says: 'which one' } },
      eligible: ['responders', 'engineers'],
      ticket: 'outage',
      review: [{ people: 1, from: 'leads', escalate: { after_seconds: 900, to: 'security' } }],
      at_most_seconds: 3600,
      break_glass: {
        at_most_seconds: 1800,
        without: ['identity-provider', 'ticket', 'witness'],
        named: [personId('maya')],
        review: { people: 1, from: 'security', within_seconds: 86_400 },
      },
    },
  },
  notify: { reviewers: ['email'], zone_owners: [], requesters: [], administrators: [] },
  delegates: [{ for: 'leads', to: 'deputies', from: '2026-05-04', until: '2026-05-05' }],
  humans: {
    maya: [personId('maya'), personId('maya-home')],
    tomas: [personId('tomas'), personId('tomas-home')],
    ann: [personId('ann'), personId('ann-home')],
    sid: [personId('sid'), personId('sid-home')],
  },
};
