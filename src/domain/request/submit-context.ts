import type { Actor } from '../actor.ts';
import type { BreakGlassState } from '../break-glass/state.ts';
import type { TicketFacts } from '../events.ts';
import type { Permission, ResolvedRule } from '../policy/policy.ts';

/** What was typed, after its form was checked and nothing else. */
export interface Asked {
  readonly entitlement: string;
  readonly seconds: number;
  /** null: all that the entitlement allows. */
  readonly scope: readonly Permission[] | null;
  readonly ticket: string | null;
  readonly justification: string;
  readonly breakGlass: boolean;
}

/** A ticket as it was found just now. `unavailable`: its source did not answer; `none`: no such ticket there. */
export type TicketCheck =
  | { readonly kind: 'not-given' }
  | { readonly kind: 'none' }
  | { readonly kind: 'unavailable'; readonly because: string }
  | { readonly kind: 'found'; readonly facts: TicketFacts; readonly ticket: string };

/** Everything the rules on asking look at. */
export interface SubmitContext {
  readonly actor: Actor;
  /** The policy's groups the requester is in now. */
  readonly groups: readonly string[];
  /** undefined: the policy in force has no such entitlement. */
  readonly rule: ResolvedRule | undefined;
  readonly asked: Asked;
  /** What of `asked.scope` lies within the entitlement; undefined: some of it does not. */
  readonly scope: readonly Permission[] | undefined;
  readonly ticket: TicketCheck;
  readonly pendingCount: number;
  readonly debt: BreakGlassState;
  /** Which incident this is, for break-glass debt; null without a ticket. */
  readonly incident: string | null;
  readonly nowMs: number;
}
