import type { ErrorCode } from '../domain/errors.ts';

/** What a script can tell from how a command ended. `exec` passes its child's code through and uses 125 for its own. */
export const exitCode = {
  done: 0,
  failure: 1,
  usage: 2,
  denied: 3,
  signInFirst: 4,
  stillPending: 5,
  expiredOrRevoked: 6,
  verificationFailed: 7,
  policyRefuses: 8,
  execItself: 125,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** One code for each way a call can fail; a new way does not compile until it has one. */
export const exitCodeOf: Readonly<Record<ErrorCode, ExitCode>> = {
  'malformed-input': exitCode.usage,
  'not-signed-in': exitCode.signInFirst,
  'step-up-needed': exitCode.signInFirst,
  'factor-wrong': exitCode.signInFirst,
  'factor-throttled': exitCode.signInFirst,
  'factor-missing': exitCode.signInFirst,
  'not-found': exitCode.failure,
  'refused-by-rule': exitCode.policyRefuses,
  conflict: exitCode.failure,
  'already-done': exitCode.failure,
  'idempotency-key-needed': exitCode.failure,
  'idempotency-key-reused': exitCode.failure,
  'too-large': exitCode.usage,
  'too-many-requests': exitCode.failure,
  'provider-refused': exitCode.failure,
  'provider-unavailable': exitCode.failure,
  'ticket-source-unavailable': exitCode.failure,
  'identity-provider-unavailable': exitCode.failure,
  'read-only': exitCode.failure,
  stale: exitCode.failure,
  'policy-invalid': exitCode.usage,
  'store-unavailable': exitCode.failure,
  internal: exitCode.failure,
};
