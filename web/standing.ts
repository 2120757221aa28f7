import type { BreakGlassStatement, ReviewStatement } from '../src/domain/events.ts';

/**
 * Everything in a statement that a reader judges, and nothing that is new each time. The server makes it for its page, and
 * the browser makes it of the statement it is about to have signed: other text, and nothing is signed.
 */
export const standingText = (statement: ReviewStatement | BreakGlassStatement): string =>
  JSON.stringify(statement.purpose === 'review' ? judgedIn(statement) : [statement.request_leaf]);

const judgedIn = (statement: ReviewStatement): readonly unknown[] => [
  statement.request_leaf,
  statement.stage,
  statement.policy_digest,
  statement.rule_digest,
  statement.people,
  statement.targets,
  statement.scope.map(({ action, resource, access }) => [action, resource, access]),
  statement.start_ms,
  statement.ticket_digest,
];
