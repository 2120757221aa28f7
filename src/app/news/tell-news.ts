import { breakGlassFold, isReviewed } from '../../domain/break-glass/state.ts';
import { streams } from '../../domain/ids.ts';
import { channelsOf, mailOf, type Notice, noticeKey } from '../../domain/notice/notice.ts';
import { reviewsWanted } from '../../domain/notice/reviews-wanted.ts';
import { notificationsFold } from '../../domain/notice/state.ts';
import { decideTold, type Outcome } from '../../domain/notice/tell.ts';
import { humanOf } from '../../domain/policy/humans.ts';
import { own } from '../../domain/policy/own.ts';
import type { Channel, Policy } from '../../domain/policy/policy.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { Broker } from '../broker.ts';
import { brokerItself } from '../grant/revoke-at-provider.ts';
import type { GoOn } from '../jobs/job.ts';
import type { Delivery, Notifier } from '../notifier.ts';
import {
  type LogReader,
  type News,
  newsOf,
  newsReader,
  type PolicyHistory,
  policyHistory,
  type ReadEntry,
} from './news-from-log.ts';
import { newsOfTime } from './news-from-time.ts';
import { messageOf } from './news-message.ts';
import { type ReviewNoticeBound, reviewNoticeBound } from './review-notices-are-bounded.ts';
import { tellsAnybody, whoIsNotTold } from './who-is-not-told.ts';

/** Waiting between attempts, seconds: six attempts within about an hour, then the log says that nobody was told. */
const BETWEEN_ATTEMPTS_S = [5, 60, 300, 900, 2_400];
const ATTEMPT_WITHIN_MS = 15_000;
const SWEEP_EVERY_MS = 60_000;
/** Attempts under way at once, by channel: a server that does not answer holds up its own channel only. */
const MOST_UNDER_WAY = 4;
/** Beyond this, requests for reviews are left to the sweep, and the log is read no further until some are told. */
const MOST_PENDING = 5_000;

export interface NewsParts {
  readonly notifiers: ReadonlyMap<Channel, Notifier>;
  /** Names, tickets and reasons may leave the broker; once sent, no erasure calls them back. */
  readonly personalText: boolean;
}

/**
 * Tells people what concerns them, by what the log and the time say. No command waits for it, and what it sends
 * changes nothing. Each piece of news is sent first and written down then: a process that dies in between tells it a
 * second time, under the same id, and never not at all. One broker at a time does this, by a lease: what two send at the
 * same moment is told twice.
 */
export interface NewsTeller {
  /** Looks for news and sets off what is due, as long as `goOn` says so; does not wait for deliveries. */
  round(goOn?: GoOn): Promise<void>;
  /** Resolves when no delivery is under way. */
  idle(): Promise<void>;
  /** Gives up what is under way: whoever tells next tells it. */
  stop(): Promise<void>;
}

interface Pending {
  readonly news: News;
  readonly channel: Channel;
  attempts: number;
  /** By the monotonic clock. */
  nextAtMs: number;
  underWay: boolean;
  /** Told, or given up, and not written down yet. */
  outcome: Outcome | null;
}

interface Run {
  readonly broker: Broker;
  readonly parts: NewsParts;
  readonly pending: Map<string, Pending>;
  readonly underWay: Set<Promise<void>>;
  readonly bound: ReviewNoticeBound;
  readonly ending: AbortController;
  reader: LogReader | undefined;
  history: PolicyHistory | undefined;
  sweptAtMs: number;
  /** The policy of which the operator knows who is not told. */
  lookedAt: string | null;
}

export function newsTeller(broker: Broker, parts: NewsParts): NewsTeller {
  const run: Run = {
    broker,
    parts,
    pending: new Map(),
    underWay: new Set(),
    bound: reviewNoticeBound(),
    ending: new AbortController(),
    reader: undefined,
    history: undefined,
    sweptAtMs: Number.NEGATIVE_INFINITY,
    lookedAt: null,
  };
  const idle = async () => {
    while (run.underWay.size > 0) await Promise.all(run.underWay);
  };
  return {
    round: (goOn = async () => true) => round(run, goOn),
    idle,
    async stop() {
      run.ending.abort();
      await idle();
    },
  };
}

async function round(run: Run, goOn: GoOn): Promise<void> {
  const { broker } = run;
  const known = await broker.policies.inForceIfAny();
  if (known === undefined) return;
  if (run.lookedAt !== known.digest) {
    run.lookedAt = known.digest;
    for (const what of whoIsNotTold(known.policy, run.parts.notifiers)) {
      broker.report({ what, error: undefined });
    }
  }
  if (!tellsAnybody(known.policy)) {
    // Begun anew once a policy tells somebody: until then nothing needs to be read.
    [run.reader, run.history] = [undefined, undefined];
    return;
  }
  await readLog(run, known.policy);
  await sweep(run, known.policy);
  setOff(run, goOn);
}

