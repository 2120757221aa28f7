import { breakGlassFold, overdueUses } from '../../domain/break-glass/state.ts';
import { type RequestId, type StreamId, streams } from '../../domain/ids.ts';
import { noticesOfOverdue } from '../../domain/notice/of-entry.ts';
import { reviewsWanted } from '../../domain/notice/reviews-wanted.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import type { News } from './news-from-log.ts';

const AT_ONCE = 200;

/** What time has made news: whatever waits for somebody, whether or not its entries were read in time. */
export async function newsOfTime(broker: Broker, policy: Policy): Promise<readonly News[]> {
  const news: News[] = [];
  let before: number | undefined;
  for (;;) {
    const rows = await broker.store.rows({
      table: 'waiting',
      where: {},
      limit: AT_ONCE,
      ...(before === undefined ? {} : { before }),
    });
    const requests = new Set(rows.map((row) => String(row['request']) as RequestId));
    news.push(...(await newsOfRequests(broker, policy, requests)));
    before = Number(rows.at(-1)?.['ordinal']);
    if (rows.length < AT_ONCE) return news;
  }
}

async function newsOfRequests(
  broker: Broker,
  policy: Policy,
  requests: ReadonlySet<RequestId>,
): Promise<readonly News[]> {
  const view = await broker.sequencer.read([...requests].map(streams.request));
  const states = [...requests].map((request) => view.state(requestFold, streams.request(request)));
  const emergencies = states.filter(({ breakGlass }) => breakGlass !== null);
  const nowMs = broker.clock.nowMs();
  return [
    ...states.flatMap((request) =>
      reviewsWanted(request, policy, nowMs).map((notice) => ({ notice, request })),
    ),
    ...(await overdueAmong(broker, policy, emergencies, nowMs)),
  ];
}

async function overdueAmong(
  broker: Broker,
  policy: Policy,
  emergencies: readonly RequestState[],
  nowMs: number,
): Promise<readonly News[]> {
  const debts = new Set<StreamId>(emergencies.map(({ person }) => streams.breakGlass(person)));
  const view = await broker.sequencer.read([...debts]);
  return emergencies.flatMap((request) => {
    const debt = view.state(breakGlassFold, streams.breakGlass(request.person));
    return overdueUses(debt, nowMs)
      .filter((use) => use.request === request.request)
      .flatMap((use) => noticesOfOverdue(use, request.person, policy, nowMs))
      .map((notice) => ({ notice, request }));
  });
}
