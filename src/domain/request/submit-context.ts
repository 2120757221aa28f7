import type { Actor } from '../actor.ts';
import type { BreakGlassState } from '../break-glass/state.ts';
import type { TicketFacts } from '../events.ts';
import type { Permission, ResolvedRule } from '../policy/policy.ts';
import type { GrantState, RequestState } from './state.ts';

/** What was typed, after its form was checked and nothing else. */
export interface Asked {
  readonly entitlement: string;
  /** Person ids; null: for whoever asks. */
  readonly people: readonly string[] | null;
  /** null: the only target there is. */
  readonly targets: readonly string[] | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** Milliseconds since 1970; null: at once. */
  readonly startMs: number | null;
  /** A running grant to carry on from its end. */
  readonly extends: string | null;
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

/** What a ticket says of one person: the part it gives them, and whether somebody else vouches for that. */
export interface TicketOfPerson {
  readonly person: string;
  readonly check: TicketCheck;
}

/** Everything the rules on asking look at. */
export interface SubmitContext {
  readonly actor: Actor;
  /** The policy's groups the requester is in now. */
  readonly groups: readonly string[];
  /** undefined: the policy in force has no such entitlement. */
  readonly rule: ResolvedRule | undefined;
  readonly asked: Asked;
  /** For whom, each with the ticket as it concerns them. Never empty. */
  readonly tickets: readonly TicketOfPerson[];
  /** The scope asked for, its parameters filled in; undefined: some of it is not within the entitlement. */
  readonly scope: readonly Permission[] | undefined;
  /** The grant that `asked.extends` names; undefined: none was named, or there is none. */
  readonly extended: { readonly state: RequestState; readonly grant: GrantState } | undefined;
  /** Of whoever asks and those it is asked for: who has left. */
  readonly peopleWhoLeft: readonly string[];
  readonly pendingCount: number;
  readonly debt: BreakGlassState;
  /** Which incident this is, for break-glass debt; null without a ticket. */
  readonly incident: string | null;
  readonly nowMs: number;
}

/** Where it is asked for: what was named, or the only one there is. Empty: it has to be said. */
export function targetsAsked({ asked, rule }: Pick<SubmitContext, 'asked' | 'rule'>): readonly string[] {
  const declared = Object.keys(rule?.targets ?? {});
  return asked.targets ?? (declared.length === 1 ? declared : []);
}

/** When it may begin at the earliest: an extension begins where its grant ends. */
export const startAsked = ({ asked, extended }: Pick<SubmitContext, 'asked' | 'extended'>): number | null =>
  asked.extends === null ? asked.startMs : (extended?.grant.endsAtMs ?? null);