async function readLog(run: Run, policy: Policy): Promise<void> {
  run.reader ??= await newsReader(run.broker, run.broker.clock.nowMs());
  while (run.pending.size < MOST_PENDING) {
    const entries = await run.reader.next();
    if (entries.length === 0) return;
    const history = await historyFor(run, entries);
    await rememberReviewNotices(run, policy, entries);
    await take(run, policy, await newsOf(run.broker, history, entries));
    // A week of entries at a start must not keep anybody waiting.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Loaded once, and again when somebody published. */
async function historyFor(run: Run, entries: readonly ReadEntry[]): Promise<PolicyHistory> {
  const isNew = entries.some(({ event }) => event.type === 'countersign.policy.published.v1');
  if (run.history === undefined || isNew) run.history = await policyHistory(run.broker);
  return run.history;
}

async function sweep(run: Run, policy: Policy): Promise<void> {
  const nowMs = run.broker.clock.monotonicMs();
  if (nowMs - run.sweptAtMs < SWEEP_EVERY_MS) return;
  run.sweptAtMs = nowMs;
  await take(run, policy, await newsOfTime(run.broker, policy));
}

/** Requests that were told of within the hour count, whichever process told them. */
async function rememberReviewNotices(run: Run, policy: Policy, entries: readonly ReadEntry[]): Promise<void> {
  const sinceMs = run.broker.clock.nowMs() - 3_600_000;
  const told = entries.flatMap(({ event }) =>
    event.type === 'countersign.notification.sent.v1' &&
    event.data.audience === 'reviewers' &&
    event.data.decided_at_ms > sinceMs
      ? [event.data]
      : [],
  );
  const view = await run.broker.sequencer.read(told.map(({ matter }) => streams.request(matter)));
  for (const { about, occasion, matter, audience, group, channel, decided_at_ms } of told) {
    const { person } = view.state(requestFold, streams.request(matter));
    const notice: Notice = { about, occasion, matter, audience, group: group ?? '', person: null };
    const key = noticeKey(notice, channel);
    run.bound.count({ key, notice, channel, person: humanOf(policy, person) }, decided_at_ms);
  }
}

/** Takes up what was not told yet. */
async function take(run: Run, policy: Policy, news: readonly News[]): Promise<void> {
  const matters = new Set(news.map(({ notice }) => streams.notifications(notice.matter)));
  const view = await run.broker.sequencer.read([...matters]);
  for (const one of news) {
    const { told } = view.state(notificationsFold, streams.notifications(one.notice.matter));
    for (const channel of channelsOf(policy, one.notice.audience)) {
      const key = noticeKey(one.notice, channel);
      if (run.pending.has(key) || Object.hasOwn(told, key) || mustWait(run, policy, one, channel)) continue;
      const nextAtMs = run.broker.clock.monotonicMs();
      run.pending.set(key, { news: one, channel, attempts: 0, nextAtMs, underWay: false, outcome: null });
    }
  }
}

/** A request for a review that would be one too many; the sweep comes back to it for as long as it waits. */
function mustWait(run: Run, policy: Policy, { notice, request }: News, channel: Channel): boolean {
  if (notice.audience !== 'reviewers') return false;
  if (run.pending.size >= MOST_PENDING) return true;
  const asked = {
    key: noticeKey(notice, channel),
    notice,
    channel,
    person: humanOf(policy, request?.person ?? ''),
  };
  const nowMs = run.broker.clock.nowMs();
  if (run.bound.isReached(asked, nowMs)) return true;
  run.bound.count(asked, nowMs);
  return false;
}

const isEmergency = ({ news }: Pending): boolean => news.notice.occasion.startsWith('break-glass-');

/** Emergencies first, then as they came. */
function setOff(run: Run, goOn: GoOn): void {
  const nowMs = run.broker.clock.monotonicMs();
  const due = [...run.pending].filter(([, one]) => !one.underWay && one.nextAtMs <= nowMs);
  const first = [...due.filter(([, one]) => isEmergency(one)), ...due.filter(([, one]) => !isEmergency(one))];
  const busy = (channel: Channel) =>
    [...run.pending.values()].filter((one) => one.underWay && one.channel === channel).length;
  const free = { email: MOST_UNDER_WAY - busy('email'), webhook: MOST_UNDER_WAY - busy('webhook') };
  for (const [key, one] of first) {
    if (free[one.channel] <= 0) continue;
    free[one.channel] -= 1;
    one.underWay = true;
    const work = tell(run, key, one, goOn)
      .catch((error: unknown) => later(run, one, error))
      .finally(() => {
        one.underWay = false;
        run.underWay.delete(work);
      });
    run.underWay.add(work);
  }
}

/** What failed here and not there is tried again like everything else; it is never forgotten for it. */
function later(run: Run, one: Pending, error: unknown): void {
  if (run.ending.signal.aborted) return;
  one.nextAtMs = run.broker.clock.monotonicMs() + 60_000;
  run.broker.report({ what: 'somebody could not be told; it is tried again', error });
}

async function tell(run: Run, key: string, one: Pending, goOn: GoOn): Promise<void> {
  if (one.outcome === null) {
    if (!(await isStillNews(run.broker, one))) return void run.pending.delete(key);
    one.outcome = await attempt(run, one, goOn);
  }
  if (one.outcome === null) return;
  await record(run.broker, one, one.outcome);
  run.pending.delete(key);
}

/** Nobody is called to what was decided, or judged, in the meantime, or was told by another broker. */
async function isStillNews(broker: Broker, { news, channel }: Pending): Promise<boolean> {
  const { notice, request } = news;
  const { policy } = await broker.policies.inForce();
  if (!channelsOf(policy, notice.audience).includes(channel)) return false;
  const person = request?.person ?? '';
  const telling = streams.notifications(notice.matter);
  const view = await broker.sequencer.read([
    telling,
    streams.request(notice.matter),
    streams.breakGlass(person),
  ]);
  if (Object.hasOwn(view.state(notificationsFold, telling).told, noticeKey(notice, channel))) return false;
  if (notice.occasion === 'break-glass-overdue') {
    const use = own(view.state(breakGlassFold, streams.breakGlass(person)).uses, notice.matter);
    return use !== undefined && !isReviewed(use);
  }
  if (notice.audience !== 'reviewers') return true;
  const state = view.state(requestFold, streams.request(notice.matter));
  const now = reviewsWanted(state, policy, broker.clock.nowMs());
  return now.some((wanted) => noticeKey(wanted, 'email') === noticeKey(notice, 'email'));
}

/** null: it is tried again later. */
async function attempt(run: Run, one: Pending, goOn: GoOn): Promise<Outcome | null> {
  const { broker, parts } = run;
  const { notice } = one.news;
  const known = await broker.policies.inForce();
  const address = notice.group === null ? undefined : mailOf(known.policy, notice.group);
  const notifier = parts.notifiers.get(one.channel);
  if (notifier === undefined) return nowhere(`this broker has no ${one.channel} in its configuration`);
  if (one.channel === 'email' && address === undefined) {
    return nowhere(
      notice.group === null
        ? 'one person has no e-mail address here; let the policy tell requesters by webhook'
        : `the policy gives no mail for the group ${notice.group}`,
    );
  }
  const message = await messageOf(broker, one.news, one.channel, parts.personalText);
  // As late as can be: whoever was paused until here is not the one to send it any more.
  if (!(await goOn())) return null;
  const signal = AbortSignal.any([run.ending.signal, AbortSignal.timeout(ATTEMPT_WITHIN_MS)]);
  return settle(run, one, await notifier.send(message, address, signal));
}

const nowhere = (failure: string): Outcome => ({ attempts: 0, failure });

function settle(run: Run, one: Pending, delivery: Delivery): Outcome | null {
  one.attempts += 1;
  const { attempts } = one;
  if (delivery.kind === 'delivered') return { attempts, failure: null };
  // Given up by us: the next process begins anew.
  if (run.ending.signal.aborted) return null;
  const pauseSeconds = BETWEEN_ATTEMPTS_S[attempts - 1];
  if (delivery.again && pauseSeconds !== undefined) {
    one.nextAtMs = run.broker.clock.monotonicMs() + pauseSeconds * 1000;
    return null;
  }
  const what = `nobody was told of entry #${one.news.notice.about} by ${one.channel}: ${delivery.failure}`;
  run.broker.report({ what, error: undefined });
  return { attempts, failure: delivery.failure };
}

async function record(broker: Broker, { news, channel }: Pending, outcome: Outcome): Promise<void> {
  const stream = streams.notifications(news.notice.matter);
  await broker.sequencer.submit({
    by: brokerItself(broker),
    streams: [stream],
    factsAtMs: null,
    decide: (view) => ({
      events: decideTold(view.state(notificationsFold, stream), news.notice, channel, outcome).events,
      result: () => undefined,
    }),
  });
}
