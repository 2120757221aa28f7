import type { RequestView } from '../../src/app/views/request-view.ts';
import type { RequesterHistory } from '../../src/app/views/requester-history.ts';
import type { FactorKind } from '../../src/domain/policy/policy.ts';
import { StatusBadge } from '../parts/badge.tsx';
import { CodeField, type Filled, LongTextField, PostForm } from '../parts/forms.tsx';
import { Ago, Moment } from '../parts/moment.tsx';
import { Prose } from '../parts/prose.tsx';
import { RequestFacts } from '../parts/request-facts.tsx';
import { nameOf, RequestSentence, requestSentence } from '../parts/request-sentence.tsx';
import { RiskCards } from '../parts/risk-cards.tsx';
import { type PlainWords, ScopeTable } from '../parts/scope-table.tsx';
import { PasskeyNotes } from '../parts/show-factor.tsx';
import { sayShortLength } from '../said.ts';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

/** What the ticket's source said just now, of one person the request is for. */
export interface TicketTold {
  readonly name: string;
  readonly kind: 'found' | 'none' | 'unavailable' | 'not-given';
  readonly because: string | null;
  readonly state: string | null;
  readonly part: 'responder' | 'assignee' | null;
}

/** Whether whoever looks can decide, and over what. */
export type Standing =
  | {
      readonly kind: 'can';
      readonly purpose: 'review' | 'review-break-glass';
      readonly factor: FactorKind;
      /** `sha256:…` of everything that a decision rests on, as it stood when the page was made. */
      readonly standing: string;
      readonly secondsLeft: number;
    }
  | { readonly kind: 'cannot'; readonly because: string; readonly mend: string | null };

export interface ReviewShown {
  readonly frame: Frame;
  readonly request: RequestView;
  readonly standing: Standing;
  readonly tickets: readonly TicketTold[];
  readonly history: RequesterHistory;
  readonly words: PlainWords;
  readonly filled: Filled;
  /** What went wrong with a decision that was just tried. */
  readonly failed: string | null;
}

/** Who wants what, for how long, why, with what risk: and the two buttons. */
export const ReviewPage = (shown: ReviewShown) => {
  const { frame, request, standing, tickets, history, words } = shown;
  const usesPasskey = standing.kind === 'can' && standing.factor === 'passkey';
  return (
    <PageFrame
      frame={frame}
      title={requestSentence(request)}
      islands={usesPasskey ? ['passkey'] : []}
      refreshes
    >
      <article class="review">
        <div class="review-head">
          <p class="kicker">
            {standing.kind === 'can' ? (
              <span class="badge status-pending">
                <span aria-hidden="true">●</span> {text.review.waits}
              </span>
            ) : (
              <StatusBadge status={request.status} />
            )}{' '}
            <a href={`/requests/${request.request}`}>
              <code>{request.request}</code>
            </a>{' '}
            <span class="quiet">
              {text.facts.asked} <Ago at={request.submitted_at} nowMs={frame.nowMs} />
            </span>
          </p>
          <h1>
            <RequestSentence asked={request} />
          </h1>
          <RequestFacts request={request} nowMs={frame.nowMs} />
        </div>
        <div class="review-body">
          <RiskCards request={request} history={history} />
          <ScopeTable scope={request.scope} words={words} />
        </div>
        <aside class="review-side">
          <Decision {...shown} />
          <Ticket request={request} tickets={tickets} />
          <History request={request} history={history} />
        </aside>
      </article>
    </PageFrame>
  );
};

const Decision = (shown: ReviewShown) => {
  const { standing, request, frame, failed } = shown;
  return (
    <section class="card decision" aria-labelledby="decision" id="decide">
      <h2 id="decision">{standing.kind === 'can' ? text.review.decision : text.review.cannot}</h2>
      {failed === null ? null : (
        <p class="warning" role="alert">
          <span aria-hidden="true">!</span> {failed}
        </p>
      )}
      {standing.kind === 'cannot' ? (
        <>
          <p>{standing.because}</p>
          {standing.mend === null ? null : (
            <p class="quiet">
              <Prose text={standing.mend} />
            </p>
          )}
          <p>
            <a href="/">{text.review.backHome}</a>
          </p>
        </>
      ) : standing.purpose === 'review' ? (
        <ReviewForms {...shown} standing={standing} />
      ) : (
        <JudgementForm {...shown} standing={standing} />
      )}
      {standing.kind === 'can' ? (
        <p class="quiet by">
          {text.facts.decideBy}{' '}
          <Moment at={request.break_glass?.review_by ?? request.review_by} nowMs={frame.nowMs} />
        </p>
      ) : null}
    </section>
  );
};

