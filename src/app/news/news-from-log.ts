import type { StoredEvent } from '../../domain/events.ts';
import { streams } from '../../domain/ids.ts';
import { channelsOf, type Notice } from '../../domain/notice/notice.ts';
import { type NewsFacts, noticesOfEntry, requestOfNews } from '../../domain/notice/of-entry.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { RequestState } from '../../domain/request/state.ts';
import { NO_PREVIOUS } from '../../log/entry.ts';
import { leafHash } from '../../log/tree.ts';
import type { Broker } from '../broker.ts';
import { chainFrom } from '../sequencer/catch-up.ts';
import { readStored } from '../sequencer/checked-log.ts';
import { foldedEvent } from '../sequencer/load-streams.ts';

/** What is older is nobody's news any more: after a longer standstill only what still waits is told. */
const NEWS_FOR_MS = 7 * 86_400_000;
const MOST_AT_ONCE = 1_000;

/** Reads the log from entry to entry, once, following its chain. */
export interface LogReader {
  /** The next entries, at most 1,000; none: everything was read. Throws Misfit for entries that do not follow. */
  next(): Promise<readonly ReadEntry[]>;
}

export interface ReadEntry {
  readonly seq: number;
  readonly event: StoredEvent;
}

/**
 * Begins a week back, wherever an earlier process had come to: what was told is known by the entries that say so, and
 * a position kept apart from them could be wrong.
 */
export async function newsReader(broker: Broker, nowMs: number): Promise<LogReader> {
  const { store, hasher } = broker;
  let at = await firstSince(broker, nowMs - NEWS_FOR_MS);
  const before = at === 0 ? undefined : await bytesAt(broker, at - 1);
  const chain = chainFrom(broker, {
    size: at,
    lastLeaf: before === undefined ? NO_PREVIOUS : leafHash(hasher, before),
    timeMs: before === undefined ? 0 : readStored(before, at - 1).timeMs,
  });
  return {
    async next() {
      const head = await store.head();
      const end = Math.min(head?.size ?? 0, at + MOST_AT_ONCE);
      // A reading that breaks off has read nothing: the chain moves on with whole ones only.
      const page = await Array.fromAsync(store.entries(at, end));
      const read = page.map((bytes, index): ReadEntry => {
        const leaf = chain.add(bytes);
        const { seq, event } = foldedEvent({ entry: readStored(bytes, at + index), leafHash: leaf });
        return { seq, event };
      });
      at += read.length;
      if (head !== undefined && at === head.size) chain.checkEnd(head);
      return read;
    },
  };
}

/** The first entry not older than `sinceMs`: times never go back along the log. */
async function firstSince(broker: Broker, sinceMs: number): Promise<number> {
  let [from, to] = [0, (await broker.store.head())?.size ?? 0];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const bytes = await bytesAt(broker, middle);
    if (readStored(bytes, middle).timeMs < sinceMs) from = middle + 1;
    else to = middle;
  }
  return from;
}

async function bytesAt({ store }: Broker, seq: number): Promise<Uint8Array> {
  for await (const bytes of store.entries(seq, seq + 1)) return bytes;
  throw new Error(`entry #${seq} is not there`);
}

/** An entry by its number, as somebody is told of it. */
export async function entryAt(broker: Broker, seq: number): Promise<StoredEvent> {
  const bytes = await bytesAt(broker, seq);
  return foldedEvent({ entry: readStored(bytes, seq), leafHash: leafHash(broker.hasher, bytes) }).event;
}

/** Since which entry which policy was in force, oldest first. */
export type PolicyHistory = readonly { readonly since: number; readonly policy: Policy }[];

/** Every publication of this log: administrators make few. */
export async function policyHistory(broker: Broker): Promise<PolicyHistory> {
  const loaded = await broker.store.load(new Map([['policy', 0]]), []);
  const history: { since: number; policy: Policy }[] = [];
  for (const { seq, bytes } of loaded.streams.get('policy') ?? []) {
    const entry = readStored(bytes, seq);
    const { event } = foldedEvent({ entry, leafHash: leafHash(broker.hasher, bytes) });
    if (event.type !== 'countersign.policy.published.v1') continue;
    history.push({ since: seq, policy: (await broker.policies.byDigest(event.data.to_digest)).policy });
  }
  return history;
}

export interface News {
  readonly notice: Notice;
  readonly request: RequestState | undefined;
}

/**
 * Who is to hear of these entries, by how things stand now. What happened while the policy told an audience nothing is no
 * news to it later.
 */
export async function newsOf(
  broker: Broker,
  history: PolicyHistory,
  entries: readonly ReadEntry[],
): Promise<readonly News[]> {
  const policy = history.at(-1)?.policy;
  if (policy === undefined) return [];
  const requests = new Set(entries.flatMap(({ event }) => requestOfNews(event) ?? []));
  const view = await broker.sequencer.read([...requests].map(streams.request));
  const nowMs = broker.clock.nowMs();
  return entries.flatMap(({ seq, event }) => {
    const id = requestOfNews(event);
    const request = id === undefined ? undefined : view.state(requestFold, streams.request(id));
    const facts: NewsFacts = { policy, request, nowMs };
    const then = history.findLast(({ since }) => since <= seq)?.policy;
    return noticesOfEntry(event, seq, facts)
      .filter(({ audience }) => then !== undefined && channelsOf(then, audience).length > 0)
      .map((notice) => ({ notice, request }));
  });
}
