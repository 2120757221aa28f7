import type { GrantView, RequestView, TimelineItem } from '../answers.ts';
import { printable } from '../output.ts';
import { sayPerson, sayStage, stageInTurn } from '../say-people.ts';
import { sayDuration, sayMoment } from '../say-time.ts';
import { tableLines } from '../table.ts';
import { scopeLines } from './scope-lines.ts';

/** One line for each request. */
export const requestRows = (views: readonly RequestView[], nowMs: number): readonly string[] =>
  tableLines(
    views.map((view) => [
      view.request,
      view.status,
      sayPerson(view.person),
      printable(view.entitlement),
      sayDuration(view.grants[0]?.duration_seconds ?? view.duration_seconds),
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
  return grantsStanding(view, nowMs);
}

/** One grant with its life; of several, how many and how the request as a whole stands is enough for a line. */
function grantsStanding({ grants }: RequestView, nowMs: number): string {
  const [first] = grants;
  if (first === undefined) return '';
  if (grants.length > 1) return `${grants.length} grants`;
  return `${first.grant} ${lifeOf(first, nowMs)}`.trimEnd();
}

const cutOffWords = {
  'ticket-closed': 'because its ticket was closed',
  'person-left': 'because its holder left',
  'extended-grant-revoked': 'because what it carried on was revoked',
} as const satisfies Record<NonNullable<GrantView['cut_off_because']>, string>;

/** Until when, from when, or why not. */
export function lifeOf(grant: GrantView, nowMs: number): string {
  const { extended_by } = grant;
  const further = extended_by === null ? '' : `, then ${extended_by}`;
  if (grant.status === 'active' && grant.ends_at !== null)
    return `until ${sayMoment(grant.ends_at, nowMs)}${further}`;
  if (grant.status === 'scheduled' && grant.starts_at !== null)
    return `from ${sayMoment(grant.starts_at, nowMs)}`;
  if (grant.cut_off_because !== null) return cutOffWords[grant.cut_off_because];
  const isUnused = grant.status === 'approved' || grant.status === 'activation-failed';
  return isUnused ? `to be opened by ${sayMoment(grant.activate_by, nowMs)}` : '';
}

export const detailLine = (label: string, text: string): string => `  ${label.padEnd(10)} ${text}`;

/** Who asks for what, why, and until when: for `show`, and for a reviewer before the statement. */
export function requestLines(view: RequestView, nowMs: number): readonly string[] {
  const stage = stageInTurn(view);
  return [
    `${sayPerson(view.person)} asks for ${printable(view.entitlement)} on ${printable(view.targets.join(', '))} for ${sayDuration(view.duration_seconds)}`,
    ...furtherLines(view, nowMs),
    detailLine('request', view.request),
    detailLine('status', `${view.status}${standingOf(view, stage, nowMs)}`),
    detailLine('ticket', view.ticket === null ? 'none' : printable(view.ticket)),
    ...reasonLines(view.justification),
    ...(view.break_glass === null ? [] : emergencyLines(view.break_glass, nowMs)),
  ];
}

/** What makes it more than the everyday ask: for others, later, or going on with something. */
function furtherLines(view: RequestView, nowMs: number): readonly string[] {
  const isForOthers = view.people.length > 1 || view.people[0]?.person !== view.person.person;
  const parameters = Object.entries(view.parameters).map(
    ([name, value]) => `${printable(name)}=${printable(value)}`,
  );
  return [
    ...(isForOthers ? [detailLine('for', view.people.map(sayPerson).join(', '))] : []),
    ...(parameters.length > 0 ? [detailLine('with', parameters.join(', '))] : []),
    ...(view.extends === null ? [] : [detailLine('extends', view.extends)]),
    ...(view.starts_at === null ? [] : [detailLine('begins', sayMoment(view.starts_at, nowMs))]),
  ];
}

function standingOf(view: RequestView, stage: ReturnType<typeof stageInTurn>, nowMs: number): string {
  if (view.status === 'pending' && stage !== undefined) {
    return `, ${stage.have} of ${stage.people} from ${printable(stage.from)}${escalation(stage, nowMs)}, by ${sayMoment(view.review_by, nowMs)}`;
  }
  const standing = grantsStanding(view, nowMs);
  return standing === '' ? '' : `, ${standing}`;
}

function escalation(
  { escalates_to: to, escalates_at: at }: RequestView['stages'][number],
  nowMs: number,
): string {
  if (to === null || at === null) return '';
  return Date.parse(at) <= nowMs
    ? ` or ${printable(to)}`
    : `, from ${sayMoment(at, nowMs)} also ${printable(to)}`;
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
  const { marks, reviewed, review_by, verdicts, overdue, told } = emergency;
  const due = `${overdue ? 'was to be' : 'to be'} judged by ${sayMoment(review_by, nowMs)}`;
  const judged = reviewed ? verdicts.join(', ') : due;
  const heard = told.map(
    ({ group, channel, delivered }) => `${printable(group)} by ${channel}${delivered ? '' : ' (failed)'}`,
  );
  return [
    detailLine('emergency', `${judged}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`),
    detailLine('told', heard.length === 0 ? 'nobody, so far' : heard.join(', ')),
  ];
}

/** `show`: all of the above, what it opens, and everything that happened, each with its entry. */
export const requestStory = (
  view: RequestView,
  timeline: readonly TimelineItem[],
  nowMs: number,
): readonly string[] => [
  ...requestLines(view, nowMs),
  ...scopeLines(view.grants[0]?.scope ?? view.scope).map((line) => `    ${line}`),
  ...grantLines(view, nowMs),
  '',
  ...tableLines(
    timeline.map(({ entry, at, sentence }) => [`#${entry}`, sayMoment(at, nowMs), printable(sentence)]),
  ),
];

/** Each of several grants on its own line: whose, where, and how it stands. */
export const grantLines = ({ grants }: RequestView, nowMs: number): readonly string[] =>
  grants.length < 2
    ? []
    : tableLines(
        grants.map((grant) => [
          `    ${grant.grant}`,
          sayPerson(grant.person),
          printable(grant.target),
          grant.status,
          lifeOf(grant, nowMs),
        ]),
      );
