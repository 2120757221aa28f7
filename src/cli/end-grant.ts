import type { CliContext } from './context.ts';
import { findGrant } from './find-request.ts';
import { printable } from './output.ts';
import { sayEntries } from './say-people.ts';
import { sayDuration, sayMoment } from './say-time.ts';

/** The holder is done. */
export async function endGrant(context: CliContext, id: string): Promise<void> {
  const { client } = await context.api();
  const { grant } = await findGrant(context, id);
  const answer = await (await client.v1.grants[':id'].end.$post({ param: { id: grant } })).json();
  const { seconds_saved, entries, grant: after } = answer;
  const saved = seconds_saved === 0 ? '' : `, ${sayDuration(seconds_saved)} early`;
  // A cloud that cannot take back what it issued leaves it working for a while; nobody should think otherwise.
  const worksUntil = after.status === 'revoking' ? after.ends_at : null;
  context.output.result(answer, [
    `${grant} is ended${saved}   ${sayEntries(entries)}`,
    ...(worksUntil === null
      ? []
      : [`What was issued still works until ${sayMoment(worksUntil, context.surroundings.nowMs())}.`]),
  ]);
}

/** Somebody entitled takes access away; no code is asked for, because stopping is never slower than starting. */
export async function revokeGrant(context: CliContext, id: string, reason: string): Promise<void> {
  const { client } = await context.api();
  const { grant } = await findGrant(context, id);
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
