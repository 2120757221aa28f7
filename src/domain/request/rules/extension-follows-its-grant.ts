import type { Rule } from '../../rule.ts';
import { grantStatus } from '../status.ts';
import { type SubmitContext, targetsAsked } from '../submit-context.ts';

/** The same person, the same access, from the moment at which it would end; everything else is a request like any other. */
export const extensionFollowsItsGrant: Rule<SubmitContext> = {
  name: 'extension-follows-its-grant',
  refuses(context) {
    const { asked, extended, actor, tickets, nowMs } = context;
    if (asked.extends === null) return undefined;
    if (asked.breakGlass) return 'An emergency is not extended; ask for the access in the ordinary way.';
    const isOwn =
      extended?.grant.person === actor.person && tickets.every(({ person }) => person === actor.person);
    if (extended === undefined || !isOwn) return 'You extend a running grant of your own, for yourself.';
    const status = grantStatus(extended.grant, nowMs);
    if (status !== 'active') return `This grant is ${status}; only a running one is extended. Ask anew.`;
    const targets = targetsAsked(context);
    const isSame =
      extended.state.entitlement === asked.entitlement &&
      targets.length === 1 &&
      targets[0] === extended.grant.target;
    return isSame
      ? undefined
      : `The grant is ${extended.state.entitlement} on ${extended.grant.target}: extend that, or ask for something else anew.`;
  },
};
