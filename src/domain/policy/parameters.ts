import { own } from './own.ts';
import type { Parameter, Permission } from './policy.ts';
import { orderedScope } from './scope-order.ts';

type Parameters = Readonly<Record<string, Parameter>>;

/** Longest value; together with the bound on repetition it keeps every match quick. */
const VALUE_CHARACTERS = 128;
/** Each multiplies the work of a failing match by the value's length. */
const UNBOUNDED_REPEATS = 2;
/** In how many ways a pattern may be tried on one value: a failing match tries them all. */
const WAYS_TO_MATCH = 100_000;

/** One piece of a pattern: a literal, an escaped sign, a class, or a choice of literals; then perhaps how often. */
const piece =
  /(?:[A-Za-z0-9_:@,/=-]|\\[dw.+/]|\[(?:[A-Za-z0-9_.:@-]|\\[dw])+\]|\((?:[A-Za-z0-9_.:@-]+)(?:\|[A-Za-z0-9_.:@-]+)*\)(?![?*+{]))(?:\?|\*|\+|\{\d{1,3}(?:,\d{1,3})?\})?/y;

/**
 * Why a pattern is not of the safe language; undefined: it is. `^…$` around literals, `[…]` classes, `\d`, `\w`,
 * `(one|two)` without repetition, and `?`, `{m}`, `{m,n}`, and at most two of `+` and `*`. Nothing nests and what can
 * be tried is counted, so that no value makes a match slow, and nobody has to wonder what it lets in.
 */
export function patternMisfit(pattern: string): string | undefined {
  if (!pattern.startsWith('^') || !pattern.endsWith('$') || pattern.length < 3)
    return 'it has to begin with ^ and end with $, or it would let in whatever contains a match';
  const body = pattern.slice(1, -1);
  let unbounded = 0;
  let ways = 1;
  piece.lastIndex = 0;
  while (piece.lastIndex < body.length) {
    const at = piece.lastIndex;
    const [found] = piece.exec(body) ?? [];
    if (found === undefined)
      return `“${body.slice(at, at + 12)}” is more than literals, classes like [a-z0-9], \\d, \\w, (one|two), and ? {m,n} + *`;
    const misfit = boundsMisfit(found) ?? rangeMisfit(found);
    if (misfit !== undefined) return misfit;
    if (isUnbounded(found)) unbounded += 1;
    ways *= waysOf(found);
    piece.lastIndex = at + found.length;
  }
  if (unbounded > UNBOUNDED_REPEATS)
    return `it repeats without bound more than ${UNBOUNDED_REPEATS} times; write {0,20} in their place`;
  if (ways > WAYS_TO_MATCH)
    return 'it leaves so much open that a match could take long; write fewer or narrower {m,n} and (one|two)';
  return compiles(pattern) ? undefined : 'it is no regular expression: look at its ranges';
}

const boundsOf = (found: string): RegExpExecArray | null => /\{(\d+)(?:,(\d+))?\}$/.exec(found);

function boundsMisfit(found: string): string | undefined {
  const [, least = '0', most = least] = boundsOf(found) ?? [];
  if (Math.max(Number(least), Number(most)) > VALUE_CHARACTERS)
    return `a value has at most ${VALUE_CHARACTERS} characters`;
  return Number(most) < Number(least) ? `{${least},${most}} has its ends the wrong way round` : undefined;
}

/** `[.-_]` and `[A-z]` let in more than anybody reads in them, a slash or a colon among it. */
function rangeMisfit(found: string): string | undefined {
  const [, signs = ''] = /^\[(.+)\]/.exec(found) ?? [];
  for (const [range, from = '', to = ''] of signs.matchAll(/(\\.|[^\\])-(\\.|[^\\])/g)) {
    const isOfOneKind = [/^[a-z]$/, /^[A-Z]$/, /^[0-9]$/].some((kind) => kind.test(from) && kind.test(to));
    if (!isOfOneKind) return `[${range}] runs from one kind of sign to another; put the - last in its class`;
  }
  return undefined;
}

const isUnbounded = (found: string): boolean => /[+*]$/.test(found) && found !== '\\+';

/** How many lengths, or how many words, one piece can be tried with. */
function waysOf(found: string): number {
  if (isUnbounded(found)) return VALUE_CHARACTERS;
  if (found.startsWith('(')) return found.split('|').length;
  const [, least = '1', most = least] = boundsOf(found) ?? [];
  return found.endsWith('?') ? 2 : Number(most) - Number(least) + 1;
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source !== '';
  } catch {
    return false;
  }
}

/** What a cloud or a path would read as more than text, in whatever place the value is filled in. */
const moreThanText = /[*?$"'`\\{}\p{Z}\p{C}]|(?:^|\/)\.{1,2}(?:\/|$)|^\/|\/$|\/\/|%(?:2e|2f|5c)/iu;

/** Why this value cannot be filled in; undefined: it can. A pattern of another language lets nothing in. */
export function valueMisfit(parameter: Parameter, value: string): string | undefined {
  if (value === '' || value.length > VALUE_CHARACTERS)
    return `it must have 1 to ${VALUE_CHARACTERS} characters`;
  if (moreThanText.test(value)) return 'it holds a blank, a wildcard, a quote or a path trick';
  if (patternMisfit(parameter.pattern) !== undefined) return 'the policy’s pattern for it cannot be used';
  return new RegExp(parameter.pattern, 'u').test(value)
    ? undefined
    : `it must look like ${parameter.pattern}${parameter.says === null ? '' : ` (${parameter.says})`}`;
}

/** Whether exactly the declared parameters are given, each with a value that fits; the reason if not. */
export function parametersMisfit(
  declared: Parameters | undefined,
  given: Readonly<Record<string, string>>,
): string | undefined {
  for (const name of Object.keys(given)) {
    if (own(declared ?? {}, name) === undefined)
      return `This entitlement has no parameter “${name}”; it has ${Object.keys(declared ?? {}).join(', ') || 'none'}.`;
  }
  for (const [name, parameter] of Object.entries(declared ?? {})) {
    const value = own(given, name);
    if (value === undefined)
      return `Say the ${name}${parameter.says === null ? '' : ` (${parameter.says})`}: --param ${name}=…`;
    const because = valueMisfit(parameter, value);
    if (because !== undefined) return `The ${name} cannot be “${value.slice(0, 40)}”: ${because}.`;
  }
  return undefined;
}

const placeholder = /\{([^{}]*)\}/g;

/** The names of the parameters that a resource waits for, in order. */
export const parametersIn = (resource: string): readonly string[] =>
  [...resource.matchAll(placeholder)].map(([, name = '']) => name);

/** The scope with every parameter filled in: the one value that is recorded, shown, signed and sent. */
export const fillScope = (
  scope: readonly Permission[],
  values: Readonly<Record<string, string>>,
): readonly Permission[] =>
  orderedScope(
    scope.map((permission) => ({
      ...permission,
      resource: permission.resource.replaceAll(
        placeholder,
        (whole, name: string) => own(values, name) ?? whole,
      ),
    })),
  );
