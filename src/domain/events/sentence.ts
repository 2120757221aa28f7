/**
 * The little language of the catalogue's sentences, so that one text serves the timeline, `log tail` and the
 * documentation:
 *
 *     {person}                        a plain field, said as what it is: a name, a time, a duration, a list, a scope
 *     {facts.state}                   a field in it; of a list, that field of each
 *     {people unless person}          left out when the list is of that one alone
 *     {verdict|approve: approved|deny: denied}   other words for each value
 *     [ from {start_ms}]              left out when a field in it is null or empty
 *     {?right=delegation}             says nothing, but counts in brackets: only when the field has that value
 */
export type Part = string | Placeholder | { readonly optional: readonly Part[] };

export interface Placeholder {
  readonly path: readonly string[];
  readonly unless: string | undefined;
  /** Said in the place of each value; undefined: values are said as they are. */
  readonly words: ReadonlyMap<string, string> | undefined;
  /** Says nothing itself. `when`: the value that it must have; null: any. */
  readonly silent: { readonly when: string | null } | undefined;
}

/** Throws a plain Error when the template is not in the language: the catalogue's own mistake, found by its test. */
export function parseSentence(template: string): readonly Part[] {
  return [...template.matchAll(/\[(?<optional>[^\]]*)\]|(?<plain>[^[\]]+)|(?<stray>\])/gs)].flatMap(
    ({ groups = {} }): readonly Part[] => {
      if (groups['stray'] !== undefined) throw new Error(`a bracket without its other: ${template}`);
      const { optional, plain } = groups;
      return optional === undefined ? placed(plain ?? '') : [{ optional: placed(optional) }];
    },
  );
}

const placed = (text: string): readonly (string | Placeholder)[] =>
  text
    .split(/(\{[^{}]*\})/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('{') ? placeholder(part.slice(1, -1)) : part));

function placeholder(inside: string): Placeholder {
  const [, question, path, unless, when, words] =
    /^(\?)?([a-z_]+(?:\.[a-z_]+)*)(?: unless ([a-z_]+))?(?:=([\w-]+))?((?:\|[\w-]+: [^|]+)*)$/.exec(inside) ??
    [];
  if (path === undefined) throw new Error(`not a field of a sentence: {${inside}}`);
  const pairs = [...(words ?? '').matchAll(/\|([\w-]+): ([^|]+)/g)];
  return {
    path: path.split('.'),
    unless,
    words:
      pairs.length === 0 ? undefined : new Map(pairs.map(([, value, said]) => [value ?? '', said ?? ''])),
    silent: question === undefined ? undefined : { when: when ?? null },
  };
}

type Data = Readonly<Record<string, unknown>>;

/**
 * The sentence with its fields said. `nameOf` gives what somebody is called; nothing a value holds can steer a
 * terminal or look like a part of the template.
 */
export function saySentence(
  template: string,
  data: Data,
  nameOf: (person: string) => string = (person) => person,
): string {
  return parts(template)
    .map((part) => sayPart(part, data, nameOf))
    .join('');
}

const known = new Map<string, readonly Part[]>();

function parts(template: string): readonly Part[] {
  const before = known.get(template);
  if (before !== undefined) return before;
  const parsed = parseSentence(template);
  known.set(template, parsed);
  return parsed;
}

type NameOf = (person: string) => string;

function sayPart(part: Part, data: Data, nameOf: NameOf): string {
  if (typeof part === 'string') return part;
  if (!('optional' in part)) return sayField(part, data, nameOf) ?? '';
  const said = part.optional.map((inner) =>
    typeof inner === 'string' || 'optional' in inner
      ? sayPart(inner, data, nameOf)
      : sayField(inner, data, nameOf),
  );
  return said.every((text) => text !== undefined) ? said.join('') : '';
}

