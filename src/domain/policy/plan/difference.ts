import { sayDuration } from '../say-duration.ts';

/** One thing that became looser or tighter, as a sentence without its stop. */
export interface Difference {
  readonly way: 'looser' | 'tighter';
  readonly says: string;
}

export const looser = (says: string): readonly Difference[] => [{ way: 'looser', says }];
export const tighter = (says: string): readonly Difference[] => [{ way: 'tighter', says }];
export const nothing: readonly Difference[] = [];

/** More of it is looser. */
export function moreIsLooser(
  before: number,
  after: number,
  says: (before: string, after: string) => string,
  spell: (value: number) => string = String,
): readonly Difference[] {
  if (before === after) return nothing;
  return (after > before ? looser : tighter)(says(spell(before), spell(after)));
}

/** More of it is tighter. */
export const moreIsTighter = (
  before: number,
  after: number,
  says: (before: string, after: string) => string,
): readonly Difference[] => moreIsLooser(-before, -after, says, (value) => String(-value));

export const longerIsLooser = (
  before: number,
  after: number,
  says: (before: string, after: string) => string,
): readonly Difference[] => moreIsLooser(before, after, says, sayDuration);

/** Names that came in are looser, names that went are tighter. */
export function more(
  before: readonly string[],
  after: readonly string[],
  says: { readonly added: (names: string) => string; readonly gone: (names: string) => string },
): readonly Difference[] {
  const added = after.filter((name) => !before.includes(name));
  const gone = before.filter((name) => !after.includes(name));
  return [
    ...(added.length === 0 ? nothing : looser(says.added(added.join(', ')))),
    ...(gone.length === 0 ? nothing : tighter(says.gone(gone.join(', ')))),
  ];
}
