import { idPattern } from '../../domain/ids.ts';
import type { GrantView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../output.ts';
import { findGrant } from '../requests/find-request.ts';
import { sayEntries } from '../say-people.ts';
import { sayDuration, sayMoment } from '../say-time.ts';
import { forgetAnswer } from './kept-answers.ts';

/** A grant's own id needs no look-up, which would need an identity provider that answers. */
const grantOf = async (context: CliContext, id: string): Promise<string> =>
  idPattern.grant.test(id) ? id : (await findGrant(context, id)).grant;

/** The holder is done. */
export async function endGrant(context: CliContext, id: string): Promise<void> {
  const { client } = await context.api();
  const grant = await grantOf(context, id);
  const answer = await (await client.v1.grants[':id'].end.$post({ param: { id: grant } })).json();
  const { seconds_saved, entries, grant: after } = answer;
  await forgetAnswer(context.surroundings, grant);
  // A cloud that cannot take back what it issued leaves it working for a while; nobody should think otherwise.
  const worksUntil = after.status === 'revoking' ? after.ends_at : null;
  context.output.result(answer, [
    `${grant} is ended   ${sayEntries(entries)}`,
    ...thanksLines(after, seconds_saved),
    ...(after.extended_by === null
      ? []
      : [`What was to carry it on still stands: countersign end ${after.extended_by}`]),
    ...(worksUntil === null
      ? []
      : [`What was issued still works until ${sayMoment(worksUntil, context.surroundings.nowMs())}.`]),
  ]);
}

/** Access that nobody needs any more is the easiest to take away. What was never opened was not ended early. */
const thanksLines = ({ sessions }: GrantView, savedSeconds: number): readonly string[] =>
  savedSeconds > 0 && sessions.length > 0
    ? [`Thank you: ${sayDuration(wholeMinutes(savedSeconds))} earlier than you could have.`]
    : [];

const wholeMinutes = (seconds: number): number => (seconds < 60 ? seconds : seconds - (seconds % 60));

/** Somebody entitled takes access away; no code is asked for, because stopping is never slower than starting. */
export async function revokeGrant(context: CliContext, id: string, reason: string): Promise<void> {
  const { client } = await context.api();
  const grant = await grantOf(context, id);
  const answer = await (
    await client.v1.grants[':id'].revocation.$post({ param: { id: grant }, json: { reason } })
  ).json();
  const { status, outlives, entries } = answer;
  const told = status === 'revoked' ? 'is revoked' : 'is being revoked: what was issued works until it ends';
  context.output.result(answer, [
    `${grant} ${told}   ${sayEntries(entries)}`,
    ...(outlives === null ? [] : [`  outlives it: ${printable(outlives)}`]),
  ]);
}
