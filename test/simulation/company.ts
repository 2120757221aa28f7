import type { PersonId } from '../../src/domain/ids.ts';
import type { Entitlement, Group, Permission, Policy, Stage } from '../../src/domain/policy/policy.ts';
import { personId } from '../../src/identity/person-id.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

export const ISSUER = 'corp';
export const ISSUER_URL = 'https://idp.example';
export const PIPELINES_URL = 'https://pipelines.example';

const personKey = new Uint8Array(32).fill(5);
export const nameOfPerson = (kind: 'human' | 'workload', issuerUrl: string, subject: string): PersonId =>
  personId(personKey, kind, issuerUrl, subject);
export const humanId = (name: string): PersonId => nameOfPerson('human', ISSUER_URL, name);
export const pipeline = nameOfPerson('workload', PIPELINES_URL, 'repo:acme/payments');

/** Everybody, with the identity provider's groups they begin with. */
export const staff: Readonly<Record<string, readonly string[]>> = {
  maya: ['eng'],
  omar: ['eng'],
  ravi: ['eng', 'ext'],
  tomas: ['leads', 'eng'],
  lea: ['leads'],
  sid: ['sec'],
  sol: ['sec', 'leads'],
  kim: ['duty'],
  ann: ['adm'],
  bob: ['adm'],
  cleo: ['adm', 'sec'],
  /** Joined today: no factor yet. */
  nils: ['eng'],
  /** Takes whatever is left open. */
  mallory: ['eng'],
  /** A second login of mallory's, which is a lead: one human all the same. */
  'mallory-lead': ['leads'],
};

export const administrators = ['ann', 'bob', 'cleo'] as const;
export const withoutFactor: ReadonlySet<string> = new Set(['nils']);
export const attackers: readonly string[] = ['mallory', 'mallory-lead'];

const idp = (name: string): Group => ({
  idp: name,
  issuer: null,
  until: null,
  mail: `${name}@acme.example`,
});

const batches: readonly Permission[] = [
  { action: 'batches.read', resource: 'orders-export', access: 'read' },
  { action: 'batches.delete', resource: 'orders-export/batches/*', access: 'destructive' },
];

const entitlement = (
  more: Partial<Entitlement> & Pick<Entitlement, 'role' | 'targets' | 'review'>,
): Entitlement => ({
  scope: batches,
  eligible: ['engineers'],
  ticket: null,
  at_most_seconds: 3600,
  break_glass: null,
  ...more,
});

const lead: Stage = { people: 1, from: 'leads', escalate: { after_seconds: 900, to: 'security' } };

/** What the company begins under: an entitlement for each kind of story. */
export const firstPolicy: Policy = {
  version: 1,
  groups: {
    engineers: idp('eng'),
    contractors: { idp: 'ext', issuer: null, until: '2026-05-04' },
    leads: idp('leads'),
    security: idp('sec'),
    'on-duty': idp('duty'),
    admins: idp('adm'),
    responders: { idp: null, issuer: null, until: null, people: [{ person: humanId('omar'), until: null }] },
  },
  workloads: { deploy: { issuer: 'pipelines', subject: 'repo:acme/payments', sponsor: 'leads' } },
  administrators: { from: 'admins', publish_needs: 2 },
  auditors: null,
  zones: { production: { owner: 'leads' } },
  targets: {
    'orders-prod': { zone: 'production', provider: 'token', audience: 'https://orders.example' },
    'stock-prod': { zone: 'production', provider: 'token', audience: 'https://stock.example' },
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
      closing: 'ends-grants',
    },
  },
  factors: { request: 'totp', review: 'totp', open: 'totp' },
  waiting: { review_seconds: 14_400, activation_seconds: 3600, schedule_seconds: 86_400 },
  entitlements: {
    operator: entitlement({
      role: 'OrdersOperator',
      targets: ['orders-prod', 'stock-prod'],
      eligible: ['engineers', 'contractors'],
      ticket: 'incident',
      review: [lead],
      break_glass: {
        at_most_seconds: 1800,
        without: ['identity-provider', 'ticket'],
        named: [humanId('omar')],
        review: { people: 1, from: 'security', within_seconds: 1800 },
      },
    }),
    repair: entitlement({
      role: 'LedgerRepair',
      targets: ['orders-prod'],
      eligible: ['engineers', 'responders'],
      review: [
        { people: 2, from: 'leads' },
        { people: 1, from: 'security' },
      ],
      at_most_seconds: 7200,
    }),
    look: entitlement({
      role: 'OrdersLook',
      targets: ['orders-prod'],
      scope: [{ action: 'batches.read', resource: 'orders-export', access: 'read' }],
      review: null,
    }),
    rerun: entitlement({
      role: 'BatchRerun',
      targets: ['orders-prod'],
      scope: [{ action: 'batches.rerun', resource: 'orders-export/batches/{batch}', access: 'write' }],
      parameters: { batch: { pattern: '^b-[0-9]{1,6}$', says: 'the number of a batch' } },
      review: [lead],
    }),
    failover: entitlement({
      role: 'CountersignOrdersDb',
      targets: ['payments-prod'],
      scope: [
        {
          action: 'rds:FailoverDBCluster',
          resource: 'arn:aws:rds:eu-west-1:447109238812:cluster:orders',
          access: 'write',
        },
      ],
      review: [{ people: 1, from: 'leads' }],
    }),
    deploys: entitlement({
      role: 'Deploy',
      targets: ['orders-prod'],
      eligible: ['deploy'],
      review: [{ people: 1, from: 'security' }],
    }),
  },
  emergency_principals: [],
  notify: {
    zone_owners: ['webhook', 'email'],
    reviewers: ['email'],
    requesters: ['webhook'],
    administrators: ['email'],
  },
  delegates: [{ for: 'leads', to: 'on-duty', from: '2026-05-01', until: '2026-05-04' }],
  humans: { mallory: [humanId('mallory'), humanId('mallory-lead')] },
};

function changed(policy: Policy, name: string, change: Partial<Entitlement>): Policy {
  const before = policy.entitlements[name];
  if (before === undefined) throw new RangeError(`there is no entitlement ${name}`);
  return { ...policy, entitlements: { ...policy.entitlements, [name]: { ...before, ...change } } };
}

function without(policy: Policy, name: string): Policy {
  const { [name]: _gone, ...entitlements } = policy.entitlements;
  return { ...policy, entitlements };
}

/** What administrators may publish: stricter, looser, with people or whole entitlements gone, and back again. */
export const policies: readonly Policy[] = [
  firstPolicy,
  changed(firstPolicy, 'operator', { review: [{ people: 2, from: 'leads' }] }),
  changed(firstPolicy, 'rerun', { at_most_seconds: 1800 }),
  changed(firstPolicy, 'repair', { review: [{ people: 1, from: 'security' }] }),
  without(firstPolicy, 'look'),
  { ...firstPolicy, delegates: [] },
  {
    ...firstPolicy,
    groups: {
      ...firstPolicy.groups,
      responders: { idp: null, issuer: null, until: null, people: [{ person: humanId('lea'), until: null }] },
    },
  },
  { ...firstPolicy, factors: { request: 'none', review: 'totp', open: 'totp' } },
];

const keySetBytes = new TextEncoder().encode('{"keys":[]}');
export const keySet = {
  digest: `sha256:${Buffer.from(nodeHasher.sha256(keySetBytes)).toString('hex')}`,
  bytes: keySetBytes,
};
