import { grantEndMs } from './grant-end.ts';
import type { GrantState } from './state.ts';
import { grantStatus, isLive } from './status.ts';

/**
 * Until when this access could be had, approved extensions included, if it is first used now, or at its start; in
 * milliseconds since 1970. null: it is over. Extensions are those of this grant, of them, and so on.
 */
export function coveredUntilMs(
  grant: GrantState,
  extensions: readonly { readonly extends: string; readonly grant: GrantState }[],
  nowMs: number,
): number | null {
  if (!isLive(grantStatus(grant, nowMs))) return null;
  let untilMs = endIfUsedFrom(grant, nowMs);
  let last = grant;
  for (const { extends: carriedOn, grant: next } of extensions) {
    if (carriedOn !== last.grant || !isLive(grantStatus(next, nowMs))) continue;
    // One that begins later leaves a gap, in which nothing can be used.
    if ((next.startsAtMs ?? nowMs) > untilMs) break;
    untilMs = Math.max(untilMs, endIfUsedFrom(next, untilMs));
    last = next;
  }
  return untilMs;
}

const endIfUsedFrom = (grant: GrantState, fromMs: number): number =>
  grant.endsAtMs ?? grantEndMs(Math.max(fromMs, grant.startsAtMs ?? fromMs), grant.seconds);
