import type { z } from 'zod';
import { digestOf } from '../../domain/digest.ts';
import { type BreakGlassStatement, type ReviewStatement, statement } from '../../domain/events.ts';
import { intersectScope } from '../../domain/policy/narrow.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import type { RequestView, ScopeItem } from '../answers.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import type { AskedPermission } from '../option-values.ts';

/** The two forms that a reviewer's code is given for, of known fields only. */
export const [reviewForm, breakGlassForm] = statement.options;

export interface Prepared {
  readonly statement: unknown;
  readonly statement_digest: string;
}

/** What the person has said on the command line, and who they are. */
export interface Meant {
  readonly verdict: string;
  readonly request: string;
  readonly requester: string;
  readonly reviewer: string;
}

/**
 * The statement as the log will hold it, of known fields only, its digest (SHA-256 over the RFC 8785 form) computed
 * here. A code that follows attests this digest, so what is shown is exactly what it covers.
 * @throws Ending `verificationFailed` when the server's digest is another, or the statement says another thing
 */
export function checkStatement<Known extends ReviewStatement | BreakGlassStatement>(
  form: z.ZodType<Known>,
  prepared: Prepared,
  meant: Meant,
): Known {
  const parsed = form.safeParse(prepared.statement);
  if (!parsed.success) throw notToBeSigned('is not of a form that this program knows');
  if (digestOf(nodeHasher, parsed.data) !== prepared.statement_digest)
    throw notToBeSigned('has another digest than it came with');
  for (const field of ['verdict', 'request', 'requester', 'reviewer'] as const) {
    if (parsed.data[field] !== meant[field]) throw notToBeSigned(`names another ${field} than it should`);
  }
  return parsed.data;
}

/** That it is for the people and places that were asked for, and from when. Those a reviewer can only take or leave. */
export function checkAsk(
  { people, targets, start_ms }: Pick<ReviewStatement, 'people' | 'targets' | 'start_ms'>,
  asked: Pick<RequestView, 'people' | 'targets' | 'starts_at'>,
): void {
  const persons = asked.people.map(({ person }) => person);
  if (!isSameList(people, persons)) throw notToBeSigned('names other people than the request');
  if (!isSameList(targets, asked.targets)) throw notToBeSigned('names other targets than the request');
  const startMs = asked.starts_at === null ? null : Date.parse(asked.starts_at);
  if (start_ms !== startMs) throw notToBeSigned('begins at another time than the request');
}

const isSameList = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((one, at) => one === right[at]);

/** That time and scope are no more than was asked for, nor than the reviewer named. */
export function checkBounds(
  { seconds, scope }: Pick<ReviewStatement, 'seconds' | 'scope'>,
  asked: { readonly duration_seconds: number; readonly scope: readonly ScopeItem[] },
  wanted: { readonly seconds?: number | undefined; readonly only?: readonly AskedPermission[] | undefined },
): void {
  if (seconds > Math.min(asked.duration_seconds, wanted.seconds ?? asked.duration_seconds)) {
    throw notToBeSigned('is for a longer time than you named');
  }
  if (!isWithin(asked.scope, scope)) throw notToBeSigned('holds more than was asked for');
  const { only } = wanted;
  const isNamed = ({ action, resource }: AskedPermission) =>
    only === undefined || only.some((one) => one.action === action && one.resource === resource);
  if (!scope.every(isNamed)) throw notToBeSigned('holds more than you named');
}

/** The same kind of access too: a destructive permission must not come dressed as a read. */
function isWithin(asked: readonly ScopeItem[], scope: readonly ScopeItem[]): boolean {
  const within = intersectScope(asked, scope);
  if (within === 'not-within') return false;
  return scope.every(({ action, resource, access }) =>
    within.some((one) => one.action === action && one.resource === resource && one.access === access),
  );
}

const notToBeSigned = (why: string): Ending =>
  new Ending(
    exitCode.verificationFailed,
    `The statement that the server sent ${why}. Nothing was signed.`,
    'Do not try again before your administrators know of it.',
  );
