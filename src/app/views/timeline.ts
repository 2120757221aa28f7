import { tellEntry } from '../../domain/events/tell-entry.ts';
import { type RequestId, streams } from '../../domain/ids.ts';
import { type Entry, readEntry } from '../../log/entry.ts';
import { isJsonObject, type Json } from '../../log/json.ts';
import type { Broker } from '../broker.ts';
import { namesOf, type PersonName } from './names.ts';

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
    entries.flatMap((entry) => personsIn(entry)),
  );
  return entries.map((entry) => ({
    entry: entry.seq,
    at: entry.time,
    type: entry.type,
    sentence: tellEntry(entry, (person) => name(person).display_name ?? person),
    by: byOf(entry, name),
  }));
}

const isPerson = (value: Json | undefined): value is string =>
  typeof value === 'string' && /^[pw]-[a-z2-7]{26}$/.test(value);

/** Everybody whom an entry names, wherever in its data. */
const personsIn = ({ data }: Entry): readonly string[] => textsIn(data).filter(isPerson);

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

function byOf({ data }: Entry, name: (person: string) => PersonName): TimelineItem['by'] {
  const by = isJsonObject(data['by']) ? data['by'] : {};
  const person = isPerson(by['person']) ? name(by['person']) : null;
  const kind = by['kind'];
  return { kind: kind === 'human' || kind === 'workload' || kind === 'console' ? kind : 'broker', person };
}
