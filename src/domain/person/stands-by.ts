import { own } from '../policy/own.ts';
import type { PersonState } from './state.ts';

/** What somebody signed: in which entry, and with which factor. */
export interface Signed {
  readonly seq: number;
  readonly factor: string;
}

/** They have left since, under this identity. That they are back does not make them answer for it again. */
export const hasLeftSince = (person: PersonState, { seq }: Signed): boolean => person.leftSeq > seq;

/** The factor they signed with was removed, or reset: whoever takes a stolen phone away means it. */
export const hasLostFactorOf = (person: PersonState, { factor }: Signed): boolean =>
  own(person.factors, factor) === undefined;

/** Whether somebody still answers for what they signed. */
export const standsBy = (person: PersonState, signed: Signed): boolean =>
  !hasLeftSince(person, signed) && !hasLostFactorOf(person, signed);
