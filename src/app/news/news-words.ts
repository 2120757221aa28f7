import type { StoredEvent } from '../../domain/events.ts';
import type { Notice } from '../../domain/notice/notice.ts';
import { currentStage, escalatesAtMs } from '../../domain/request/stage.ts';
import type { RequestState } from '../../domain/request/state.ts';
import { iso } from '../views/time.ts';

/** How people are called, and what they wrote; ids and null where personal text stays inside. */
export interface NewsWords {
  readonly call: (person: string) => string;
  readonly ticket: string | null;
  readonly justification: string | null;
}

interface Told {
  readonly notice: Notice;
  /** The entry it is about. */
  readonly event: StoredEvent;
  readonly request: RequestState | undefined;
  readonly texts: NewsWords;
}

interface Words {
  readonly subject: string;
  readonly lines: readonly string[];
}

/** What somebody reads at night: what happened, by when something is wanted of them, and the command that does it. */
export function sayNews(told: Told): Words {
  const { notice, event, request, texts } = told;
  return request === undefined
    ? sayOfPeople(notice, event, texts)
    : sayOfRequest(told, request, whatIsAsked(request));
}

function sayOfRequest(
  { notice, event, request: _, texts }: Told,
  request: RequestState,
  asked: string,
): Words {
  const id = notice.matter;
  const who = texts.call(request.person);
  const forWhom = request.people.map(texts.call).join(', ');
  const wants = `${who} asks for ${asked}${forWhom === who ? '' : ` for ${forWhom}`}, ${minutes(request.seconds)}.`;
  const why = [
    ...(texts.ticket === null ? [] : [`Ticket: ${texts.ticket}`]),
    ...(texts.justification === null ? [] : [`Reason: ${texts.justification}`]),
  ];
  const look = `Look at it:  countersign show ${id}`;
  const decide = `Decide it:   countersign approve ${id}   or   countersign deny ${id}`;
  switch (notice.occasion) {
    case 'review-wanted':
      return {
        subject: `review wanted: ${asked} (${id})`,
        lines: [wants, ...why, until(request), '', look, decide],
      };
    case 'review-escalated':
      return {
        subject: `escalated to you: ${asked} (${id})`,
        lines: [
          wants,
          ...why,
          `${stageOf(request)} did not decide in time, so you may as well. ${until(request)}`,
          '',
          look,
          decide,
        ],
      };
    case 'review-still-wanted':
      return {
        subject: `still waiting: ${asked} (${id})`,
        lines: [
          wants,
          ...why,
          `Half of the time is over. ${until(request)} The broker will not remind you again.`,
          '',
          look,
          decide,
        ],
      };
    case 'review-nudged':
      return {
        subject: `reminder: ${asked} (${id})`,
        lines: [
          wants,
          ...why,
          `${whoNudged(event, texts)} reminds you of it. ${until(request)}`,
          '',
          look,
          decide,
        ],
      };
    case 'decided':
      return {
        subject: `${request.outcome}: ${asked} (${id})`,
        lines: [`What was asked for (${asked}) is ${request.outcome}.`, '', look],
      };
    case 'access-taken-away':
      return {
        subject: `access ended: ${asked} (${id})`,
        lines: [`An access of yours (${asked}) was taken away: ${causeOf(event, texts)}`, '', look],
      };
    default:
      return sayOfEmergency({ notice, event, request, texts }, request, asked, [...why, '', look]);
  }
}

