import { readFileSync } from 'node:fs';
import type { Entitlement, Policy } from '../../src/domain/policy/policy.ts';
import { parsePolicyFile } from '../../src/policy-file/parse.ts';

/**
 * Two zones, both providers, a workload, a ticket rule, break-glass: sound, so that each test breaks one
 * thing.
 */
const sampleText = `
groups:
  engineers: { idp: eng }
  leads:     { idp: leads }
  duty:      { idp: duty }
  admins:    { idp: admins }
workloads:
  deploy: { issuer: github-actions, subject: "repo:acme/shop:environment:production", sponsor: duty }
administrators: { from: admins, publish_needs: 2 }
zones:
  production: { owner: leads }
  staging:    { owner: engineers }
targets:
  shop-prod:    { zone: production, token: { audience: "https://shop.example" } }
  shop-staging: { zone: staging, token: { audience: "https://staging.shop.example" } }
  ledger-prod:  { zone: production, aws: "012345678901", regions: [eu-west-1] }
ticket_sources: { register: { kind: register } }
tickets: { incident: { source: register, project: INC, state: open, requester: responder } }
factors: { request: totp, review: totp, open: totp }
waiting: { review: 8h, activation: 1h }
notify: { zone-owners: [webhook], reviewers: [webhook] }
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
  ledger:
    role: Ledger
    target: ledger-prod
    scope:
      - { actions: ["rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:012345678901:cluster:ledger", access: write }
    eligible: [engineers]
    ticket: incident
    review: [{ people: 1, from: leads }]
    at_most: 2h
  play:
    role: Play
    target: shop-staging
    scope: [{ actions: ["*"], on: "*", access: write }]
    eligible: [engineers]
    ticket: not-required
    review: not-required
    at_most: 8h
`;

export const samplePolicy: Policy = soundPolicy(sampleText);
export const policyText = sampleText;

/** The same policy with fields of one entitlement replaced. */
export function withEntitlement(name: string, fields: Partial<Entitlement>): Policy {
  const entitlement = samplePolicy.entitlements[name];
  if (entitlement === undefined) {
    throw new Error(`no such entitlement: ${name}`);
  }
  return {
    ...samplePolicy,
    entitlements: { ...samplePolicy.entitlements, [name]: { ...entitlement, ...fields } },
  };
}

/** Reads a file relative to the top of the project. */
export function projectFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

export function soundPolicy(text: string, readScope: (path: string) => string = noScopeFile): Policy {
  const parsed = parsePolicyFile({ text, path: 'countersign.yaml', readScope });
  if (parsed.policy === undefined) {
    throw new Error(parsed.mistakes.map(({ at, message }) => `${at} ${message}`).join('\n'));
  }
  return parsed.policy;
}

export function noScopeFile(path: string): string {
  throw new Error(`no such file: ${path}`);
}
