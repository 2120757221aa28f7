import type { OpenOutcome } from '../../app/ports.ts';
import { requestIdOf } from './request-id.ts';

interface Refusal {
  readonly reason: string;
  readonly mend: string;
  readonly retryable: boolean;
}

const lasting = (reason: string, mend: string): Refusal => ({ reason, mend, retryable: false });
const passing = (reason: string): Refusal => ({
  reason,
  mend: 'Wait a moment and open the session again.',
  retryable: true,
});

const ownCredentials = lasting(
  "the broker's own credentials are missing or not accepted",
  'Ask the operator of the broker to renew its credentials and to check its clock.',
);
const throttled = passing('AWS is answering fewer calls than it is asked');
const brokenPolicy = lasting(
  'AWS could not read the session policy',
  'Have the scope of the entitlement corrected.',
);
const tooLarge = lasting(
  'session policy and tags together are too large once AWS has packed them',
  'Ask for a narrower scope, or have the entitlement split into several.',
);
const denied = lasting(
  'the role does not let the broker in',
  'Have the trust policy of the role checked: principal, external id, source identity and tags.',
);

/** The codes that say for certain that no session was opened. A code that is not here says nothing. */
const refusals: ReadonlyMap<string, Refusal> = new Map([
  ['AccessDenied', denied],
  ['AccessDeniedException', denied],
  ['MalformedPolicyDocument', brokenPolicy],
  ['MalformedPolicyDocumentException', brokenPolicy],
  ['PackedPolicyTooLarge', tooLarge],
  ['PackedPolicyTooLargeException', tooLarge],
  [
    'RegionDisabledException',
    lasting(
      'STS is switched off in this region',
      'Have it activated in the account, or another region configured.',
    ),
  ],
  [
    'ValidationError',
    lasting(
      'AWS found a value of the call out of bounds',
      "Have the role's maximum session duration raised, or ask for less time: an hour at most if the broker is chained.",
    ),
  ],
  ['ExpiredToken', ownCredentials],
  ['ExpiredTokenException', ownCredentials],
  ['InvalidClientTokenId', ownCredentials],
  ['UnrecognizedClientException', ownCredentials],
  ['SignatureDoesNotMatch', ownCredentials],
  ['IncompleteSignature', ownCredentials],
  ['MissingAuthenticationToken', ownCredentials],
  ['RequestExpired', ownCredentials],
  ['Throttling', throttled],
  ['ThrottlingException', throttled],
  ['RequestLimitExceeded', throttled],
  ['TooManyRequestsException', throttled],
]);

/**
 * What an error of the call says about the cloud. 'refused' only where no session can exist; everything else
 * (time ran out, connection cut, 5xx, an answer nobody can read) is 'unknown'. Words of the answer are never
 * repeated.
 */
export function readRefusal(error: unknown): OpenOutcome {
  if (!(error instanceof Error)) return { outcome: 'unknown', reason: 'The call to AWS failed.' };
  if (isOurOwn(error, (own) => own.name === 'CredentialsProviderError'))
    return { outcome: 'refused', ...ownCredentials, reason: 'The broker found no credentials of its own.' };
  if (isOurOwn(error, isUnconnected))
    return { outcome: 'refused', ...passing('The broker could not reach AWS.') };
  const refusal = isClientFault(error) ? refusals.get(error.name) : undefined;
  if (refusal === undefined)
    return { outcome: 'unknown', reason: 'AWS gave no answer that can be believed.' };
  const requestId = requestIdOf(error);
  const call = requestId === null ? '' : `, request ${requestId}`;
  return { outcome: 'refused', ...refusal, reason: `AWS refused (${error.name}${call}): ${refusal.reason}.` };
}

/**
 * An answer chooses its error's name and fields, but cannot shed the `$fault` the SDK puts on every answer's
 * error.
 */
function isOurOwn(error: Error, test: (error: Error) => boolean): boolean {
  return !('$fault' in error) && test(error);
}

/**
 * Failed while looking up or connecting, so that nothing was sent; a host with several addresses fails for
 * each.
 */
function isUnconnected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isUnconnected);
  if (!(error instanceof Error) || !('syscall' in error)) return false;
  return error.syscall === 'connect' || error.syscall === 'getaddrinfo';
}

/** 4xx, or the 503 that some services throttle with: the code then decides. */
function isClientFault(error: object): boolean {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return false;
  const { httpStatusCode: status } = metadata;
  return (
    typeof status === 'number' && ((status >= 400 && status < 500) || (status === 503 && isThrottling(error)))
  );
}

function isThrottling(error: object): boolean {
  return 'name' in error && typeof error.name === 'string' && refusals.get(error.name) === throttled;
}
