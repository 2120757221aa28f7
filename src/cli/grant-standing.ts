import type { GrantView } from './answers.ts';

/** A session can be opened under it now. */
export const isUsable = ({ status }: Pick<GrantView, 'status'>): boolean =>
  status === 'approved' || status === 'active' || status === 'activation-failed';

/** A session can be opened under it now, or once it begins. */
export const isLive = (grant: Pick<GrantView, 'status'>): boolean =>
  isUsable(grant) || grant.status === 'scheduled';

/** Before it nothing opens; 0: from the approval on. Milliseconds since 1970. */
export const beginsAtMs = ({ starts_at }: Pick<GrantView, 'starts_at'>): number =>
  starts_at === null ? 0 : Date.parse(starts_at);

/** The clock of a grant runs from its first session. */
const ownEndMs = (grant: GrantView, nowMs: number): number =>
  grant.ends_at === null
    ? Math.max(nowMs, beginsAtMs(grant)) + grant.duration_seconds * 1000
    : Date.parse(grant.ends_at);

/** What carries a grant on once it ends; undefined: nothing that is approved does. */
export const extensionOf = (
  grant: Pick<GrantView, 'grant'>,
  grants: readonly GrantView[],
): GrantView | undefined => grants.find((one) => one.extends === grant.grant && isLive(one));

/**
 * Until when this grant, opened now, and what is approved to carry it on, serve without a gap: milliseconds since 1970.
 * @param grants the caller's own
 */
export function coveredUntilMs(grant: GrantView, grants: readonly GrantView[], nowMs: number): number {
  const endMs = ownEndMs(grant, nowMs);
  const next = extensionOf(grant, grants);
  // One that was extended and then ended early leaves its extension where it was.
  const isSeamless = next !== undefined && beginsAtMs(next) <= endMs;
  if (!isSeamless) return endMs;
  const others = grants.filter((one) => one !== grant && one !== next);
  return Math.max(endMs, coveredUntilMs(next, others, endMs));
}
