import { someAction } from './actions/all.ts';
import { diceOf } from './dice.ts';

/** One thing that happens. It draws on its own seed alone, so that it stays what it is when others are left out. */
export interface Step {
  readonly action: string;
  readonly seed: number;
  /** Calls that move on before the next thing happens; null: until none can. */
  readonly moves: number | null;
}

/** What happens under a seed, without an end. */
export function* scriptOf(seed: number): Generator<Step> {
  const dice = diceOf(`script ${seed}`);
  for (;;) {
    const { name } = someAction(dice);
    const moves = dice.chance(45) ? null : dice.below(30);
    yield { action: name, seed: dice.below(2 ** 31), moves };
  }
}
