import { idPattern } from '../../domain/ids.ts';
import type { Api } from '../api.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';

/** Somebody named on a command line; the name is null where only an id was given. */
export interface NamedPerson {
  readonly person: string;
  readonly display_name: string | null;
  readonly issuer: string | null;
}

/**
 * `me`, an id, or the name somebody signed in with: whole, or its beginning where only one person has it. Two who are
 * called alike are never chosen between.
 */
export async function findPerson(api: Api, text: string): Promise<NamedPerson> {
  if (text === 'me') return { person: api.person, display_name: null, issuer: null };
  if (idPattern.person.test(text)) return { person: text, display_name: null, issuer: null };
  const { items } = await (await api.client.v1.people.$get({ query: { name: text } })).json();
  // A full answer may have left somebody out who is called so too.
  if (items.length >= MOST_ANSWERED) throw severalOf([]);
  const exact = items.filter(({ display_name }) => folded(display_name) === folded(text));
  const candidates = exact.length > 0 ? exact : items;
  const [found, other] = candidates;
  if (found === undefined) throw nobodyCalled(text);
  if (other !== undefined) throw severalOf(candidates);
  return found;
}

const MOST_ANSWERED = 20;

const nobodyCalled = (text: string): Ending =>
  new Ending(
    exitCode.failure,
    `Nobody who has signed in is called “${printable(text)}”.`,
    'They sign in once with: countersign login',
  );

function severalOf(people: readonly NamedPerson[]): Ending {
  const names = people.length === 0 ? '' : `: ${people.map(sayNamed).join('; ')}`;
  return new Ending(exitCode.usage, `Several people are called so${names}.`, 'Name one by their id.');
}

export const findPeople = (api: Api, texts: readonly string[]): Promise<readonly NamedPerson[]> =>
  Promise.all(texts.map((text) => findPerson(api, text)));

export const sayNamed = ({ person, display_name, issuer }: NamedPerson): string =>
  display_name === null ? person : `${printable(display_name)} of ${printable(issuer ?? '')} (${person})`;

const folded = (text: string): string => text.normalize('NFC').toLowerCase();
