import type { Parameter } from '../domain/policy/policy.ts';
import type { Scope } from './scope.ts';

type Declared = Readonly<Record<string, Parameter>> | undefined;
type Given = Readonly<Record<string, string>>;

const LONGEST_VALUE = 128;
/** Beyond this, deciding that a value does not match could take longer than the rest of the audit. */
const MOST_WAYS = 100_000;

/** A sign, a class or a choice of words; then perhaps how often. Nothing that nests, looks around or refers back. */
const unit =
  /(?<one>[\w:@,/=-]|\\[dw.+/]|\[(?:[\w.:@-]|\\[dw])+\]|\((?<words>[\w.:@-]+(?:\|[\w.:@-]+)*)\))(?<often>[?*+]|\{(?<least>\d{1,3})(?:,(?<most>\d{1,3}))?\})?/uy;

/** Ranges run within one alphabet or the digits: over its end they hold signs that nobody reads in them. */
const rangesAreRead = (one = ''): boolean =>
  [...one.replace(/^\[|\]$/gu, '').matchAll(/(\\.|[^\\])-(\\.|[^\\])/gu)].every(([range]) =>
    /^(?:[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d)$/u.test(range),
  );

/** In how many ways one piece may be tried on a value; undefined: it is none that the audit would try. */
function waysOf({ one, words, often, least = '1', most = least }: Partial<Record<string, string>>) {
  if (one?.startsWith('[') && !rangesAreRead(one)) return undefined;
  if (words !== undefined) return often === undefined ? words.split('|').length : undefined;
  if (often === '*' || often === '+') return LONGEST_VALUE;
  if (often === '?') return 2;
  const [from, to] = [Number(least), Number(most)];
  return to <= LONGEST_VALUE && from <= to ? to - from + 1 : undefined;
}

/** The whole value must match; undefined: nobody can say what this pattern lets in, so it lets in nothing. */
function matcher(pattern: string): RegExp | undefined {
  if (!/^\^.+\$$/su.test(pattern)) return undefined;
  const inner = pattern.slice(1, -1);
  let ways = 1;
  for (unit.lastIndex = 0; unit.lastIndex < inner.length; ) {
    const pieces = unit.exec(inner)?.groups;
    const more = pieces && waysOf(pieces);
    if (more === undefined) return undefined;
    ways *= more;
  }
  if (ways > MOST_WAYS) return undefined;
  try {
    return new RegExp(`^(?:${inner})$`, 'u');
  } catch {
    return undefined;
  }
}

/** Text that a cloud or a path would read as more than a name. */
const isMoreThanAName = (value: string): boolean =>
  /[*?$"'`\\{}\p{Z}\p{C}]|%(?:2e|2f|5c)/iu.test(value) ||
  value.split('/').some((part) => part === '' || part === '.' || part === '..');

/** Why these values are not what the rule's parameters ask for. */
export function unfitValues(declared: Declared, given: Given): string | undefined {
  const wanted = Object.keys(declared ?? {});
  const extra = Object.keys(given).find((name) => !wanted.includes(name));
  if (extra !== undefined) return `the entitlement has no parameter ${extra}`;
  for (const name of wanted) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const pattern = declared?.[name]?.pattern ?? '';
    if (value === undefined) return `the parameter ${name} is not filled in`;
    const fits =
      value !== '' &&
      value.length <= LONGEST_VALUE &&
      !isMoreThanAName(value) &&
      matcher(pattern)?.test(value) === true;
    if (!fits) return `${name} is ${JSON.stringify(value)}, which ${pattern} does not let in`;
  }
  return undefined;
}

/** The declared scope with the values in the places of their names. */
export const filledIn = (scope: Scope, given: Given): Scope =>
  Object.keys(given).length === 0
    ? scope
    : scope.map((line) => ({
        ...line,
        resource: line.resource.replaceAll(/\{([^{}]*)\}/gu, (place, name: string) =>
          Object.hasOwn(given, name) ? (given[name] ?? place) : place,
        ),
      }));
