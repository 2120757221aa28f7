import type { RequestView, ScopeItem } from './answers.ts';
import { printable } from './output.ts';
import { sayPerson, sayStage, stageInTurn } from './say-people.ts';
import { sayDuration } from './say-time.ts';

const TEXT_WIDTH = 41;

/** What happened, and where the log has it. */
export const newsLine = (text: string, where: string): string => `${text.padEnd(TEXT_WIDTH)} ${where}`;

/** Who is asked now; of a request that nobody need review, that it is granted. */
export function askedLine(view: RequestView): string {
  const stage = stageInTurn(view);
  if (view.status === 'pending' && stage !== undefined)
    return newsLine(`asked ${sayStage(stage)}`, whereAsked(view));
  return newsLine(
    view.break_glass === null ? 'granted without a review' : 'granted, to be judged afterwards',
    whereAsked(view),
  );
}

const whereAsked = ({ request, entry }: RequestView): string => `${request} entry #${entry}`;

/** What has come since the request was last looked at: each review, and who is asked next. */
export function newsBetween(before: RequestView, after: RequestView): readonly string[] {
  const reviews = after.reviews.slice(before.reviews.length).map((review) => reviewLine(after, review));
  const [from, to] = [stageInTurn(before), stageInTurn(after)];
  const passedOn = after.status === 'pending' && to !== undefined && to.from !== from?.from;
  return passedOn
    ? [...reviews, newsLine(`asked ${sayStage(to)}`, '')].map((line) => line.trimEnd())
    : reviews;
}

function reviewLine(view: RequestView, review: RequestView['reviews'][number]): string {
  const { reviewer, verdict, duration_seconds, scope, entry } = review;
  const where = `entry #${entry}`;
  if (verdict === 'deny') return newsLine(`denied by ${sayPerson(reviewer)}`, where);
  const part = isSameScope(scope, view.scope) ? '' : ', part of the scope';
  return newsLine(`approved by ${sayPerson(reviewer)} for ${sayDuration(duration_seconds)}${part}`, where);
}

const isSameScope = (left: readonly ScopeItem[], right: readonly ScopeItem[]): boolean =>
  left.length === right.length &&
  left.every(({ action, resource }) =>
    right.some((item) => item.action === action && item.resource === resource),
  );

/** Who said no, and why. */
export function denialOf({ reviews }: RequestView): string {
  const denial = reviews.findLast(({ verdict }) => verdict === 'deny');
  if (denial === undefined) return 'Denied.';
  return `Denied by ${sayPerson(denial.reviewer)}: ${denial.reason === null ? 'no reason is left' : printable(denial.reason)}`;
}
