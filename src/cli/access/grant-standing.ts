import type { GrantView } from '../answers.ts';

/** A session can be opened under it now. */
export const isUsable = ({ status }: Pick<GrantView, 'status'>): boolean =>
  status === 'approved' || status === 'active' || status === 'activation-failed';

/** A session can be opened under it now, or once it begins. */
export const isLive = (grant: Pick<GrantView, 'status'>): boolean =>
  isUsable(grant) || grant.status === 'scheduled';

/** Before it nothing opens; 0: from the approval on. Milliseconds since 1970. */
export const beginsAtMs = ({ starts_at }: Pick<GrantView, 'starts_at'>): number =>
  starts_at === null ? 0 : Date.parse(starts_at);

/** Until when it serves if it is opened now, with what is approved to carry it on: milliseconds since 1970. */
export const coversUntilMs = ({ covers_until }: Pick<GrantView, 'covers_until'>): number =>
  covers_until === null ? 0 : Date.parse(covers_until);

/** What carries a grant on once it ends; undefined: nothing that is approved does. */
export const extensionOf = (
  grant: Pick<GrantView, 'grant'>,
  grants: readonly GrantView[],
): GrantView | undefined => grants.find((one) => one.extends === grant.grant && isLive(one));
