import type { Entitlement, Policy } from '../../../src/domain/policy/policy.ts';
import { personId } from '../../../src/identity/person-id.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import { storyGroups } from './story-world.ts';
import { type World, worldUnder } from './world.ts';

const idOf = (name: string) => personId(new Uint8Array(32).fill(5), 'human', 'https://idp.example', name);

/** Maya has a second login that is in the leads; Stan stands in for them on the story's day and the next. */
const flowsGroups = {
  ...storyGroups,
  'maya at work': ['leads', 'eng'],
  stan: ['standby'],
  dora: [],
} as const;

const { operator, look } = ordersPolicy.entitlements;
if (operator === undefined || look === undefined) throw new Error('the policy of the stories has changed');

const outage: Entitlement = {
  ...operator,
  role: 'OutageRepair',
  targets: ['billing-prod', 'orders-prod'],
  eligible: ['engineers', 'oncall'],
  review: [{ people: 1, from: 'leads', escalate: { after_seconds: 900, to: 'security' } }],
};

/** As the policy of the stories, with everything that is not of every day. */
export const flowsPolicy: Policy = {
  ...ordersPolicy,
  groups: {
    ...ordersPolicy.groups,
    standby: { idp: 'standby', issuer: null, until: null },
    oncall: {
      idp: null,
      issuer: null,
      until: null,
      people: [{ person: idOf('dora'), until: '2026-05-04' }],
    },
  },
  targets: {
    ...ordersPolicy.targets,
    'billing-prod': { zone: 'production', provider: 'token', audience: 'https://billing.example' },
  },
  tickets: Object.fromEntries(
    Object.entries(ordersPolicy.tickets).map(([name, rule]) => [
      name,
      name === 'incident' ? { ...rule, closing: 'ends-grants' as const } : rule,
    ]),
  ),
  waiting: { ...ordersPolicy.waiting, schedule_seconds: 604_800 },
  delegates: [{ for: 'leads', to: 'standby', from: '2026-05-04', until: '2026-05-05' }],
  humans: { maya: [idOf('maya'), idOf('maya at work')] },
  entitlements: {
    ...ordersPolicy.entitlements,
    outage,
    batch: {
      ...look,
      role: 'OneBatch',
      scope: [
        { action: 'batches.delete', resource: 'orders-export/batches/{batch}', access: 'destructive' },
        { action: 'batches.read', resource: 'orders-export/batches/{batch}/*', access: 'read' },
      ],
      parameters: { batch: { pattern: '^b-[0-9]{1,6}$', says: 'the number of a batch' } },
    },
  },
};

export const flowsWorld = (): Promise<World> => worldUnder(flowsPolicy, flowsGroups, ['ann', 'bob']);
