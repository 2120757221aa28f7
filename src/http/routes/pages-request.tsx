import { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { HomePage } from '../../../web/pages/home.tsx';
import { RequestPage } from '../../../web/pages/request.tsx';
import type { SignedIn } from '../../app/identity-ports.ts';
import { recogniseSignedIn } from '../../app/person/recognise.ts';
import { nudgeOf, nudgeReviewers } from '../../app/request/nudge-reviewers.ts';
import { withdrawRequest } from '../../app/request/withdraw-request.ts';
import type { Came, LogTail } from '../../app/sequencer/log-tail.ts';
import { grantViews } from '../../app/views/grant-view.ts';
import { listGrants, listRequests, listWaiting } from '../../app/views/list-requests.ts';
import { oneRequestView, requestViews } from '../../app/views/request-view.ts';
import { timelineOf } from '../../app/views/timeline.ts';
import { visibleRequest } from '../../app/views/visible.ts';
import { Failure } from '../../domain/errors.ts';
import { type RequestId, streams } from '../../domain/ids.ts';
import { actorOf, humanOf } from '../caller.ts';
import { cursorOf, pageQuery, requestId } from '../fields.ts';
import { answerPage, frameOf, type PageKit, readParameter } from '../page-kit.tsx';
import type { HttpEnv } from '../parts.ts';

const SHOWN_AT_HOME = 12;

/** What is mine and what waits for me, and one request with its timeline. */
export const requestPages = (kit: PageKit, tail: LogTail) => {
  const { broker } = kit;
  return new Hono<HttpEnv>()
    .get('/', async (c) => {
      const actor = actorOf(c);
      const before = pageQuery.cursor.safeParse(c.req.query('before')).data;
      const first = { limit: SHOWN_AT_HOME, before: undefined };
      const [frame, waiting, active, mine] = await Promise.all([
        frameOf(kit, c),
        listWaiting(broker, actor, first),
        listGrants(broker, actor, true, first),
        listRequests(broker, actor, 'mine', { limit: SHOWN_AT_HOME, before }),
      ]);
      const shown = {
        frame,
        waiting: await requestViews(broker, waiting.items),
        active: await grantViews(broker, active.items),
        requests: await requestViews(broker, mine.items),
        older: cursorOf(mine.next),
      };
      return answerPage(c, <HomePage {...shown} />);
    })
    .get('/requests/:id', async (c) => {
      const id = readParameter(requestId, c.req.param('id'), 'request');
      const actor = actorOf(c);
      const state = await visibleRequest(broker, actor, id);
      const [frame, request, timeline, waiting, words, nudge] = await Promise.all([
        frameOf(kit, c),
        oneRequestView(broker, state),
        timelineOf(broker, id),
        listWaiting(broker, actor, { limit: 50, before: undefined }),
        kit.sayActions(state.scope.map(({ action }) => action)),
        nudgeOf(broker, actor, state),
      ]);
      const isReviewer = waiting.items.some((one) => one.request === id);
      return answerPage(c, <RequestPage {...{ frame, request, timeline, words, isReviewer, nudge }} />);
    })
    .get('/requests/:id/events', async (c) => {
      const id = readParameter(requestId, c.req.param('id'), 'request');
      await visibleRequest(broker, actorOf(c), id);
      const after = afterOf(c.req.header('last-event-id') ?? c.req.query('after'));
      return streamSSE(c, (stream) => followRequest(kit, tail, c, { id, after, stream }));
    })
    .post('/requests/:id/nudges', async (c) => {
      const id = readParameter(requestId, c.req.param('id'), 'request');
      await nudgeReviewers(broker, actorOf(c), id, undefined);
      return c.redirect(`/requests/${id}`, 303);
    })
    .post('/requests/:id/withdrawal', async (c) => {
      const id = readParameter(requestId, c.req.param('id'), 'request');
      await withdrawRequest(broker, actorOf(c), id);
      return c.redirect(`/requests/${id}`, 303);
    });
};

/** @throws Failure `malformed-input` */
function afterOf(given: string | undefined): number {
  const seq = Number(given ?? '-1');
  if (Number.isSafeInteger(seq) && seq >= -1) return seq;
  throw new Failure('malformed-input', 'The last event’s id is no entry number.');
}

/** A stream is looked at anew this often: whether its reader may still see it, and whether anybody still reads. */
const CHECKED_EVERY_MS = 15_000;
/** Then the browser asks anew, and whoever asks is recognised anew: by their groups of then. */
const LASTS_MS = 600_000;

/**
 * Every entry after the one the browser had last, then those that come. Each time something came, and every quarter of a
 * minute, it is asked again whether the sign-in stands and the request is still theirs to see, by groups as fresh as on any
 * call; when not, the stream ends. While the identity provider does not answer, nothing is shown and nothing lost.
 */
async function followRequest(
  { broker }: PageKit,
  tail: LogTail,
  c: Parameters<typeof actorOf>[0],
  { id, after, stream }: FollowedRequest,
): Promise<void> {
  const { signedIn } = humanOf(c);
  const endsAtMs = broker.clock.monotonicMs() + LASTS_MS;
  const follower = tail.follow(streams.request(id));
  stream.onAbort(() => follower.stop());
  let last = after;
  let isBehind = true;
  try {
    for (let came: Came = 'entry'; came !== 'stopped'; came = await follower.next(CHECKED_EVERY_MS)) {
      isBehind ||= came === 'entry';
      if (!(await tail.isStillSignedIn(signedIn))) return await over(stream);
      const maySee = await mayStillSee(broker, signedIn, c.get('address'), id);
      if (isBehind && maySee) last = await sendAfter(broker, id, last, stream);
      else await stream.write(': still here\n\n');
      isBehind &&= !maySee;
      if (broker.clock.monotonicMs() >= endsAtMs) return;
    }
  } catch (error) {
    // It is not theirs any more, or the store does not answer: the browser asks again and is told.
    if (!(error instanceof Failure)) throw error;
  } finally {
    follower.stop();
  }
}

/** @returns false: nobody can say just now @throws Failure `not-found`, `not-signed-in` */
async function mayStillSee(
  broker: PageKit['broker'],
  signedIn: SignedIn,
  address: string | null,
  id: RequestId,
): Promise<boolean> {
  try {
    const { actor } = await recogniseSignedIn(broker, signedIn, { address, withoutProvider: 'see' });
    await visibleRequest(broker, actor, id);
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === 'identity-provider-unavailable') return false;
    throw error;
  }
}

/** A browser asks again after every other end. */
const over = (stream: SSEStreamingApi): Promise<void> => stream.writeSSE({ event: 'over', data: '' });

/** @returns the last entry that was sent */
async function sendAfter(
  broker: PageKit['broker'],
  id: RequestId,
  after: number,
  stream: SSEStreamingApi,
): Promise<number> {
  const items = (await timelineOf(broker, id)).filter(({ entry }) => entry > after);
  for (const { entry, at, sentence } of items) {
    const data = JSON.stringify({ entry, at, sentence });
    await stream.writeSSE({ id: String(entry), event: 'entry', data });
  }
  return items.at(-1)?.entry ?? after;
}

interface FollowedRequest {
  readonly id: RequestId;
  readonly after: number;
  readonly stream: SSEStreamingApi;
}
