/** Every key that a policy file may have, each at least once, in a file without a mistake. */
export const wholeFile = `
groups:
  engineers: { idp: eng, until: 2031-12-31, mail: eng@example.com }
  leads:
    issuer: corp
    group: leads
    awake: { from: "08:00", to: "18:00", time_zone: Europe/Berlin, days: [mon, tue] }
  duty: { people: [p-aaaaaaaaaaaaaaaaaaaaaaaaaa, { person: p-bbbbbbbbbbbbbbbbbbbbbbbbbb, until: 2031-12-31 }] }
workloads:
  deploy: { issuer: pipelines, subject: "repo:acme/shop", sponsor: duty }
administrators: { from: leads, publish_needs: 2 }
auditors: { from: leads }
zones:
  production: { owner: leads }
targets:
  shop:   { zone: production, token: { audience: "https://shop.example" } }
  orders: { zone: production, token: { audience: "https://orders.example" } }
  ledger: { zone: production, aws: "012345678901", regions: [eu-west-1] }
ticket_sources: { register: { kind: register } }
tickets:
  change: { source: register, project: CHG, state: approved, requester: assignee, window: required, closing: ends-grants }
factors: { request: totp, review: passkey, open: none }
passkeys: { attestation: required, authenticators: ["08987058-cadc-4b81-b6e1-30de50dcbe96"] }
waiting: { review: 8h, activation: 1h, schedule: 7d }
notify: { zone-owners: [email], reviewers: [webhook], requesters: [webhook], administrators: [email] }
delegates:
  - { for: leads, to: duty, from: 2031-12-20, until: 2032-01-03 }
humans:
  maya: [p-aaaaaaaaaaaaaaaaaaaaaaaaaa, p-cccccccccccccccccccccccccc]
entitlements:
  repair:
    role: Repair
    targets: [shop, orders]
    parameters: { customer: { pattern: "^[0-9]{1,10}$", says: customer number } }
    scope:
      - { actions: [batches.delete], on: ["export/{customer}/*", archive], access: destructive }
    eligible: [engineers, deploy]
    ticket: change
    review:
      - { people: 1, from: leads, escalate: { after: 10m, to: duty } }
    at_most: 1h
    break_glass:
      at_most: 30m
      without: [identity-provider, ticket, witness]
      named: [p-bbbbbbbbbbbbbbbbbbbbbbbbbb]
      review: { people: 1, from: duty, within: 24h }
  ledger:
    role: Ledger
    target: ledger
    scope: [{ actions: ["rds:DescribeDBInstances"], on: "*", access: read }]
    eligible: [engineers]
    ticket: not-required
    review: not-required
    at_most: 8h
emergency_principals:
  - { role: Sealed, target: ledger, drill_every: 90d }
`;

/** Every key that a file of cases may have, each at least once. */
export const wholeCases = `
policy: countersign.yaml
who:
  ada: { groups: [engineers], id: p-aaaaaaaaaaaaaaaaaaaaaaaaaa, factor: none }
  lea: { groups: [leads] }
  deploy: { workload: deploy }
tickets:
  CHG-1:
    opened_by: lea
    state: approved
    approved_by: ada
    responders: [ada]
    assignee: ada
    window: { from: 2026-11-27T20:00:00Z, to: 2026-11-27T23:00:00Z }
cases:
  - name: everything
    at: 2026-11-25T10:00:00Z
    down: [ticket, identity-provider]
    steps:
      - ask:
          by: ada
          entitlement: repair
          ticket: CHG-1
          lasting: 30m
          people: [ada]
          targets: [shop]
          parameters: { customer: "4711" }
          only: [{ action: orders.read, on: orders/4711 }]
          start: 2026-11-27T20:00:00Z
          extends: true
        expect: { status: pending, waits_for: [leads], may_decide: [lea], grants: 0, lasts: 30m, actions: [orders.read], marks: [unwitnessed] }
      - { break_glass: { by: ada, entitlement: repair }, expect: { refused: requester-is-eligible } }
      - review: { by: lea, decides: approve, lasting: 10m, only: [{ action: orders.read, on: orders/4711 }] }
      - judge: { by: lea, verdict: justified }
      - open: { by: ada, target: shop }
      - end: { by: ada, target: shop }
      - withdraw: { by: ada }
      - ticket: { name: CHG-1, by: lea, state: closed }
      - wait: 10m
`;
