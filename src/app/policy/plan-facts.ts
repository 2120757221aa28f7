import { streams } from '../../domain/ids.ts';
import type { SeenPerson } from '../../domain/policy/plan/people-touched.ts';
import type { OpenWork, PlanFacts } from '../../domain/policy/plan.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { RequestState } from '../../domain/request/state.ts';
import { grantStatus, isLive, requestStatus } from '../../domain/request/status.ts';
import { readEntry } from '../../log/entry.ts';
import type { Broker } from '../broker.ts';

const PAGE = 200;
/** Newest first; a plan over more says so. */
export const MOST_PEOPLE_SEEN = 2_000;
const MOST_OPEN = 2_000;

/**
 * What a plan may know beside the two policies: who has signed in, with the groups their provider told last, and what is
 * open. It informs those who sign; no rule rests on it.
 */
export async function planFacts(broker: Broker, catalogue: string | null): Promise<PlanFacts> {
  const nowMs = broker.clock.nowMs();
  const [people, open] = await Promise.all([seenPeople(broker), openWork(broker, nowMs)]);
  return { nowMs, ...people, open, catalogue };
}

async function seenPeople(
  broker: Broker,
): Promise<{ readonly seen: readonly SeenPerson[]; readonly isSeenWhole: boolean }> {
  const { rows, isWhole } = await rowsOf(broker, 'people', {}, MOST_PEOPLE_SEEN);
  const seen: SeenPerson[] = [];
  for (const row of rows) {
    const seq = Number(row['seq']);
    for await (const bytes of broker.store.entries(seq, seq + 1)) seen.push(...personIn(bytes));
  }
  return { seen, isSeenWhole: isWhole };
}

function personIn(bytes: Uint8Array): readonly SeenPerson[] {
  const { data } = readEntry(bytes);
  const { person, issuer, groups } = data;
  return typeof person === 'string' && typeof issuer === 'string' && Array.isArray(groups)
    ? [{ person, issuer, idp_groups: groups.filter((group) => typeof group === 'string') }]
    : [];
}

async function openWork(broker: Broker, nowMs: number): Promise<readonly OpenWork[]> {
  const { rows } = await rowsOf(broker, 'requests', { open: 1 }, MOST_OPEN);
  const named = rows.map((row) => streams.request(String(row['key'])));
  const view = await broker.sequencer.read(named);
  return named.flatMap((stream) => workIn(view.state(requestFold, stream), nowMs));
}

function workIn(state: RequestState, nowMs: number): readonly OpenWork[] {
  const { request, entitlement } = state;
  if (request === null) return [];
  const pending: readonly OpenWork[] =
    requestStatus(state, nowMs) === 'pending' ? [{ kind: 'request', id: request, entitlement }] : [];
  const live = Object.values(state.grants)
    .filter((grant) => isLive(grantStatus(grant, nowMs)))
    .map(({ grant }) => ({ kind: 'grant' as const, id: grant, entitlement }));
  return [...pending, ...live];
}

type Row = Readonly<Record<string, string | number | null>>;

async function rowsOf(
  broker: Broker,
  table: string,
  where: Readonly<Record<string, number>>,
  most: number,
): Promise<{ readonly rows: readonly Row[]; readonly isWhole: boolean }> {
  const rows: Row[] = [];
  let before: number | undefined;
  while (rows.length < most) {
    const page = await broker.store.rows({
      table,
      where,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    rows.push(...page);
    if (page.length < PAGE) return { rows, isWhole: true };
    before = Number(page.at(-1)?.['ordinal']);
  }
  return { rows, isWhole: false };
}
