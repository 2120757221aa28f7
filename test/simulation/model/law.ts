import type { World } from '../world.ts';
import type { History } from './history.ts';

/**
 * One promise of the product in the model's own words, looked for in what really happened: the log, the clouds, what
 * people were told and given. Nothing of `src/domain` or `src/audit` is asked for a judgement.
 */
export interface Law {
  readonly name: string;
  /** Each breach in a sentence. */
  breaches(world: World, history: History): Iterable<string>;
}
