import type { Actor } from '../actor.ts';
import type { StoredData } from '../events.ts';
import type { Humans } from '../policy/humans.ts';
import type { AskedPermission } from '../policy/narrow.ts';
import type { ResolvedRule } from '../policy/policy.ts';
import type { GrantState, RequestState } from './state.ts';
import type { TicketOfPerson } from './submit-context.ts';

/** Everything the rules on opening a session look at. */
export interface OpenContext {
  readonly actor: Actor;
  readonly groups: readonly string[];
  readonly state: RequestState;
  readonly grant: GrantState;
  readonly rule: ResolvedRule | undefined;
  readonly ruleDigest: string | null;
  /** Who is one human under several identities, by the policy in force. */
  readonly humans: Humans;
  /** As it concerns the grant's person. */
  readonly tickets: readonly TicketOfPerson[];
  /** The grant that this one carries on; undefined: it carries on none. */
  readonly extended: GrantState | undefined;
  /** The grant's person, if they have left. */
  readonly peopleWhoLeft: readonly string[];
  /** Those who approved it and have left since. */
  readonly approversWhoLeft: readonly string[];
  /** Those who approved it with a factor that has been removed or reset since. */
  readonly approversWithoutFactor: readonly string[];
  readonly nowMs: number;
}

/** What a provider would do for a session, before anything is written or sent. */
export interface Prepared {
  readonly provider: 'token' | 'aws';
  readonly parameters: StoredData<'countersign.session.opening.v1'>['parameters'];
  readonly parametersDigest: string;
  /** What the parameters let somebody do, read back from them; undefined: they cannot be read. */
  readonly scope: readonly AskedPermission[] | undefined;
  readonly earliestEndMs: number;
  readonly endsAtMs: number;
}
