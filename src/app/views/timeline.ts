import { tellEntry } from '../../domain/events/tell-entry.ts';
import { type RequestId, streams } from '../../domain/ids.ts';
import { type Entry, readEntry } from '../../log/entry.ts';
import { isJsonObject } from '../../log/json.ts';
import type { Broker } from '../broker.ts';
import { namesOf, type PersonName, personsIn } from './names.ts';

export interface TimelineItem {
  readonly entry: number;
  readonly at: string;
  readonly type: string;
  readonly sentence: string;
  readonly by: {
    readonly kind: 'human' | 'workload' | 'broker' | 'console';
    readonly person: PersonName | null;
  };
}

/** Everything that happened to one request, in order, each with its log entry. Who may see it is the caller's to check. */
export async function timelineOf(broker: Broker, request: RequestId): Promise<readonly TimelineItem[]> {
  const stream = streams.request(request);
  const snapshot = await broker.store.load(new Map([[stream, 0]]), []);
  const entries = (snapshot.streams.get(stream) ?? []).map(({ bytes }) => readEntry(bytes));
  const name = await namesOf(
    broker,
    entries.flatMap(({ data }) => personsIn(data)),
  );
  return entries.map((entry) => ({
    entry: entry.seq,
    at: entry.time,
    type: entry.type,
    sentence: tellEntry(entry, (person) => name(person).display_name ?? person),
    by: byOf(entry, name),
  }));
}

function byOf({ data }: Entry, name: (person: string) => PersonName): TimelineItem['by'] {
  const by = isJsonObject(data['by']) ? data['by'] : {};
  const [known] = personsIn(by);
  const person = known === undefined ? null : name(known);
  const kind = by['kind'];
  return { kind: kind === 'human' || kind === 'workload' || kind === 'console' ? kind : 'broker', person };
}
