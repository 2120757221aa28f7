import type { RequestView } from '../answers.ts';
import { printable } from '../output.ts';
import { sayPerson, sayStage, stageInTurn } from '../say-people.ts';
import { sayDuration, sayMoment } from '../say-time.ts';
import { isSameScope } from './narrow-scope.ts';

const TEXT_WIDTH = 41;

/** What happened, and where the log has it. */
export const newsLine = (text: string, where: string): string =>
  `${text.padEnd(TEXT_WIDTH)} ${where}`.trimEnd();

/** Who is asked now and who will be, and when it begins; of a request that nobody need review, that it is granted. */
export function askedLines(view: RequestView, nowMs: number): readonly string[] {
  return [askedLine(view), ...escalationLines(view, nowMs), ...beginningLines(view, nowMs)];
}

function askedLine(view: RequestView): string {
  const stage = stageInTurn(view);
  if (view.status === 'pending' && stage !== undefined)
    return newsLine(`asked ${sayStage(stage)}`, whereAsked(view));
  return newsLine(
    view.break_glass === null ? 'granted without a review' : 'granted, to be judged afterwards',
    whereAsked(view),
  );
}

const whereAsked = ({ request, entry }: RequestView): string => `${request} entry #${entry}`;

/** Whoever waits at night wants to know who is woken next. */
function escalationLines(view: RequestView, nowMs: number): readonly string[] {
  const escalation = escalationOf(view);
  if (view.status !== 'pending' || escalation === undefined) return [];
  const { to, at } = escalation;
  return Date.parse(at) <= nowMs
    ? [`${printable(to)} may decide too, by now`]
    : [`${printable(to)} may decide too, from ${sayMoment(at, nowMs)}`];
}

function beginningLines({ starts_at, extends: extended }: RequestView, nowMs: number): readonly string[] {
  if (starts_at === null) return [];
  const what = extended === null ? 'begins' : `carries ${extended} on from`;
  return [`${what} ${sayMoment(starts_at, nowMs)} (${starts_at.slice(0, 16)}Z)`];
}

function escalationOf(view: RequestView): { readonly to: string; readonly at: string } | undefined {
  const { escalates_to: to, escalates_at: at } = stageInTurn(view) ?? {};
  return to == null || at == null ? undefined : { to, at };
}

/** A request as it was seen at a time. */
export interface Seen {
  readonly view: RequestView;
  readonly atMs: number;
}

/** What has come since the request was last looked at: each review, who is asked next, and who may decide as well. */
export function newsBetween(before: Seen, after: Seen): readonly string[] {
  const reviews = after.view.reviews
    .slice(before.view.reviews.length)
    .map((review) => reviewLine(after.view, review));
  const [from, to] = [stageInTurn(before.view), stageInTurn(after.view)];
  if (after.view.status !== 'pending' || to === undefined) return reviews;
  const isPassedOn = placeOf(after.view) !== placeOf(before.view) || to.from !== from?.from;
  return isPassedOn
    ? [...reviews, newsLine(`asked ${sayStage(to)}`, ''), ...escalationLines(after.view, after.atMs)]
    : [...reviews, ...escalatedLines(before, after)];
}

/** Two stages in a row may ask the same group. */
const placeOf = (view: RequestView): number => view.stages.findIndex(({ have, people }) => have < people);

function escalatedLines(before: Seen, after: Seen): readonly string[] {
  const escalation = escalationOf(after.view);
  if (escalation === undefined) return [];
  const atMs = Date.parse(escalation.at);
  return before.atMs < atMs && atMs <= after.atMs ? [`now ${printable(escalation.to)} may decide too`] : [];
}

function reviewLine(view: RequestView, review: RequestView['reviews'][number]): string {
  const { reviewer, verdict, duration_seconds, scope, entry } = review;
  const where = `entry #${entry}`;
  if (verdict === 'deny') return newsLine(`denied by ${sayPerson(reviewer)}`, where);
  const part = isSameScope(scope, view.scope) ? '' : ', part of the scope';
  return newsLine(`approved by ${sayPerson(reviewer)} for ${sayDuration(duration_seconds)}${part}`, where);
}

/** Who said no, and why. */
export function denialOf({ reviews }: RequestView): string {
  const denial = reviews.findLast(({ verdict }) => verdict === 'deny');
  if (denial === undefined) return 'Denied.';
  return `Denied by ${sayPerson(denial.reviewer)}: ${denial.reason === null ? 'no reason is left' : printable(denial.reason)}`;
}
