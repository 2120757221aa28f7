/**
 * Every rule that can refuse, by the name of the file that holds it. A refusal shows this name to the person,
 * writes it to the log, and the audit restates it under the same name.
 */
export const ruleNames = [
  // submitting
  'policy-is-in-force',
  'entitlement-exists',
  'requester-is-eligible',
  'duration-is-within-limit',
  'targets-are-of-the-entitlement',
  'people-are-named-once',
  'parameters-fit-their-patterns',
  'scope-is-within-entitlement',
  'start-is-within-limit',
  'extension-follows-its-grant',
  'membership-is-fresh',
  'ticket-is-given-when-required',
  'ticket-fits-the-rule',
  'ticket-has-another-voucher',
  'factor-is-proved',
  'factor-is-strong-enough',
  'passkey-counter-rises',
  'pending-requests-are-bounded',
  'break-glass-is-allowed',
  'break-glass-debt-is-paid',
  // reviewing
  'request-is-pending',
  'reviewer-is-human',
  'approver-is-not-requester',
  'reviewer-is-in-the-stage-group',
  'reviewer-has-not-reviewed-before',
  'reviewer-sponsors-not-the-workload',
  'review-only-narrows',
  'rule-is-unchanged-since-asking',
  'statement-is-what-stands',
  'statement-nonce-is-fresh',
  'recovered-factor-rests-a-day',
  // reminding
  'nudges-are-bounded',
  'nudge-is-heard',
  // opening
  'grant-belongs-to-the-caller',
  'grant-has-begun',
  'grant-is-usable',
  'extended-grant-was-not-revoked',
  'approver-has-not-left',
  'approvals-are-of-other-humans',
  'approver-still-has-the-factor',
  'entitlement-still-allows-the-grant',
  'session-fits-the-provider',
  // ending
  'request-belongs-to-the-caller',
  'revoker-is-entitled',
  // break-glass review
  'break-glass-reviewer-is-somebody-else',
  // people
  'enrolment-is-vouched',
  'voucher-is-another-human',
  'passkey-answers-for-passkeys',
  'authenticator-is-allowed',
  'last-factor-stays',
  'recovered-factor-is-vouched',
  'person-has-not-left',
  'sign-in-may-only-ask',
  'emergency-sign-in-breaks-the-glass',
  'person-is-named-for-outages',
  'emergency-sign-ins-are-bounded',
  'administrator-records-leaving',
  'publishing-stays-possible',
  'reset-takes-two-humans',
  // tickets
  'ticket-editor-is-entitled',
  // policy
  'publisher-is-administrator',
  'proposal-is-current',
  'log-reader-is-entitled',
] as const;
export type RuleName = (typeof ruleNames)[number];