type Able = ReviewShown & { readonly standing: Extract<Standing, { kind: 'can' }> };

/** Shorter in the same tap; the reason for a denial is asked where the denial is made. */
const ReviewForms = (shown: Able) => {
  const { frame, request, standing, filled } = shown;
  const action = `/requests/${request.request}/review`;
  return (
    <>
      <PostForm frame={frame} action={action} class="approve" id="approve">
        <Seen standing={standing} />
        <input type="hidden" name="verdict" value="approve" />
        <label class="sr" for="duration">
          {text.review.duration}
        </label>
        <select id="duration" name="duration_seconds">
          {lengthsUpTo(standing.secondsLeft).map((seconds) => (
            <option
              value={seconds}
              {...(String(seconds) === (filled.values['duration_seconds'] ?? String(standing.secondsLeft))
                ? { selected: true }
                : {})}
            >
              {sayShortLength(seconds)}
            </option>
          ))}
        </select>
        <Code standing={standing} filled={verdictFilled(filled, 'approve')} idPrefix="approve-" />
        <button
          class="main"
          type="submit"
          data-passkey-sign={standing.factor === 'passkey' ? action : undefined}
          disabled={standing.factor === 'passkey'}
        >
          <Fingerprint shown={standing.factor === 'passkey'} />
          {text.review.approve}
        </button>
        <button type="button" class="danger" popovertarget="deny">
          {text.review.deny}
        </button>
      </PostForm>
      {standing.factor === 'passkey' ? <PasskeyNotes /> : null}
      <p class="quiet digest">
        {standing.factor === 'passkey' ? text.review.passkeySigns : text.review.signs}{' '}
        <code title={standing.standing}>{shortDigest(standing.standing)}</code>
      </p>
      <div id="deny" popover={isDenyTried(filled) ? undefined : 'auto'} class="sheet">
        <h3>{text.review.denyTitle}</h3>
        <PostForm frame={frame} action={action}>
          <Seen standing={standing} />
          <input type="hidden" name="verdict" value="deny" />
          <LongTextField
            name="reason"
            label={text.review.reason}
            filled={filled}
            most={2000}
            rows={3}
            required
          />
          <Code standing={standing} filled={verdictFilled(filled, 'deny')} idPrefix="deny-" />
          <button
            type="submit"
            class="danger full"
            data-passkey-sign={standing.factor === 'passkey' ? action : undefined}
            disabled={standing.factor === 'passkey'}
          >
            {text.review.deny}
          </button>
        </PostForm>
      </div>
    </>
  );
};

const JudgementForm = (shown: Able) => {
  const { frame, request, standing, filled } = shown;
  const action = `/requests/${request.request}/review`;
  return (
    <PostForm frame={frame} action={action} class="judgement">
      <p>{text.review.judge}</p>
      <Seen standing={standing} />
      <LongTextField
        name="reason"
        label={text.review.judgeReason}
        filled={filled}
        most={2000}
        rows={3}
        required
      />
      <Code standing={standing} filled={filled} idPrefix="judge-" />
      <button
        class="main"
        type="submit"
        name="verdict"
        value="justified"
        data-passkey-sign={standing.factor === 'passkey' ? action : undefined}
        disabled={standing.factor === 'passkey'}
      >
        {text.review.justified}
      </button>
      <button
        class="danger"
        type="submit"
        name="verdict"
        value="not-justified"
        data-passkey-sign={standing.factor === 'passkey' ? action : undefined}
        disabled={standing.factor === 'passkey'}
      >
        {text.review.notJustified}
      </button>
      {standing.factor === 'passkey' ? <PasskeyNotes /> : null}
    </PostForm>
  );
};