/** undefined: there is nothing to say. */
function sayField(field: Placeholder, data: Data, nameOf: NameOf): string | undefined {
  const value = field.path.reduce<unknown>(inside, data);
  if (field.silent !== undefined) {
    const { when } = field.silent;
    const holds = when === null ? !isNothing(value) : keyOf(value) === when;
    return holds ? '' : undefined;
  }
  if (isNothing(value) || (field.unless !== undefined && isJust(value, data[field.unless]))) return undefined;
  const last = field.path.at(-1) ?? '';
  const { words } = field;
  const say = (one: unknown): string =>
    words === undefined ? sayValue(last, one, nameOf) : safe(words.get(keyOf(one)) ?? keyOf(one));
  if (isScope(value)) return sayScope(value);
  return Array.isArray(value) ? listed(value.map(say)) : say(value);
}

/** What is no plain value is none that a sentence has words for; it may not even have a text. */
const keyOf = (value: unknown): string => (isPlain(value) ? String(value) : '?');

const isPlain = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function inside(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => inside(item, name));
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

const isJust = (value: unknown, one: unknown): boolean =>
  Array.isArray(value) && value.length === 1 && value[0] === one;

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

const isObject = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPerson = (value: string): boolean => /^[pw]-[a-z2-7]{26}$/.test(value);

function sayValue(field: string, value: unknown, nameOf: NameOf): string {
  if (typeof value === 'number') return sayNumber(field, value);
  if (typeof value !== 'string') return safe(JSON.stringify(value) ?? '');
  if (isPerson(value)) return safe(nameOf(value));
  const digest = /^(sha256:[0-9a-f]{12})[0-9a-f]{52}$/.exec(value)?.[1];
  // A text that somebody wrote may be a sentence already; the template ends its own.
  return digest === undefined ? safe(value).replace(/\.$/, '') : `${digest}…`;
}

function sayNumber(field: string, value: number): string {
  if (field.endsWith('_ms')) return sayTime(value);
  if (field.startsWith('milliseconds'))
    return value < 1000 ? 'less than a second' : sayDuration(Math.round(value / 1000));
  return field.startsWith('seconds') || field.endsWith('_seconds') ? sayDuration(value) : String(value);
}

/** `2026-11-25 03:31 UTC`: whoever reads may sit anywhere. */
const sayTime = (time_ms: number): string => {
  const at = new Date(time_ms);
  return Number.isNaN(at.getTime())
    ? String(time_ms)
    : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
};

/** `1 hour 30 minutes`: the two largest units that are not zero, the rest cut off. */
function sayDuration(seconds: number): string {
  const said = [
    { amount: Math.floor(seconds / 86_400), unit: 'day' },
    { amount: Math.floor(seconds / 3_600) % 24, unit: 'hour' },
    { amount: Math.floor(seconds / 60) % 60, unit: 'minute' },
    { amount: seconds % 60, unit: 'second' },
  ]
    .filter(({ amount }) => amount > 0)
    .slice(0, 2)
    .map(({ amount, unit }) => counted(amount, unit));
  return said.length === 0 ? 'no time' : said.join(' ');
}

const counted = (amount: number, unit: string): string => `${amount} ${unit}${amount === 1 ? '' : 's'}`;

interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly access: string;
}

const isScope = (value: unknown): value is readonly Permission[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => isObject(item) && 'action' in item && 'resource' in item && 'access' in item);

/** How much, and how dangerous: the lines themselves are the entry's. */
function sayScope(scope: readonly Permission[]): string {
  const dangerous = ['write', 'destructive', 'credentials'].flatMap((access) => {
    const amount = scope.filter((permission) => permission.access === access).length;
    return amount === 0 ? [] : [`${amount} ${access}`];
  });
  const all = counted(scope.length, 'permission');
  return dangerous.length === 0 ? `${all} to read` : `${all} (${dangerous.join(', ')})`;
}

function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** On one line, without a character that steers a terminal or turns the direction of writing. */
const safe = (text: string): string =>
  text.replaceAll(/\s+/gu, ' ').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu, '\uFFFD');
