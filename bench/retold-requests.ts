import type { Broker } from '../src/app/broker.ts';
import type { Command } from '../src/app/command.ts';
import type { Draft } from '../src/domain/draft.ts';
import { catalogue, type EventType } from '../src/domain/events.ts';
import type { StreamId } from '../src/domain/ids.ts';
import { readEntry } from '../src/log/entry.ts';

/** One request as it really went, to be told again about others. */
export interface Story {
  readonly drafts: readonly Draft[];
  readonly person: string;
}

const STAMPED: readonly string[] = ['by', 'command', 'program', 'decided_at_ms'];

/** Reads what a request, or a sign-in, left in the log; its personal texts become some text or other. */
export async function storyOf(broker: Broker, stream: StreamId, person: string): Promise<Story> {
  const { streams: read } = await broker.store.load(new Map([[stream, 0]]), []);
  const drafts = (read.get(stream) ?? []).map(({ bytes }) => draftOf(bytes, stream));
  return { drafts, person };
}

function draftOf(bytes: Uint8Array, stream: StreamId): Draft {
  const { type, subject, data } = readEntry(bytes);
  const fields: readonly string[] = catalogue[type as EventType].personal;
  const body = Object.entries(data).filter(([name]) => ![...STAMPED, ...fields].includes(name));
  const personal = fields.map((name) => [name, data[name] === null ? null : `Some ${name} of a bench`]);
  // As it was sealed once, from a draft of that type.
  return {
    type,
    stream,
    subject,
    body: Object.fromEntries(body),
    personal: Object.fromEntries(personal),
  } as Draft;
}

/** The same story of another request and another person; whatever else has an identifier in it gets another one too. */
export function retold({ drafts, person }: Story, broker: Broker, by: string): readonly Draft[] {
  const others = new Map<string, string>([[person, by]]);
  const other = (id: string): string => {
    const found = others.get(id) ?? `${id.slice(0, 2)}${broker.random.ulid(broker.clock.nowMs())}`;
    others.set(id, found);
    return found;
  };
  const text = JSON.stringify(drafts)
    .replaceAll(/\b[rgsi]-[0-9A-HJKMNP-TV-Z]{26}\b/g, other)
    .replaceAll(person, by);
  return JSON.parse(text) as readonly Draft[];
}

/** Nobody decides it: what is measured is the reading of it afterwards. All that reading sees is as the broker writes it. */
export function telling(stories: readonly (readonly Draft[])[]): Command<number> {
  const events = stories.flat();
  return {
    by: { kind: 'console' },
    streams: [...new Set(events.map(({ stream }) => stream))],
    factsAtMs: null,
    decide: () => ({ events, result: (receipt) => receipt.entries.length }),
  };
}