/** A stale page is told from a fresh one by it. */
const Seen = ({ standing }: { readonly standing: Able['standing'] }) => (
  <input type="hidden" name="standing" value={standing.standing} />
);

const Code = (shown: {
  readonly standing: Able['standing'];
  readonly filled: Filled;
  readonly idPrefix: string;
}) =>
  shown.standing.factor === 'totp' ? (
    <CodeField name="totp" label={text.review.code} filled={shown.filled} idPrefix={shown.idPrefix} />
  ) : null;

const Fingerprint = ({ shown }: { readonly shown: boolean }) =>
  shown ? (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M6 10a6 6 0 0 1 12 0v3m-9-3a3 3 0 0 1 6 0v4c0 2-.5 4-1.4 6M12 10v4c0 2.600-.6 5-1.800 7M9 14c0 2-.3 3.600-1 5M5.500 13.500V15" />
    </svg>
  ) : null;

/** The verdict that failed keeps its mistakes; the other form has none. */
const verdictFilled = (filled: Filled, verdict: 'approve' | 'deny'): Filled =>
  filled.values['verdict'] === verdict ? filled : { values: {}, mistakes: {} };

const isDenyTried = (filled: Filled): boolean => filled.values['verdict'] === 'deny';

const COMMON_SECONDS: readonly number[] = [900, 1800, 3600, 7200, 14_400, 28_800];

/** All of it first, then what is shorter: a review never lengthens. */
const lengthsUpTo = (most: number): readonly number[] => [
  most,
  ...COMMON_SECONDS.filter((seconds) => seconds < most).toReversed(),
];

const shortDigest = (digest: string): string => {
  const hex = digest.replace(/^sha256:/, '');
  return `sha256 ${hex.slice(0, 4)} ${hex.slice(4, 8)} ${hex.slice(8, 12)} …`;
};

const Ticket = ({
  request,
  tickets,
}: {
  readonly request: RequestView;
  readonly tickets: readonly TicketTold[];
}) => {
  if (request.ticket === null) return null;
  const [first] = tickets;
  return (
    <section class="card" aria-labelledby="ticket">
      <h2 id="ticket">
        {text.facts.ticket} {request.ticket}
      </h2>
      {first === undefined || first.kind === 'not-given' ? (
        <p class="quiet">{text.review.ticket.notGiven}</p>
      ) : first.kind === 'none' ? (
        <p class="warning">{text.review.ticket.none}</p>
      ) : first.kind === 'unavailable' ? (
        <p class="warning">{text.review.ticket.unavailable(first.because ?? '')}</p>
      ) : (
        <>
          <ul class="checks">
            <li>
              <span aria-hidden="true">{first.state === 'closed' ? '✕' : '✓'}</span>{' '}
              {text.review.ticket.found(first.state ?? '')}
            </li>
            {tickets.map(({ name, part }) => (
              <li>
                <span aria-hidden="true">{part === null ? '–' : '✓'}</span>{' '}
                {part === null
                  ? text.review.ticket.noPart(name)
                  : text.review.ticket.part(name, text.review.ticket.names[part])}
              </li>
            ))}
          </ul>
          <p class="quiet">{text.review.ticket.checked}</p>
        </>
      )}
    </section>
  );
};

const History = ({
  request,
  history,
}: {
  readonly request: RequestView;
  readonly history: RequesterHistory;
}) => (
  <section class="card" aria-labelledby="history">
    <h2 id="history">{text.review.history(nameOf(request.person))}</h2>
    {history.granted === 0 ? (
      <p class="quiet">{text.review.historyNone}</p>
    ) : (
      <ul class="checks">
        <li>{text.review.historyGrants(history.granted)}</li>
        <li>{text.review.historySame(history.same)}</li>
        <li>{text.review.historyRevoked(history.revoked)}</li>
      </ul>
    )}
    {history.isPartial ? <p class="quiet">{text.review.historyMore}</p> : null}
  </section>
);
