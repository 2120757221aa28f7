import type { Actor } from '../actor.ts';
import type { ResolvedRule } from '../policy/policy.ts';
import type { GrantState, RequestState } from './state.ts';
import type { TicketCheck } from './submit-context.ts';

/** Everything the rules on opening a session look at. */
export interface OpenContext {
  readonly actor: Actor;
  readonly groups: readonly string[];
  readonly state: RequestState;
  readonly grant: GrantState;
  readonly rule: ResolvedRule | undefined;
  readonly ruleDigest: string | null;
  readonly ticket: TicketCheck;
  readonly nowMs: number;
}
