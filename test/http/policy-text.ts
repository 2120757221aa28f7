/** Two providers, a workload, tickets, break-glass, and an entitlement that needs nobody's review. */
export const policyText = `
groups:
  engineers: { issuer: corp, group: eng }
  leads:     { issuer: corp, group: leads }
  duty:      { issuer: corp, group: duty }
  admins:    { issuer: corp, group: admins }
  audit:     { issuer: corp, group: audit }
workloads:
  deploy: { issuer: pipelines, subject: "repo:acme/shop:environment:production", sponsor: leads }
administrators: { from: admins, publish_needs: 2 }
auditors: { from: audit }
zones:
  production: { owner: leads }
targets:
  shop-prod:   { zone: production, token: { audience: "https://shop.example" } }
  ledger-prod: { zone: production, aws: "447109238812", regions: [eu-west-1] }
ticket_sources: { register: { kind: register } }
tickets: { incident: { source: register, project: INC, state: open, requester: responder } }
factors: { request: totp, review: totp, open: totp }
waiting: { review: 8h, activation: 1h }
entitlements:
  repair:
    role: Repair
    target: shop-prod
    scope:
      - { actions: [batches.delete], on: "export/batches/*", access: destructive }
      - { actions: [batches.read], on: export, access: read }
    eligible: [engineers, deploy]
    ticket: incident
    review: [{ people: 1, from: leads }]
    at_most: 1h
    break_glass: { at_most: 30m, without: [ticket], review: { people: 1, from: duty, within: 24h } }
  deploying:
    role: Deploy
    target: shop-prod
    scope:
      - { actions: [releases.create], on: "releases/*", access: write }
    eligible: [deploy, engineers]
    ticket: not-required
    review: [{ people: 2, from: leads }]
    at_most: 1h
  look:
    role: Look
    target: shop-prod
    scope:
      - { actions: [orders.read], on: "orders/*", access: read }
    eligible: [engineers]
    ticket: not-required
    review: not-required
    at_most: 8h
  ledger:
    role: Ledger
    target: ledger-prod
    scope:
      - { actions: ["rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:447109238812:cluster:ledger", access: write }
    eligible: [engineers]
    ticket: incident
    review: [{ people: 1, from: leads }]
    at_most: 1h
`;
