import type { Draft } from '../draft.ts';
import type { EventType } from '../events.ts';
import type { Rule } from '../rule.ts';
import type { SignInState } from './state.ts';

/** What an emergency leaves in the log, from the ask to its end, with what is taken away along with it. */
const LEFT_BY_AN_EMERGENCY: ReadonlySet<EventType> = new Set<EventType>([
  'countersign.request.submitted.v1',
  'countersign.request.approved.v1',
  'countersign.request.cancelled.v1',
  'countersign.ticket.checked.v1',
  'countersign.break-glass.used.v1',
  'countersign.session.opening.v1',
  'countersign.session.opened.v1',
  'countersign.session.failed.v1',
  'countersign.grant.ended.v1',
  'countersign.grant.revoke-requested.v1',
  'countersign.grant.revoke-confirmed.v1',
  'countersign.grant.cut-off.v1',
  'countersign.factor.used.v1',
  'countersign.factor.failed.v1',
  'countersign.command.refused.v1',
  'countersign.person.signed-out.v1',
]);

/**
 * Nobody but a passkey says who this is, and nobody at all what they may still do: it breaks the glass, uses what comes of
 * it, and takes access away. By what would be written, so that a new kind of entry is refused until it is listed.
 */
export const emergencySignInBreaksTheGlass: Rule<{
  readonly signIn: Pick<SignInState, 'way'>;
  readonly events: readonly Pick<Draft, 'type'>[];
}> = {
  name: 'emergency-sign-in-breaks-the-glass',
  refuses: ({ signIn, events }) =>
    signIn.way !== 'passkey' || events.every(({ type }) => LEFT_BY_AN_EMERGENCY.has(type))
      ? undefined
      : 'This sign-in was made by a passkey alone, without the identity provider: it is good for an emergency and no more.',
};
