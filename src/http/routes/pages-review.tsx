import type { Context } from 'hono';
import { Hono } from 'hono';
import { ReviewPage, type ReviewShown, type Standing, type TicketTold } from '../../../web/pages/review.tsx';
import { type Filled, nothingFilled } from '../../../web/parts/forms.tsx';
import { standingText } from '../../../web/standing.ts';
import { text } from '../../../web/text.ts';
import { prepareBreakGlassReview, reviewBreakGlass } from '../../app/request/review-break-glass.ts';
import {
  type Foreseen,
  foreseeReview,
  prepareReview,
  reviewRequest,
} from '../../app/request/review-request.ts';
import { listWaiting } from '../../app/views/list-requests.ts';
import { namesOf } from '../../app/views/names.ts';
import { oneRequestView } from '../../app/views/request-view.ts';
import { requesterHistory } from '../../app/views/requester-history.ts';
import { visibleRequest } from '../../app/views/visible.ts';
import type { Actor } from '../../domain/actor.ts';
import { Failure, sentence } from '../../domain/errors.ts';
import type { BreakGlassStatement, ReviewStatement } from '../../domain/events.ts';
import type { RequestId } from '../../domain/ids.ts';
import { remaining } from '../../domain/request/remaining.ts';
import type { RequestState } from '../../domain/request/state.ts';
import { requestStatus } from '../../domain/request/status.ts';
import type { TicketOfPerson } from '../../domain/request/submit-context.ts';
import { hex, utf8 } from '../../log/bytes.ts';
import { actorOf } from '../caller.ts';
import { paragraph, requestId, seconds, totp } from '../fields.ts';
import { isLooking } from '../middleware/same-origin.ts';
import { answerPage, frameOf, type PageKit, readParameter, type SentForm, sentForm } from '../page-kit.tsx';
import type { HttpEnv } from '../parts.ts';

/** Understanding a request and deciding it: the page where a signature is made. */
export const reviewPages = (kit: PageKit) =>
  new Hono<HttpEnv>()
    .get('/requests/:id/review', async (c) => {
      const id = readParameter(requestId, c.req.param('id'), 'request');
      // The piece in the browser found that what it was to have signed is not what its page showed.
      const failed = c.req.query('changed') === undefined ? null : text.review.changed;
      return answerReview(kit, c, id, { filled: nothingFilled, failed });
    })
    .post('/requests/:id/review', async (c) => {
      const id = readParameter(requestId, c.req.param('id'), 'request');
      const form = await sentForm(c);
      const read = readDecision(form);
      if (read.decision === undefined) {
        return answerReview(kit, c, id, { filled: read.filled, failed: null });
      }
      try {
        await decide(kit, actorOf(c), id, read.decision, form.text('standing'));
      } catch (error) {
        if (!(error instanceof Failure) || !SAID_ON_THE_PAGE.has(error.code)) throw error;
        return answerReview(kit, c, id, {
          filled: { ...read.filled, mistakes: mistakesFrom(error) },
          failed: sentence(error.message),
        });
      }
      return c.redirect(`/requests/${id}`, 303);
    });

/** What can be put right where it was typed. */
const SAID_ON_THE_PAGE: ReadonlySet<string> = new Set([
  'malformed-input',
  'factor-wrong',
  'factor-throttled',
  'factor-missing',
  'step-up-needed',
  'refused-by-rule',
  'stale',
  'conflict',
]);

const mistakesFrom = ({ code, message }: Failure): Filled['mistakes'] =>
  code === 'factor-wrong' ? { totp: sentence(message) } : {};

interface Decision {
  readonly verdict: ReviewStatement['verdict'] | BreakGlassStatement['verdict'];
  readonly seconds: number | undefined;
  readonly reason: string | null;
  readonly totp: string | undefined;
}

const VERDICTS = ['approve', 'deny', 'justified', 'not-justified'] as const;

function readDecision(form: SentForm): {
  readonly decision: Decision | undefined;
  readonly filled: Filled;
} {
  const verdict = VERDICTS.find((one) => one === form.text('verdict'));
  const length = seconds.safeParse(Number(form.text('duration_seconds')));
  const reason = paragraph(2000).safeParse(form.text('reason').trim());
  const code = form.text('totp');
  const mistakes: Record<string, string> = {};
  if (verdict !== 'approve' && !reason.success) mistakes['reason'] = text.review.reasonFilled;
  if (code !== '' && !totp.safeParse(code).success) mistakes['totp'] = text.people.needCode;
  const filled = { values: form.values, mistakes };
  if (verdict === undefined || Object.keys(mistakes).length > 0) return { decision: undefined, filled };
  const decision: Decision = {
    verdict,
    seconds: verdict === 'approve' && length.success ? length.data : undefined,
    reason: reason.success ? reason.data : null,
    totp: code === '' ? undefined : code,
  };
  return { decision, filled };
}

/**
 * Made over what stands now, and only if that is what the reviewer had before their eyes. A passkey signs in the browser,
 * through the API; here comes who shows a code.
 */
