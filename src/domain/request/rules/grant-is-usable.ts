import type { Rule } from '../../rule.ts';
import type { GrantState } from '../state.ts';
import { grantStatus, isUsable } from '../status.ts';

/** A grant's credentials are renewed while it runs; this many sessions are more than any hour needs. */
export const SESSIONS_ALLOWED = 200;

export const grantIsUsable: Rule<{ readonly grant: GrantState; readonly nowMs: number }> = {
  name: 'grant-is-usable',
  refuses({ grant, nowMs }) {
    const status = grantStatus(grant, nowMs);
    if (!isUsable(status)) return `This grant is ${status}; no session can be opened under it. Ask again.`;
    return Object.keys(grant.sessions).length < SESSIONS_ALLOWED
      ? undefined
      : `This grant has had ${SESSIONS_ALLOWED} sessions; that is its bound. End it and ask again.`;
  },
};
