const anEntitlement =
  '{ role: OrdersLook, target: orders-prod, scope: policies/look.yaml, eligible: [engineers], ticket: not-required, review: not-required, at_most: 8h }';

/** One right line for each key of the file; `parent.key` where a key means two things. */
const examples: Readonly<Record<string, string>> = {
  groups: 'groups: { engineers: { idp: eng-payments } }',
  'groups.*': 'engineers: { idp: eng-payments }',
  'groups.*.issuer': '{ issuer: corp, group: eng-payments }',
  'groups.*.group': '{ issuer: corp, group: eng-payments }',
  person: '{ person: p-mfrggzdfmztwq2lkmfrggzdfmz, until: 2027-03-31 }',
  idp: 'idp: eng-payments',
  until: 'until: 2027-03-31',
  'groups.*.people':
    'people: [p-mfrggzdfmztwq2lkmfrggzdfmz, { person: p-nbswy3dpeb3w64tmmqqho33snq, until: 2027-03-31 }]',
  mail: 'mail: payments-leads@example.com',
  awake: 'awake: { from: "08:00", to: "18:00", time_zone: Europe/Berlin, days: [mon, tue, wed, thu, fri] }',
  'awake.from': 'from: "08:00"',
  'awake.to': 'to: "18:00"',
  time_zone: 'time_zone: Europe/Berlin',
  days: 'days: [mon, tue, wed, thu, fri]',
  delegates:
    'delegates: [{ for: payments-leads, to: security-on-call, from: 2026-12-20, until: 2027-01-03 }]',
  'delegates.for': 'for: payments-leads',
  'delegates.to': 'to: security-on-call',
  'delegates.from': 'from: 2026-12-20',
  'delegates.until': 'until: 2027-01-03',
  humans: 'humans: { maya: [p-mfrggzdfmztwq2lkmfrggzdfmz, p-nbswy3dpeb3w64tmmqqho33snq] }',
  'humans.*': 'maya: [p-mfrggzdfmztwq2lkmfrggzdfmz, p-nbswy3dpeb3w64tmmqqho33snq]',
  escalate: 'escalate: { after: 10m, to: security-on-call }',
  after: 'after: 10m',
  to: 'to: security-on-call',
  schedule: 'schedule: 7d',
  closing: 'closing: ends-grants',
  'entitlements.*.targets': 'targets: [orders-prod, ledger-prod]',
  parameters: 'parameters: { customer: { pattern: "^[0-9]{1,10}$", says: customer number } }',
  'parameters.*': 'customer: { pattern: "^[0-9]{1,10}$", says: customer number }',
  pattern: 'pattern: "^[0-9]{1,10}$"',
  says: 'says: customer number',
  named: 'named: [p-mfrggzdfmztwq2lkmfrggzdfmz]',
  'workloads.*':
    'deploy: { issuer: github-actions, subject: "repo:acme/payments:ref:refs/heads/main", sponsor: payments-leads }',
  workloads:
    'workloads: { deploy: { issuer: github-actions, subject: "repo:acme/payments:ref:refs/heads/main", sponsor: payments-leads } }',
  issuer: 'issuer: github-actions',
  subject: 'subject: "repo:acme/payments:environment:production"',
  sponsor: 'sponsor: payments-leads',
  administrators: 'administrators: { from: platform-admins, publish_needs: 2 }',
  publish_needs: 'publish_needs: 2',
  auditors: 'auditors: { from: audit }',
  from: 'from: payments-leads',
  zones: 'zones: { production: { owner: payments-leads } }',
  'zones.*': 'production: { owner: payments-leads }',
  owner: 'owner: payments-leads',
  targets: 'targets: { orders-prod: { zone: production, token: { audience: "https://orders.example" } } }',
  'targets.*': 'orders-prod: { zone: production, token: { audience: "https://orders.example" } }',
  zone: 'zone: production',
  aws: 'aws: "447109238812"',
  regions: 'regions: [eu-west-1, eu-central-1]',
  token: 'token: { audience: "https://orders.example" }',
  audience: 'audience: "https://orders.example"',
  ticket_sources: 'ticket_sources: { register: { kind: register } }',
  'ticket_sources.*': 'register: { kind: register }',
  kind: 'kind: register',
  tickets: 'tickets: { incident: { source: register, project: INC, state: open, requester: responder } }',
  'tickets.*': 'incident: { source: register, project: INC, state: open, requester: responder }',
  source: 'source: register',
  project: 'project: INC',
  state: 'state: open',
  requester: 'requester: responder',
  window: 'window: required',
  factors: 'factors: { request: totp, review: totp, open: totp }',
  request: 'request: totp',
  'factors.review': 'review: totp',
  open: 'open: totp',
  waiting: 'waiting: { review: 8h, activation: 1h }',
  'waiting.review': 'review: 8h',
  activation: 'activation: 1h',
  notify: 'notify: { zone-owners: [email], reviewers: [email, webhook] }',
  'zone-owners': 'zone-owners: [email]',
  reviewers: 'reviewers: [email, webhook]',
  requesters: 'requesters: [webhook]',
  'notify.administrators': 'administrators: [email]',
  entitlements: `entitlements: { orders-look: ${anEntitlement} }`,
  'entitlements.*': `orders-look: ${anEntitlement}`,
  role: 'role: CountersignOrdersDb',
  target: 'target: orders-prod',
  scope: 'scope: policies/orders-db.yaml',
  actions: 'actions: [batches.read]',
  on: 'on: orders-export/batches/*',
  access: 'access: read',
  eligible: 'eligible: [engineers]',
  ticket: 'ticket: incident',
  review: 'review: [{ people: 1, from: payments-leads }]',
  at_most: 'at_most: 1h',
  break_glass:
    'break_glass: { at_most: 30m, without: [ticket], review: { people: 1, from: security-on-call, within: 24h } }',
  'break_glass.review': 'review: { people: 1, from: security-on-call, within: 24h }',
  without: 'without: [ticket]',
  people: 'people: 1',
  within: 'within: 24h',
  emergency_principals:
    'emergency_principals: [{ role: SealedEmergency, target: orders-prod, drill_every: 90d }]',
  drill_every: 'drill_every: 90d',
};

/** ` Example: …` with a blank before it, for the end of a message; nothing where there is no example. */
export function exampleFor(path: readonly PropertyKey[]): string {
  const found = entryFor(examples, path);
  return found === undefined ? '' : ` Example: \`${found}\`.`;
}

/** What a table has for a key, by where it stands: the most exact entry there is. */
export function entryFor(
  table: Readonly<Record<string, string>>,
  path: readonly PropertyKey[],
): string | undefined {
  const names = path.filter((step) => typeof step === 'string');
  const [first = '', second] = names;
  const [parent = '', last = ''] = names.slice(-2).length === 2 ? names.slice(-2) : ['', first];
  const candidates =
    names.length === 2 && second !== undefined
      ? [`${first}.${second}`, `${first}.*`, second]
      : [`${first}.*.${last}`, `${parent}.${last}`, `${parent}.*`, last];
  const found = candidates.find((candidate) => Object.hasOwn(table, candidate));
  return found === undefined ? undefined : table[found];
}
