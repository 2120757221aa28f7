import type { Actor } from '../actor.ts';
import type { ReviewStatement } from '../events.ts';
import type { PersonState } from '../person/state.ts';
import type { Humans } from '../policy/humans.ts';
import type { ResolvedRule } from '../policy/policy.ts';
import type { GrantState, RequestState } from './state.ts';
import type { TicketOfPerson } from './submit-context.ts';

/** Everything the rules on reviewing look at. */
export interface ReviewContext {
  readonly actor: Actor;
  /** The policy's groups the reviewer is in now. */
  readonly groups: readonly string[];
  readonly state: RequestState;
  /** The rule as the policy in force has it; undefined: the entitlement is gone. */
  readonly rule: ResolvedRule | undefined;
  /** Who is one human under several identities, by the policy in force. */
  readonly humans: Humans;
  readonly policyDigest: string;
  readonly ruleDigest: string | null;
  /** What the reviewer signed or attested, as it came in. */
  readonly statement: ReviewStatement;
  /** Of each person it is asked for. */
  readonly tickets: readonly TicketOfPerson[];
  /** Of the reviewer, whoever asked and those it is asked for: who has left. */
  readonly peopleWhoLeft: readonly string[];
  /** The grant that the request is to carry on; undefined: none. */
  readonly extended: GrantState | undefined;
  readonly reviewer: PersonState;
  /** The log's root at the statement's size is the one it names. */
  readonly logFits: boolean;
  readonly origin: string;
  readonly nowMs: number;
}
