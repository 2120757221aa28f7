import type { GrantView, RequestView, TimelineItem } from './answers.ts';
import { printable } from './output.ts';
import { sayPerson, sayStage, stageInTurn } from './say-people.ts';
import { sayDuration, sayMoment } from './say-time.ts';
import { scopeLines } from './scope-lines.ts';
import { tableLines } from './table.ts';

/** One line for each request. */
export const requestRows = (views: readonly RequestView[], nowMs: number): readonly string[] =>
  tableLines(
    views.map((view) => [
      view.request,
      view.status,
      sayPerson(view.person),
      printable(view.entitlement),
      sayDuration(view.grant?.duration_seconds ?? view.duration_seconds),
      printable(view.ticket ?? ''),
      standing(view, nowMs),
    ]),
  );

/** What it waits for, or until when it is good. */
function standing(view: RequestView, nowMs: number): string {
  const stage = stageInTurn(view);
  if (view.break_glass?.reviewed === false)
    return `emergency, to be judged by ${sayMoment(view.break_glass.review_by, nowMs)}`;
  if (view.status === 'pending' && stage !== undefined) return `asked ${sayStage(stage)}`;
  return view.grant === null ? '' : `${view.grant.grant} ${lifeOf(view.grant, nowMs)}`.trimEnd();
}

function lifeOf(grant: GrantView, nowMs: number): string {
  if (grant.status === 'active' && grant.ends_at !== null) return `until ${sayMoment(grant.ends_at, nowMs)}`;
  const isUnused = grant.status === 'approved' || grant.status === 'activation-failed';
  return isUnused ? `to be opened by ${sayMoment(grant.activate_by, nowMs)}` : '';
}

export const detailLine = (label: string, text: string): string => `  ${label.padEnd(10)} ${text}`;

/** Who asks for what, why, and until when: for `show`, and for a reviewer before the statement. */
export function requestLines(view: RequestView, nowMs: number): readonly string[] {
  const stage = stageInTurn(view);
  return [
    `${sayPerson(view.person)} asks for ${printable(view.entitlement)} on ${printable(view.target)} for ${sayDuration(view.duration_seconds)}`,
    detailLine('request', view.request),
    detailLine('status', `${view.status}${standingOf(view, stage, nowMs)}`),
    detailLine('ticket', view.ticket === null ? 'none' : printable(view.ticket)),
    ...reasonLines(view.justification),
    ...(view.break_glass === null ? [] : emergencyLines(view.break_glass, nowMs)),
  ];
}

function standingOf(view: RequestView, stage: ReturnType<typeof stageInTurn>, nowMs: number): string {
  if (view.status === 'pending' && stage !== undefined) {
    return `, ${stage.have} of ${stage.people} from ${printable(stage.from)}, by ${sayMoment(view.review_by, nowMs)}`;
  }
  return view.grant === null ? '' : `, ${`${view.grant.grant} ${lifeOf(view.grant, nowMs)}`.trimEnd()}`;
}

/** Somebody else's words stay behind a mark at the left, so that they cannot pass for a line of ours. */
function reasonLines(justification: string | null): readonly string[] {
  if (justification === null) return [detailLine('reason', 'erased')];
  const lines = printable(justification, { multiline: true }).split('\n');
  return lines.map((line, at) => detailLine(at === 0 ? 'reason' : '', `│ ${line}`));
}

function emergencyLines(
  emergency: NonNullable<RequestView['break_glass']>,
  nowMs: number,
): readonly string[] {
  const { marks, reviewed, review_by, verdicts } = emergency;
  const judged = reviewed ? verdicts.join(', ') : `to be judged by ${sayMoment(review_by, nowMs)}`;
  return [detailLine('emergency', `${judged}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`)];
}

/** `show`: all of the above, what it opens, and everything that happened, each with its entry. */
export const requestStory = (
  view: RequestView,
  timeline: readonly TimelineItem[],
  nowMs: number,
): readonly string[] => [
  ...requestLines(view, nowMs),
  ...scopeLines(view.grant?.scope ?? view.scope).map((line) => `    ${line}`),
  '',
  ...tableLines(
    timeline.map(({ entry, at, sentence }) => [`#${entry}`, sayMoment(at, nowMs), printable(sentence)]),
  ),
];
