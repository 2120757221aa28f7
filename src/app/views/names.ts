import { idPattern } from '../../domain/ids.ts';
import { isJsonObject, type Json } from '../../log/json.ts';
import type { Broker } from '../broker.ts';
import { personalTexts } from '../personal-text.ts';

/** `display_name` is what the identity provider last said; null: never said, or erased. */
export interface PersonName {
  readonly person: string;
  readonly display_name: string | null;
}

/** How these people are called, each looked up once. */
export async function namesOf(
  broker: Broker,
  persons: Iterable<string>,
): Promise<(person: string) => PersonName> {
  const found = await Promise.all([...new Set(persons)].map((person) => displayEntry(broker, person)));
  const known = found.filter((one) => one !== undefined);
  const text = await personalTexts(
    broker,
    known.map(({ seq }) => seq),
  );
  const names = new Map(known.map(({ person, seq }) => [person, text(seq, 'display_name')]));
  return (person) => ({ person, display_name: names.get(person) ?? null });
}

/** The entry that holds somebody's name. */
async function displayEntry(broker: Broker, person: string) {
  const [row] = await broker.store.rows({ table: 'people', where: { key: person }, limit: 1 });
  const seq = row?.['display_seq'];
  return typeof seq === 'number' ? { person, seq } : undefined;
}

/** Everybody whom an entry's data name, wherever in them. */
export function personsIn(data: Json): readonly string[] {
  if (typeof data === 'string') return idPattern.person.test(data) ? [data] : [];
  if (Array.isArray(data)) return data.flatMap((item: Json) => personsIn(item));
  return isJsonObject(data) ? Object.values(data).flatMap(personsIn) : [];
}