function sayOfEmergency(
  { notice, event, texts }: Told,
  request: RequestState,
  asked: string,
  rest: readonly string[],
): Words {
  const id = notice.matter;
  const who = texts.call(request.person);
  const emergency = request.breakGlass;
  const marks = emergency?.marks ?? [];
  const judge = `Judge it:    countersign approve ${id} --break-glass -r WHY   (or deny: it was not justified)`;
  const revoke = Object.keys(request.grants).map(
    (grant) => `End it:      countersign revoke ${grant} -r WHY`,
  );
  const by = iso(emergency?.review_by_ms ?? request.reviewByMs);
  switch (notice.occasion) {
    case 'break-glass-overdue':
      return {
        subject: `break-glass not reviewed in time: ${asked} (${id})`,
        lines: [
          `${who} broke the glass for ${asked}; it should have been judged by ${by} and was not.`,
          `Until it is, ${who} cannot break the glass in another incident.`,
          ...rest,
          judge,
        ],
      };
    case 'break-glass-judged':
      return {
        subject: `break-glass ${verdictOf(event)}: ${asked} (${id})`,
        lines: [`The break-glass of ${who} for ${asked} was found ${verdictOf(event)}.`, ...rest],
      };
    default:
      return {
        subject: `BREAK-GLASS: ${asked} (${id})`,
        lines: [
          `${who} broke the glass for ${asked}, ${minutes(request.seconds)}, without anybody's sign-off.`,
          marks.length === 0
            ? 'Nothing was down: ticket and groups were checked.'
            : `Marked ${marks.join(', ')}: ask whether what was down was brought down.`,
          `To be judged by ${by}.`,
          ...rest,
          ...(notice.audience === 'zone-owners' ? revoke : [judge]),
        ],
      };
  }
}

function sayOfPeople({ occasion, matter }: Notice, event: StoredEvent, { call }: NewsWords): Words {
  switch (occasion) {
    case 'person-left':
      return {
        subject: 'somebody left',
        lines: [
          `${call(matter)} is recorded as having left${byWhom(event, call)}. Their access ends now.`,
          '',
          `If that is wrong:  countersign person return ${matter} -r WHY`,
        ],
      };
    case 'factors-reset':
      return event.type === 'countersign.factor.reset.v1'
        ? {
            subject: 'factors reset',
            lines: [
              `All factors of ${call(matter)} are gone: asked for by ${call(event.data.requested_by)}, confirmed by ${call(event.data.confirmed_by)}.`,
            ],
          }
        : {
            subject: 'a reset of factors waits for a second administrator',
            lines: [
              `The factors of ${call(matter)} are to be reset${byWhom(event, call)}.`,
              '',
              `Confirm it:  countersign factor confirm-reset ${matter}`,
            ],
          };
    default:
      return {
        subject: 'a policy is in force',
        lines: [
          event.type === 'countersign.policy.published.v1'
            ? `The policy ${event.data.to_digest} is in force, signed by ${event.data.signers.map(call).join(', ')}.`
            : 'A policy is in force.',
        ],
      };
  }
}

const byWhom = (event: StoredEvent, call: (person: string) => string): string =>
  event.data.by.kind === 'human' ? ` (by ${call(event.data.by.person)})` : '';

const whoNudged = (event: StoredEvent, { call }: NewsWords): string =>
  event.type === 'countersign.request.nudged.v1' ? call(event.data.person) : 'Whoever waits for it';

function causeOf(event: StoredEvent, { call }: NewsWords): string {
  if (event.type === 'countersign.grant.revoke-requested.v1')
    return `${call(event.data.person)} revoked it, as ${event.data.right.replaceAll('-', ' ')}.`;
  if (event.type === 'countersign.grant.cut-off.v1') return `${event.data.cause.replaceAll('-', ' ')}.`;
  return 'see the log.';
}

const verdictOf = (event: StoredEvent): string =>
  event.type === 'countersign.break-glass.reviewed.v1' ? event.data.verdict.replaceAll('-', ' ') : 'judged';

const whatIsAsked = ({ entitlement, targets }: RequestState): string =>
  `${entitlement} on ${targets.join(', ')}`;

const minutes = (seconds: number): string =>
  seconds % 60 === 0 ? `for ${seconds / 60} min` : `for ${seconds} s`;

const until = ({ reviewByMs }: RequestState): string => `To be decided by ${iso(reviewByMs)}.`;

function stageOf(request: RequestState): string {
  const stage = currentStage(request);
  const sinceMs = stage && escalatesAtMs(stage);
  return stage === undefined ? 'Others' : `${stage.from} (until ${iso(sinceMs ?? stage.openedAtMs)})`;
}
