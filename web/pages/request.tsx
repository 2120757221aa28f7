import type { Nudge } from '../../src/app/request/nudge-reviewers.ts';
import type { GrantView } from '../../src/app/views/grant-view.ts';
import type { RequestView, ReviewView } from '../../src/app/views/request-view.ts';
import type { TimelineItem } from '../../src/app/views/timeline.ts';
import { StatusBadge } from '../parts/badge.tsx';
import { PostForm } from '../parts/forms.tsx';
import { Ago, Moment, Until } from '../parts/moment.tsx';
import { RequestFacts } from '../parts/request-facts.tsx';
import { nameOf, RequestSentence, requestSentence } from '../parts/request-sentence.tsx';
import { type PlainWords, ScopeTable } from '../parts/scope-table.tsx';
import { sayLength } from '../said.ts';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

export interface RequestShown {
  readonly frame: Frame;
  readonly request: RequestView;
  readonly timeline: readonly TimelineItem[];
  readonly words: PlainWords;
  /** Whether it waits for whoever looks. */
  readonly isReviewer: boolean;
  /** For whoever waits for others; undefined: it waits for nobody, or is not theirs. */
  readonly nudge: Nudge | undefined;
}

/** One request: what is asked, what happened, and what can be done about it now. */
export const RequestPage = ({ frame, request, timeline, words, isReviewer, nudge }: RequestShown) => {
  const isMine = frame.visitor?.person === request.person.person;
  return (
    <PageFrame frame={frame} title={requestSentence(request)} islands={['live']}>
      <article class="request" data-live={`/requests/${request.request}/events`}>
        <p class="kicker">
          <StatusBadge status={request.status} /> <code>{request.request}</code>{' '}
          <span class="quiet">
            {text.facts.asked} <Ago at={request.submitted_at} nowMs={frame.nowMs} />
          </span>
        </p>
        <h1>
          <RequestSentence asked={request} />
        </h1>
        <RequestFacts request={request} nowMs={frame.nowMs} />
        <Actions {...{ frame, request, isMine, isReviewer, nudge }} />
        <WhoIsReminded frame={frame} nudge={nudge} />
        <div class="columns">
          <div>
            <Timeline frame={frame} items={timeline} />
            <ScopeTable scope={request.scope} words={words} />
          </div>
          <div>
            <Signatures frame={frame} request={request} />
            <Grants frame={frame} request={request} />
            <Emergency frame={frame} request={request} />
          </div>
        </div>
      </article>
    </PageFrame>
  );
};

const Actions = (shown: {
  readonly frame: Frame;
  readonly request: RequestView;
  readonly isMine: boolean;
  readonly isReviewer: boolean;
  readonly nudge: Nudge | undefined;
}) => {
  const { frame, request, isMine, isReviewer, nudge } = shown;
  const isPending = request.status === 'pending';
  return (
    <div class="actions">
      {isReviewer ? (
        <a class="button main" href={`/requests/${request.request}/review`}>
          {text.request.review}
        </a>
      ) : null}
      {nudge !== undefined && isDue(nudge, frame) ? (
        <PostForm frame={frame} action={`/requests/${request.request}/nudges`}>
          <button type="submit" aria-describedby="who-is-reminded">
            {text.request.nudge}
          </button>
        </PostForm>
      ) : null}
      {isMine && isPending ? (
        <PostForm frame={frame} action={`/requests/${request.request}/withdrawal`}>
          <button type="submit" title={text.request.withdrawHelp}>
            {text.request.withdraw}
          </button>
        </PostForm>
      ) : null}
      {isMine && isOver(request) ? (
        <a class="button" href={`/ask?${askAgain(request)}`}>
          {text.request.again}
        </a>
      ) : null}
    </div>
  );
};

const isDue = ({ channels, fromMs }: Nudge, { nowMs }: Frame): boolean =>
  channels.length > 0 && fromMs !== null && fromMs <= nowMs;

/** Whom a reminder would reach, or when one may be sent (again). */
const WhoIsReminded = (shown: { readonly frame: Frame; readonly nudge: Nudge | undefined }) => {
  const { frame, nudge } = shown;
  if (nudge === undefined || nudge.channels.length === 0) return null;
  const { groups, channels, fromMs } = nudge;
  return (
    <p class="quiet" id="who-is-reminded">
      {fromMs === null ? (
        text.request.nudgedEnough
      ) : fromMs <= frame.nowMs ? (
        text.request.nudgeHelp(groups.join(', '), channels.join(' and '))
      ) : (
        <>
          {text.request.nudgeFrom(groups.join(', '))}{' '}
          <Moment at={new Date(fromMs).toISOString()} nowMs={frame.nowMs} />
        </>
      )}
    </p>
  );
};

const OVER: ReadonlySet<RequestView['status']> = new Set([
  'denied',
  'expired',
  'withdrawn',
  'cancelled',
  'ended',
  'revoked',
]);

const isOver = ({ status }: RequestView): boolean => OVER.has(status);

