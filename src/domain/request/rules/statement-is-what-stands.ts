import type { Rule } from '../../rule.ts';
import { frameMisfit } from '../../statement-frame.ts';
import type { ReviewContext } from '../review-context.ts';
import { currentStage } from '../stage.ts';
import type { TicketOfPerson } from '../submit-context.ts';

/** Every field of what was signed is compared with what is true now: a signature for something else is none. */
export const statementIsWhatStands: Rule<ReviewContext> = {
  name: 'statement-is-what-stands',
  refuses(context) {
    const differing = differingField(context);
    return differing === undefined
      ? undefined
      : `What was signed is no longer what stands (${differing}). Look at the request again and decide anew.`;
  },
};

function differingField(context: ReviewContext): string | undefined {
  const { statement, state, actor } = context;
  if (statement.request !== state.request || statement.request_leaf !== state.submittedLeaf) return 'request';
  if (statement.requester !== state.person) return 'requester';
  if (statement.reviewer !== actor.person) return 'reviewer';
  if (statement.stage !== (currentStage(state)?.stage ?? -1)) return 'stage';
  if (statement.policy_digest !== context.policyDigest) return 'policy';
  if (statement.rule_digest !== state.ruleDigest) return 'rule';
  if (!sameNames(statement.people, state.people)) return 'people';
  if (!sameNames(statement.targets, state.targets)) return 'targets';
  if (statement.start_ms !== state.startMs) return 'start';
  if (statement.ticket_digest !== ticketDigest(context)) return 'ticket';
  return frameMisfit(context);
}

/** A denial needs no ticket, so that it is possible while the ticket's source is down. */
const ticketDigest = ({ tickets, statement }: ReviewContext): string | null =>
  ticketDigestOf(tickets) ?? (statement.verdict === 'deny' ? statement.ticket_digest : null);

/** The ticket's content, which is the same whomever it concerns; null: it was not found for everybody. */
export function ticketDigestOf(tickets: readonly TicketOfPerson[]): string | null {
  const [first, ...others] = tickets.map(({ check }) =>
    check.kind === 'found' ? check.facts.response_digest : null,
  );
  return first !== undefined && others.every((digest) => digest === first) ? first : null;
}

const sameNames = (signed: readonly string[], stands: readonly string[]): boolean =>
  signed.length === stands.length && signed.every((name, at) => name === stands[at]);
