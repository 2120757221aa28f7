import type { CliContext } from '../context.ts';
import { printable } from '../output.ts';
import { sayEntries } from '../say-people.ts';
import { sayMoment } from '../say-time.ts';
import { findRequest } from './find-request.ts';

/** Reminds whoever can still decide; says who hears of it, and when it may be done again. */
export async function nudgeReviewers(context: CliContext, id: string): Promise<void> {
  const { client } = await context.api();
  const { request } = await findRequest(context, id);
  const answer = await client.v1.requests[':id'].nudges.$post({ param: { id: request } });
  const nudged = await answer.json();
  const { groups, channels, again_from, entries } = nudged;
  const again =
    again_from === null
      ? 'It was the last reminder of this request.'
      : `Again from ${sayMoment(again_from, context.surroundings.nowMs())} on.`;
  context.output.result(nudged, [
    `${groups.map((group) => printable(group)).join(', ')} hear of it by ${channels.join(' and ')}   ${sayEntries(entries)}`,
    again,
  ]);
}
