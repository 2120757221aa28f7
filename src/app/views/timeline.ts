import { catalogue, type EventType } from '../../domain/events.ts';
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
    sentence: sentenceOf(entry, name),
    by: byOf(entry, name),
  }));
}

const isPerson = (value: Json | undefined): value is string =>
  typeof value === 'string' && /^[pw]-[a-z2-7]{26}$/.test(value);

function personsIn({ data }: Entry): readonly string[] {
  const by = isJsonObject(data['by']) ? data['by']['person'] : undefined;
  return [...Object.values(data), by].filter(isPerson);
}

/** The catalogue's sentence; one pass, so that braces in somebody's name stay what they are. */
function sentenceOf({ type, data }: Entry, name: (person: string) => PersonName): string {
  if (!Object.hasOwn(catalogue, type)) return type;
  // `hasOwn` has just shown that it is one of the catalogue's.
  const { sentence } = catalogue[type as EventType];
  return sentence.replaceAll(/\{(\w+)\}/g, (_, field: string) => toldAs(data[field], name));
}

function toldAs(value: Json | undefined, name: (person: string) => PersonName): string {
  if (isPerson(value)) return name(value).display_name ?? value;
  if (Array.isArray(value)) return value.map((item) => toldAs(item, name)).join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function byOf({ data }: Entry, name: (person: string) => PersonName): TimelineItem['by'] {
  const by = isJsonObject(data['by']) ? data['by'] : {};
  const person = isPerson(by['person']) ? name(by['person']) : null;
  const kind = by['kind'];
  return { kind: kind === 'human' || kind === 'workload' || kind === 'console' ? kind : 'broker', person };
}
