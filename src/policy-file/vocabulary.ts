/** The words in which one kind of file is explained: for each key a right line, and what its form demands. */
export interface Vocabulary {
  readonly examples: Readonly<Record<string, string>>;
  readonly demands: Readonly<Record<string, string>>;
}

/** As a demand: its absence of a unit is what people get wrong most. */
export const aDuration = 'a duration is whole days, hours and minutes with their units.';

/** ` Example: …` with a blank before it, for the end of a message; nothing where there is no example. */
export function exampleFor(examples: Readonly<Record<string, string>>, path: readonly PropertyKey[]): string {
  const found = entryFor(examples, path);
  return found === undefined ? '' : ` Example: \`${found}\`.`;
}

/** What a table has for a key, by where it stands: the most exact entry there is. */
export function entryFor(
  table: Readonly<Record<string, string>>,
  path: readonly PropertyKey[],
): string | undefined {
  const names = path.filter((step) => typeof step === 'string');
  const [first = '', second] = names;
  const [parent = '', last = ''] = names.slice(-2).length === 2 ? names.slice(-2) : ['', first];
  const candidates =
    names.length === 2 && second !== undefined
      ? [`${first}.${second}`, `${first}.*`, second]
      : [`${first}.*.${last}`, `${parent}.${last}`, `${parent}.*`, last];
  const found = candidates.find((candidate) => Object.hasOwn(table, candidate));
  return found === undefined ? undefined : table[found];
}