function askAgain(request: RequestView): string {
  const query = new URLSearchParams({ entitlement: request.entitlement });
  if (request.ticket !== null) query.set('ticket', request.ticket);
  return query.toString();
}

const Timeline = ({ frame, items }: { readonly frame: Frame; readonly items: readonly TimelineItem[] }) => (
  <section class="card" aria-labelledby="timeline">
    <h2 id="timeline">{text.request.timeline}</h2>
    <p class="quiet">{text.request.timelineNote}</p>
    <ol class="timeline" data-timeline aria-live="polite" aria-relevant="additions">
      {items.map((item) => (
        <li data-entry={item.entry}>
          <span class="entry" title={text.facts.entryTitle(item.entry)}>
            {text.facts.entry(item.entry)}
          </span>
          <span class="said">{item.sentence}</span>
          <Moment at={item.at} nowMs={frame.nowMs} />
        </li>
      ))}
    </ol>
    <p class="quiet" data-live-state data-live-text={text.request.live} data-lost-text={text.request.lost} />
  </section>
);

const Signatures = ({ frame, request }: { readonly frame: Frame; readonly request: RequestView }) => (
  <section class="card" aria-labelledby="signatures">
    <h2 id="signatures">{text.request.reviews}</h2>
    {request.stages.length === 0 ? <p class="quiet">{text.request.noReview}</p> : null}
    <ul class="rows">
      {request.stages.map((stage) => (
        <li>
          <span>
            <span aria-hidden="true">{stage.have >= stage.people ? '✓' : '◷'}</span>{' '}
            {text.request.stage(stage.have, stage.people, stage.from)}
          </span>
          {stage.escalates_to === null || stage.escalates_at === null ? null : (
            <span class="quiet">
              {text.request.escalates(stage.escalates_to)}{' '}
              <Moment at={stage.escalates_at} nowMs={frame.nowMs} />
            </span>
          )}
        </li>
      ))}
      {request.reviews.map((review) => (
        <li>
          <span>{reviewSentence(review)}</span>
          {review.reason === null ? null : <q class="reason">{review.reason}</q>}
          <span class="quiet">
            <span title={text.facts.entryTitle(review.entry)}>{text.facts.entry(review.entry)}</span> ·{' '}
            <Moment at={review.at} nowMs={frame.nowMs} />
          </span>
        </li>
      ))}
    </ul>
    {request.status === 'pending' ? (
      <p class="quiet">
        {text.facts.decideBy} <Moment at={request.review_by} nowMs={frame.nowMs} />
      </p>
    ) : null}
  </section>
);

const reviewSentence = (review: ReviewView): string =>
  review.verdict === 'approve'
    ? text.request.approvedBy(nameOf(review.reviewer), sayLength(review.duration_seconds))
    : text.request.deniedBy(nameOf(review.reviewer));

const Grants = ({ frame, request }: { readonly frame: Frame; readonly request: RequestView }) =>
  request.grants.length === 0 ? null : (
    <section class="card" aria-labelledby="grants">
      <h2 id="grants">{text.request.grants}</h2>
      <ul class="rows">
        {request.grants.map((grant) => (
          <GrantRow frame={frame} grant={grant} />
        ))}
      </ul>
    </section>
  );

const GrantRow = ({ frame, grant }: { readonly frame: Frame; readonly grant: GrantView }) => {
  const isMine = frame.visitor?.person === grant.person.person;
  const isLive = grant.status === 'active' || grant.status === 'approved';
  return (
    <li>
      <span>
        {nameOf(grant.person)} · {grant.target}
      </span>
      <span class="row-facts">
        <StatusBadge status={grant.status} />
        {isLive ? <Until at={grant.ends_at ?? grant.activate_by} nowMs={frame.nowMs} /> : null}
      </span>
      {isMine && isLive ? (
        <span class="actions">
          <a class="button" href={`/access#${grant.grant}`}>
            {text.request.openTitle}
          </a>
          <PostForm frame={frame} action={`/access/${grant.grant}/end`}>
            <button type="submit">{text.activeAccess.end}</button>
          </PostForm>
        </span>
      ) : null}
    </li>
  );
};

const Emergency = ({ frame, request }: { readonly frame: Frame; readonly request: RequestView }) => {
  const { break_glass: emergency } = request;
  if (emergency === null) return null;
  return (
    <section class="card" aria-labelledby="emergency">
      <h2 id="emergency">{text.facts.emergency}</h2>
      {emergency.overdue ? <p class="warning">{text.request.emergencyOverdue}</p> : null}
      {emergency.reviewed ? null : (
        <p>
          {text.request.emergencyReviewBy} <Moment at={emergency.review_by} nowMs={frame.nowMs} />
        </p>
      )}
      <ul class="rows">
        {emergency.marks.map((mark) => (
          <li>{text.request.marks[mark]}</li>
        ))}
        {emergency.told.map(({ group, channel, delivered, at }) => (
          <li>
            <span>
              {group} ({channel}): {delivered ? text.request.toldDelivered : text.request.toldNot}
            </span>
            <Moment at={at} nowMs={frame.nowMs} />
          </li>
        ))}
      </ul>
    </section>
  );
};
