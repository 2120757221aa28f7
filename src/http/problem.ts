import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { OutcomeUnknown } from '../app/store.ts';
import { type ErrorCode, Failure, type Mistake, sentence } from '../domain/errors.ts';
import type { HttpEnv } from './parts.ts';

interface ProblemKind {
  readonly status: ContentfulStatusCode;
  /** The same for every occurrence (RFC 9457 §3.1.4). */
  readonly title: string;
  readonly retryAfterSeconds?: number;
}

/** Every way a call can fail, as HTTP tells it. A code that is missing here does not compile. */
export const problemKinds: Readonly<Record<ErrorCode, ProblemKind>> = {
  'malformed-input': { status: 400, title: 'The call is not well-formed' },
  'not-signed-in': { status: 401, title: 'Sign in first' },
  'step-up-needed': { status: 401, title: 'This step needs a second factor' },
  'factor-wrong': { status: 403, title: 'The code does not fit' },
  'factor-throttled': { status: 429, title: 'Too many wrong codes', retryAfterSeconds: 900 },
  'factor-missing': { status: 403, title: 'No second factor is enrolled' },
  'not-found': { status: 404, title: 'Not found' },
  'refused-by-rule': { status: 403, title: 'A rule refuses this' },
  conflict: { status: 409, title: 'Somebody else was first' },
  'already-done': { status: 409, title: 'This was done before' },
  'idempotency-key-needed': { status: 400, title: 'An Idempotency-Key is needed' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used with another body' },
  'too-large': { status: 413, title: 'Too large' },
  'too-many-requests': { status: 429, title: 'Too many calls', retryAfterSeconds: 60 },
  'provider-refused': { status: 502, title: 'The cloud refused' },
  'provider-unavailable': { status: 504, title: 'The cloud gave no clear answer' },
  'ticket-source-unavailable': {
    status: 503,
    title: 'The ticket source does not answer',
    retryAfterSeconds: 10,
  },
  'identity-provider-unavailable': {
    status: 503,
    title: 'The identity provider does not answer',
    retryAfterSeconds: 10,
  },
  'read-only': { status: 503, title: 'Nothing is written at the moment', retryAfterSeconds: 60 },
  stale: { status: 409, title: 'What was looked up is out of date' },
  'policy-invalid': { status: 422, title: 'The policy has mistakes' },
  'store-unavailable': { status: 503, title: 'The store does not answer', retryAfterSeconds: 5 },
  internal: { status: 500, title: 'Internal error' },
};

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly rule?: string;
  readonly entry?: number;
  readonly mend?: string;
  readonly mistakes?: readonly Mistake[];
  /** The session of an opening that was answered before. */
  readonly session?: string;
  readonly instance: string;
}

/** Whatever was thrown, as something that may be shown: a defect of ours shows nothing of itself. */
export function failureFor(error: unknown): Failure {
  if (error instanceof Failure && error.code !== 'internal') return error;
  if (error instanceof OutcomeUnknown) {
    return new Failure('store-unavailable', 'The store did not say whether this was recorded.', {
      mend: 'Look before you try again: `countersign ls`.',
      cause: error,
    });
  }
  if (error instanceof HTTPException && error.status < 500) {
    return new Failure('malformed-input', 'The body cannot be read; it must be JSON.', { cause: error });
  }
  return new Failure('internal', 'Something is wrong here, and it was written down.', {
    mend: 'Try again later; tell your administrators the id in `instance`.',
    cause: error,
  });
}

/** RFC 9457. @param at.publicUrl under which the types of problems are explained */
export function problemFor(
  failure: Failure,
  at: { readonly publicUrl: string; readonly requestId: string },
): Problem {
  const { code, rule, entry, mend, mistakes } = failure;
  const { status, title } = problemKinds[code];
  return {
    type: `${at.publicUrl}/problems/${code}`,
    title,
    status,
    detail: sentence(failure.message),
    code,
    ...(rule === undefined ? {} : { rule }),
    ...(entry === undefined ? {} : { entry }),
    ...(mend === undefined ? {} : { mend }),
    ...(mistakes.length === 0 ? {} : { mistakes }),
    instance: at.requestId,
  };
}

export function problemAnswer(
  c: Context<HttpEnv>,
  publicUrl: string,
  failure: Failure,
  more: Pick<Problem, 'session'> = {},
): Response {
  const { status, retryAfterSeconds } = problemKinds[failure.code];
  const problem = { ...problemFor(failure, { publicUrl, requestId: c.get('requestId') }), ...more };
  if (retryAfterSeconds !== undefined) c.header('retry-after', String(retryAfterSeconds));
  if (status === 401) c.header('www-authenticate', challengeFor(failure, c.req.header('authorization')));
  return c.body(JSON.stringify(problem), status, { 'content-type': 'application/problem+json' });
}

/** RFC 9449 §7.1, RFC 6750 §3, RFC 9470 §3. Not a word of what was sent. */
function challengeFor(failure: Failure, authorization: string | undefined): string {
  const scheme = authorization !== undefined && /^bearer /i.test(authorization) ? 'Bearer' : 'DPoP';
  const algorithms = scheme === 'DPoP' ? ['algs="ES256 EdDSA"'] : [];
  const wanted =
    failure.rule === 'factor-is-strong-enough'
      ? { acr: 'passkey', says: 'the signature of a passkey is needed' }
      : { acr: 'totp', says: 'a code of your second factor is needed' };
  const error =
    failure.code === 'step-up-needed'
      ? [
          'error="insufficient_user_authentication"',
          `error_description="${wanted.says}"`,
          `acr_values="${wanted.acr}"`,
        ]
      : authorization === undefined
        ? []
        : ['error="invalid_token"'];
  return `${scheme} ${['realm="countersign"', ...error, ...algorithms].join(', ')}`;
}
