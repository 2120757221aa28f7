import type { RequestView } from './answers.ts';
import { printable } from './output.ts';

/** The name somebody signed in with; who never told one, or had it erased, by their id. */
export const sayPerson = ({ display_name, person }: RequestView['person']): string =>
  printable(display_name ?? person);

/** `payments-leads`, or `2 of payments-leads`. */
export const sayStage = ({ people, from }: { readonly people: number; readonly from: string }): string =>
  people === 1 ? printable(from) : `${people} of ${printable(from)}`;

/** The stage whose turn it is; undefined when nobody's review is missing. */
export const stageInTurn = ({
  stages,
}: Pick<RequestView, 'stages'>): RequestView['stages'][number] | undefined =>
  stages.find(({ have, people }) => have < people);

export const sayEntries = (entries: readonly number[]): string =>
  `${entries.length === 1 ? 'entry' : 'entries'} ${entries.map((entry) => `#${entry}`).join(' ')}`;
