import type { Access } from './policy.ts';

/**
 * What a cloud says of its own actions, handed in from outside: the domain reads no catalogue. Holds at least the
 * services that the policy names.
 */
export interface ActionCatalogue {
  /** Which catalogue, and its version: named where it was used. */
  readonly version: string;
  /** Every service there is, sorted. */
  readonly services: readonly string[];
  /** The actions of one service, sorted by name; empty when there is no such service. */
  actionsOf(service: string): readonly CatalogueAction[];
}

export interface CatalogueAction {
  /** Without its service, in the cloud's own spelling. */
  readonly name: string;
  /** The least that must be declared for it. */
  readonly least: Access;
  /** Why it is that much, as the end of “… because …”. */
  readonly because: string;
  /** Shapes of the ARNs it accepts, `*` for each part that may vary. Empty: it accepts nothing but `*`. */
  readonly resources: readonly string[];
}

/** The two parts of an AWS action; undefined when it has not that form. A name may hold `*` and `?`. */
export function splitAction(action: string): { readonly service: string; readonly name: string } | undefined {
  const [, service, name] = /^([a-z0-9-]+):([A-Za-z0-9*?]+)$/.exec(action) ?? [];
  return service === undefined || name === undefined ? undefined : { service, name };
}

/** Every action of the catalogue that a declared one stands for, a pattern for all that match. IAM ignores capitals. */
export function actionsMeant(catalogue: ActionCatalogue, action: string): readonly CatalogueAction[] {
  const known = remembered.get(catalogue) ?? new Map<string, readonly CatalogueAction[]>();
  remembered.set(catalogue, known);
  const meant = known.get(action) ?? findMeant(catalogue, action);
  known.set(action, meant);
  return meant;
}

/** A policy names the same few actions in many places, and a pattern is held against hundreds of names. */
const remembered = new WeakMap<ActionCatalogue, Map<string, readonly CatalogueAction[]>>();

function findMeant(catalogue: ActionCatalogue, action: string): readonly CatalogueAction[] {
  const split = splitAction(action);
  if (split === undefined) return [];
  const wanted = split.name.toLowerCase();
  const isMeant = /[*?]/.test(wanted)
    ? (name: string) => fitsPattern(name, wanted)
    : (name: string) => name === wanted;
  return catalogue.actionsOf(split.service).filter(({ name }) => isMeant(name.toLowerCase()));
}

/** Whether a text without stars fits a pattern: only the last star is ever tried anew. */
function fitsPattern(text: string, pattern: string): boolean {
  let [at, next, star, resume] = [0, 0, -1, 0];
  while (at < text.length) {
    const sign = pattern[next];
    if (sign === '*') {
      star = next;
      resume = at;
      next += 1;
    } else if (sign === '?' || sign === text[at]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      next = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(next));
}

/**
 * Whether some text fits both patterns: `*` stands for any text, `?` for one character. At most a few hundred characters
 * each; the work is their product.
 */
export function patternsMeet(left: string, right: string): boolean {
  // From the ends: whether what is left of the one, from each place of the other on, can still be the same text.
  let below = new Array<boolean>(right.length + 1).fill(false);
  for (let at = left.length; at >= 0; at -= 1) {
    const row = new Array<boolean>(right.length + 1).fill(false);
    for (let other = right.length; other >= 0; other -= 1) {
      row[other] = meetFrom(left.charAt(at), right.charAt(other), {
        isEnd: at === left.length && other === right.length,
        both: below[other + 1] ?? false,
        leftMoves: below[other] ?? false,
        rightMoves: row[other + 1] ?? false,
      });
    }
    below = row;
  }
  return below[0] ?? false;
}

/** A star stands for nothing, or for one more character of the other pattern. An empty sign is a pattern's end. */
function meetFrom(
  left: string,
  right: string,
  next: {
    readonly isEnd: boolean;
    readonly both: boolean;
    readonly leftMoves: boolean;
    readonly rightMoves: boolean;
  },
): boolean {
  if (next.isEnd) return true;
  if (left === '*' || right === '*') return next.leftMoves || next.rightMoves;
  const alike = left === right || left === '?' || right === '?';
  return left !== '' && right !== '' && alike && next.both;
}
