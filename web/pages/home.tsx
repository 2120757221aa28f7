import type { GrantView } from '../../src/app/views/grant-view.ts';
import type { RequestView } from '../../src/app/views/request-view.ts';
import { StatusBadge } from '../parts/badge.tsx';
import { Ago, Until } from '../parts/moment.tsx';
import { requestSentence, shortSentence } from '../parts/request-sentence.tsx';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

export interface HomeShown {
  readonly frame: Frame;
  readonly waiting: readonly RequestView[];
  readonly active: readonly GrantView[];
  readonly requests: readonly RequestView[];
  /** Of the next page of requests; null: there is none. */
  readonly older: string | null;
}

/** What waits for you, what you have, what you asked for. */
export const HomePage = ({ frame, waiting, active, requests, older }: HomeShown) => (
  <PageFrame frame={frame} title={text.home.title} place="home">
    <h1>{text.home.heading(frame.visitor?.name ?? '')}</h1>
    <section class="card strip" aria-labelledby="waiting">
      <h2 id="waiting">
        {text.home.waiting} {waiting.length === 0 ? null : <span class="count">{waiting.length}</span>}
      </h2>
      {waiting.length === 0 ? (
        <p class="quiet">{text.home.nothingWaits}</p>
      ) : (
        <ul class="rows">
          {waiting.map((request) => (
            <WaitingRow frame={frame} request={request} />
          ))}
        </ul>
      )}
    </section>
    <section class="card strip" aria-labelledby="active">
      <h2 id="active">{text.home.active}</h2>
      {active.length === 0 ? <NoAccess /> : <ActiveRows frame={frame} grants={active} />}
    </section>
    <section class="card strip" aria-labelledby="requests">
      <h2 id="requests">{text.home.requests}</h2>
      {requests.length === 0 ? (
        <p class="quiet">{text.home.noRequests}</p>
      ) : (
        <ul class="rows">
          {requests.map((request) => (
            <li>
              <a href={`/requests/${request.request}`}>{shortSentence(request)}</a>
              <span class="row-facts">
                <StatusBadge status={request.status} />
                <span class="quiet">
                  {request.entitlement} · <Ago at={request.submitted_at} nowMs={frame.nowMs} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {older === null ? null : (
        <p class="more">
          <a href={`/?before=${older}`}>{text.home.older}</a>
        </p>
      )}
    </section>
  </PageFrame>
);

const WaitingRow = ({ frame, request }: { readonly frame: Frame; readonly request: RequestView }) => (
  <li class="waits">
    <a href={`/requests/${request.request}/review`}>{requestSentence(request)}</a>
    <span class="row-facts">
      {request.ticket === null ? null : <span class="tag">{request.ticket}</span>}
      {request.break_glass === null ? null : (
        <span class="badge access-destructive">
          <span aria-hidden="true">!</span> {text.facts.emergency}
        </span>
      )}
      <span class="quiet">
        {request.entitlement} · {text.facts.asked} <Ago at={request.submitted_at} nowMs={frame.nowMs} />
      </span>
    </span>
  </li>
);

export const NoAccess = () => (
  <>
    <p class="calm">{text.home.none}</p>
    <p class="quiet">
      {text.home.howToAsk} <code>countersign exec ENTITLEMENT -t TICKET -- COMMAND</code> ·{' '}
      <a href="/ask">{text.home.askHere}</a>
    </p>
  </>
);

const ActiveRows = ({ frame, grants }: { readonly frame: Frame; readonly grants: readonly GrantView[] }) => (
  <ul class="rows">
    {grants.map((grant) => (
      <li>
        <a href={`/access#${grant.grant}`}>
          {grant.entitlement} · {grant.target}
        </a>
        <span class="row-facts">
          <StatusBadge status={grant.status} />
          <Until at={grant.ends_at ?? grant.activate_by} nowMs={frame.nowMs} />
        </span>
      </li>
    ))}
  </ul>
);
