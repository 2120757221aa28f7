import type { Draft } from '../draft.ts';
import type { EventType } from '../events.ts';
import type { Rule } from '../rule.ts';
import { emergencySignInBreaksTheGlass } from './emergency-sign-in-breaks-the-glass.ts';
import type { SignInState } from './state.ts';

/** What asking, looking and taking back leave in the log; a code shown for the ask among it. */
const LEFT_BY_ASKING: ReadonlySet<EventType> = new Set<EventType>([
  'countersign.request.submitted.v1',
  'countersign.request.approved.v1',
  'countersign.request.withdrawn.v1',
  'countersign.ticket.checked.v1',
  'countersign.factor.used.v1',
  'countersign.factor.failed.v1',
  'countersign.command.refused.v1',
  'countersign.person.signed-out.v1',
]);

/**
 * A machine that somebody let in from elsewhere may not be theirs: whoever was talked into it has at most let a
 * stranger ask. By what would be written, so that a new kind of entry is refused until it is listed.
 */
export const signInMayOnlyAsk: Rule<{
  readonly signIn: Pick<SignInState, 'mayOnlyAsk'>;
  readonly events: readonly Pick<Draft, 'type'>[];
}> = {
  name: 'sign-in-may-only-ask',
  refuses: ({ signIn, events }) =>
    !signIn.mayOnlyAsk || events.every(({ type }) => LEFT_BY_ASKING.has(type))
      ? undefined
      : 'This sign-in was begun on a machine without a browser, so it may only ask.',
};

/** Rules on what may be written in a sign-in, whatever was decided. */
export const withinSignInRules: readonly Rule<{
  readonly signIn: Pick<SignInState, 'mayOnlyAsk' | 'way'>;
  readonly events: readonly Pick<Draft, 'type'>[];
}>[] = [signInMayOnlyAsk, emergencySignInBreaksTheGlass];
