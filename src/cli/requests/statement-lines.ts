import type { BreakGlassStatement, ReviewStatement } from '../../domain/events.ts';
import type { RequestView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../output.ts';
import { sayDuration, sayMoment } from '../say-time.ts';
import { detailLine, requestLines } from './request-lines.ts';
import { scopeLines } from './scope-lines.ts';

const verdictWords = {
  approve: 'You approve',
  deny: 'You deny',
  justified: 'You judge that it was justified',
  'not-justified': 'You judge that it was not justified',
} as const;

/** Written whatever was asked to be quiet: nobody gives a code for what they were not shown. */
export function showStatement(
  { surroundings }: CliContext,
  view: RequestView,
  statement: ReviewStatement | BreakGlassStatement,
  digest: string,
): void {
  const lines = statementLines(view, statement, digest, surroundings.nowMs());
  surroundings.stderr.write(`${lines.join('\n')}\n\n`);
}

/** What somebody reads before they give a code for it: the request, what exactly they decide, what pins it. */
function statementLines(
  view: RequestView,
  statement: ReviewStatement | BreakGlassStatement,
  digest: string,
  nowMs: number,
): readonly string[] {
  return [
    ...requestLines(view, nowMs),
    '',
    ...(statement.purpose === 'review' ? decisionLines(view, statement) : judgementLines(view, statement)),
    '',
    detailLine('statement', digest),
    detailLine('log', `${printable(statement.log.origin)}, ${statement.log.size} entries`),
    detailLine('good until', sayMoment(new Date(statement.expires_at_ms).toISOString(), nowMs)),
  ];
}

function decisionLines(view: RequestView, { verdict, seconds, scope }: ReviewStatement): readonly string[] {
  const shorter = seconds < view.duration_seconds ? `, not ${sayDuration(view.duration_seconds)}` : '';
  const leftOut = view.scope.length - scope.length;
  return [
    `${verdictWords[verdict]}: ${sayDuration(seconds)}${shorter}`,
    ...scopeLines(scope).map((line) => `    ${line}`),
    ...(leftOut > 0 ? [`    (${leftOut} of ${view.scope.length} permissions left out)`] : []),
  ];
}

const judgementLines = (view: RequestView, { verdict }: BreakGlassStatement): readonly string[] => [
  `${verdictWords[verdict]}:`,
  ...scopeLines(view.grants[0]?.scope ?? view.scope).map((line) => `    ${line}`),
];
