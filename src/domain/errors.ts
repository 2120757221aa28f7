import type { RuleName } from './rules.ts';

/**
 * Every way a call can fail that is not a defect of ours. Adding one means adding its HTTP status in
 * `http/problem.ts` and its exit code in `cli/exit-codes.ts`; both tables fail to compile until it is there.
 */
export type ErrorCode =
  | 'malformed-input' // the words of the call are wrong: unknown field, wrong type, out of bounds
  | 'not-signed-in' // no token, or one that is expired, revoked, or of another kind
  | 'step-up-needed' // signed in, but this step needs a factor's proof (RFC 9470)
  | 'factor-wrong' // the code was wrong, old, or already used
  | 'factor-throttled' // five wrong codes within a quarter of an hour
  | 'factor-missing' // this person has no such factor enrolled
  | 'not-found' // does not exist, or is not yours to see
  | 'refused-by-rule' // a rule of the policy or of the product says no; `rule` names it
  | 'conflict' // somebody else was first
  | 'already-done' // the same call was answered before and its answer cannot be given again
  | 'idempotency-key-needed'
  | 'idempotency-key-reused' // the same key with another body
  | 'too-large'
  | 'too-many-requests'
  | 'provider-refused' // the cloud said no
  | 'provider-unavailable' // the cloud did not answer in time; a session may exist
  | 'ticket-source-unavailable'
  | 'identity-provider-unavailable'
  | 'read-only' // the log did not fit at start, or the clock is off; nothing is written
  | 'stale' // what was signed is no longer what stands
  | 'policy-invalid' // the file has mistakes; `mistakes` lists them all
  | 'store-unavailable'
  | 'internal';

/** One mistake in something a person wrote: where it is, what is wrong, and what would be right. */
export interface Mistake {
  /** JSON pointer, or `line:column` for a file; before it `path:` where there are several. */
  readonly at: string;
  readonly message: string;
}

/** What is thrown to the caller. Never carries a secret: it is shown, and it is logged. */
export class Failure extends Error {
  readonly code: ErrorCode;
  readonly rule: RuleName | undefined;
  /** What the person can do next, as a sentence or a command. */
  readonly mend: string | undefined;
  readonly mistakes: readonly Mistake[];
  /** The log entry that records the refusal, where there is one. */
  readonly entry: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      rule?: RuleName;
      mend?: string;
      mistakes?: readonly Mistake[];
      entry?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Failure';
    this.code = code;
    this.rule = more.rule;
    this.mend = more.mend;
    this.mistakes = more.mistakes ?? [];
    this.entry = more.entry;
  }
}

/** A message as a sentence, wherever people read it: capital first, and a stop at the end. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…:]$/.test(capital) ? capital : `${capital}.`;
}
