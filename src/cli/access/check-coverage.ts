import type { GrantView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { findInCatalog } from '../requests/submit-request.ts';
import { sayDuration, sayMoment } from '../say-time.ts';
import { coversUntilMs } from './grant-standing.ts';

/**
 * That the grant, with what is approved to carry it on, lasts as long as the command needs: a migration that loses its
 * access in the middle is worse than one that never began.
 * @throws Ending saying how long it has, and how to have more
 */
export async function checkCoverage(
  context: CliContext,
  { grant: id }: GrantView,
  needsSeconds: number,
): Promise<void> {
  const { client } = await context.api();
  const grant = await (await client.v1.grants[':id'].$get({ param: { id } })).json();
  const nowMs = context.surroundings.nowMs();
  const untilMs = Math.max(nowMs, coversUntilMs(grant));
  // Up, because the answer was a moment on its way.
  const hasSeconds = Math.ceil((untilMs - nowMs) / 1000);
  if (hasSeconds >= needsSeconds) return;
  const until = sayMoment(new Date(untilMs).toISOString(), nowMs);
  const item = await findInCatalog(context, grant.entitlement);
  throw new Ending(
    exitCode.failure,
    `${grant.grant} lasts ${sayDuration(hasSeconds)}, until ${until}; the command needs ${sayDuration(needsSeconds)}, and was not begun.`,
    howToHaveMore(grant, needsSeconds, needsSeconds - hasSeconds, item?.at_most_seconds ?? needsSeconds),
  );
}

/** Only what runs can be extended; of what was not opened yet, a longer one takes the place. No more than is given at a time. */
function howToHaveMore(
  { status, entitlement, target, extended_by }: GrantView,
  needsSeconds: number,
  missingSeconds: number,
  mostSeconds: number,
): string {
  const ask = `countersign request ${printable(entitlement)} --target ${printable(target)}`;
  if (extended_by !== null)
    return `It is extended as far as it can be; once ${extended_by} runs: ${ask} --extend`;
  const [what, seconds] = status === 'active' ? [' --extend', missingSeconds] : ['', needsSeconds];
  return `${ask}${what} -d ${durationText(Math.min(seconds, mostSeconds))} -r TEXT`;
}

/** As -d takes it, in whole minutes and never less: `46m`, `1h46m`. */
function durationText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `${hours > 0 ? `${hours}h` : ''}${rest > 0 || hours === 0 ? `${rest}m` : ''}`;
}
