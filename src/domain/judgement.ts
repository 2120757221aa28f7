import type { Draft } from './draft.ts';
import type { Failure } from './errors.ts';

/** What a decision yields: events to append and, where it is a no that somebody should see later, the refusal. */
export interface Judgement {
  readonly events: readonly Draft[];
  readonly refusal?: Failure;
}
