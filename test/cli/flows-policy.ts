import { policyText } from '../http/policy-text.ts';

/** The policy of the HTTP tests, and beside it: two targets, a parameter, an escalation, starts within a day. */
export const flowsPolicy = policyText
  .replace('activation: 1h }', 'activation: 1h, schedule: 1d }')
  .replace(
    'ticket_sources:',
    '  shop-us:     { zone: production, token: { audience: "https://us.shop.example" } }\nticket_sources:',
  )
  .concat(`
  exports:
    role: Exports
    targets: [shop-prod, shop-us]
    scope:
      - { actions: [batches.delete], on: "export/batches/{batch}", access: destructive }
      - { actions: [batches.read], on: export, access: read }
    parameters: { batch: { pattern: "^[0-9]{1,6}$", says: number of the batch } }
    eligible: [engineers, leads]
    ticket: not-required
    review: [{ people: 1, from: leads, escalate: { after: 10m, to: duty } }]
    at_most: 1h
  ledger-move:
    role: Ledger
    target: ledger-prod
    scope:
      - { actions: ["rds:FailoverDBCluster"], on: "arn:aws:rds:eu-west-1:447109238812:cluster:ledger", access: write }
    eligible: [engineers]
    ticket: incident
    review: [{ people: 1, from: leads }]
    at_most: 3h
`);

export const requestIn = (text: string): string => /r-[0-9A-Z]{26}/.exec(text)?.[0] ?? 'no request';
export const grantIn = (text: string): string => /g-[0-9A-Z]{26}/.exec(text)?.[0] ?? 'no grant';

export const never = () => {
  throw new Error('nobody should be asked');
};

/** Calls back once, as soon as the text is there. */
export function once(pattern: RegExp, act: (soFar: string) => unknown): (soFar: string) => void {
  let done = false;
  return (soFar) => {
    if (done || !pattern.test(soFar)) return;
    done = true;
    void act(soFar);
  };
}
