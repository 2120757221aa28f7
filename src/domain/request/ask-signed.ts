import type { Json } from '../../log/json.ts';
import { type SubmitContext, startAsked, targetsAsked } from './submit-context.ts';

/**
 * All that is asked for, as a passkey signs it: what the entry will say in plain. Personal texts are not in it, which
 * may be erased.
 */
export const askSigned = (
  context: Pick<SubmitContext, 'asked' | 'rule' | 'extended' | 'scope' | 'tickets'>,
): Json => ({
  entitlement: context.asked.entitlement,
  people: context.tickets.map(({ person }) => person),
  targets: [...targetsAsked(context)],
  parameters: { ...context.asked.parameters },
  scope: context.scope?.map(({ action, resource, access }) => ({ action, resource, access })) ?? null,
  seconds: context.asked.seconds,
  start_ms: startAsked(context),
  extends: context.extended?.grant.grant ?? null,
  break_glass: context.asked.breakGlass,
});