async function decide(
  { broker }: PageKit,
  actor: Actor,
  id: RequestId,
  decision: Decision,
  seen: string,
): Promise<void> {
  const given = { reason: decision.reason, totp: decision.totp, idempotency: undefined };
  const { verdict } = decision;
  if (verdict === 'justified' || verdict === 'not-justified') {
    const { statement } = await prepareBreakGlassReview(broker, actor, id, { verdict });
    requireSeen(standingOf(broker, statement), seen);
    await reviewBreakGlass(broker, actor, id, { ...given, statement });
    return;
  }
  const { statement } = await prepareReview(broker, actor, id, { verdict, seconds: decision.seconds });
  requireSeen(standingOf(broker, statement), seen);
  await reviewRequest(broker, actor, id, { ...given, statement });
}

function requireSeen(standing: string, seen: string): void {
  if (standing !== seen) throw new Failure('stale', text.review.changed);
}

const standingOf = (
  { hasher }: PageKit['broker'],
  statement: ReviewStatement | BreakGlassStatement,
): string => `sha256:${hex(hasher.sha256(utf8(standingText(statement))))}`;

interface Tried {
  readonly filled: Filled;
  readonly failed: string | null;
}

async function answerReview(
  kit: PageKit,
  c: Context<HttpEnv>,
  id: RequestId,
  { filled, failed }: Tried,
): Promise<Response> {
  const { broker } = kit;
  const actor = actorOf(c);
  const state = await visibleRequest(broker, actor, id);
  const [frame, request, { standing, tickets }, history, words] = await Promise.all([
    frameOf(kit, c),
    oneRequestView(broker, state),
    outlook(kit, actor, state, id),
    requesterHistory(broker, actor, id),
    kit.sayActions(state.scope.map(({ action }) => action)),
  ]);
  const told = await tellTickets(broker, tickets);
  const shown: ReviewShown = { frame, request, standing, tickets: told, history, words, filled, failed };
  return answerPage(c, <ReviewPage {...shown} />, isLooking(c) ? 200 : 422);
}

interface Outlook {
  readonly standing: Standing;
  readonly tickets: readonly TicketOfPerson[];
}

const cannot = (because: string, mend: string | null = null): Standing => {
  return { kind: 'cannot', because: sentence(because), mend };
};

async function outlook(kit: PageKit, actor: Actor, state: RequestState, id: RequestId): Promise<Outlook> {
  const status = requestStatus(state, kit.broker.clock.nowMs());
  if (state.breakGlass !== null) return { standing: await judgementOutlook(kit, actor, id), tickets: [] };
  if (status !== 'pending') {
    return { standing: cannot(`${text.review.decided} ${text.status[status].word}`), tickets: [] };
  }
  const foreseen = await foreseeReview(kit.broker, actor, id).catch(missingFactor);
  if ('because' in foreseen) return { standing: foreseen.because, tickets: [] };
  return { standing: await reviewStanding(kit, foreseen, state), tickets: foreseen.tickets };
}

async function reviewStanding(
  { broker }: PageKit,
  { statement, broken }: Foreseen,
  state: RequestState,
): Promise<Standing> {
  if (broken !== undefined) return cannot(broken.because);
  const known = await broker.policies.inForce();
  return {
    kind: 'can',
    purpose: 'review',
    factor: known.policy.factors.review,
    standing: standingOf(broker, statement),
    secondsLeft: remaining(state).seconds,
  };
}

/** Who may judge an emergency is who it waits for; the decision asks again. */
async function judgementOutlook({ broker }: PageKit, actor: Actor, id: RequestId): Promise<Standing> {
  const { items } = await listWaiting(broker, actor, { limit: 100, before: undefined });
  if (!items.some(({ request }) => request === id)) return cannot(text.review.decided);
  const prepared = await prepareBreakGlassReview(broker, actor, id, { verdict: 'justified' }).catch(
    missingFactor,
  );
  if ('because' in prepared) return prepared.because;
  const known = await broker.policies.inForce();
  return {
    kind: 'can',
    purpose: 'review-break-glass',
    factor: known.policy.factors.review,
    standing: standingOf(broker, prepared.statement),
    secondsLeft: 0,
  };
}

function missingFactor(error: unknown): { readonly because: Standing } {
  if (!(error instanceof Failure) || error.code !== 'factor-missing') throw error;
  return { because: cannot(error.message, text.review.noFactorMend) };
}

async function tellTickets(
  broker: PageKit['broker'],
  tickets: readonly TicketOfPerson[],
): Promise<readonly TicketTold[]> {
  const name = await namesOf(
    broker,
    tickets.map(({ person }) => person),
  );
  return tickets.map(({ person, check }) => {
    const facts = check.kind === 'found' ? check.facts : null;
    return {
      name: name(person).display_name ?? person,
      kind: check.kind,
      because: check.kind === 'unavailable' ? check.because : null,
      state: facts?.state ?? null,
      part: facts === null || facts.part === 'none' ? null : facts.part,
    };
  });
}
