import type { Dice } from '../dice.ts';
import type { Action } from './action.ts';
import { asking } from './asking.ts';
import { attacking } from './attacking.ts';
import { peopling } from './people.ts';
import { publishing } from './publishing.ts';
import { reviewing } from './reviewing.ts';
import { ticketing } from './tickets.ts';
import { trouble } from './trouble.ts';
import { using } from './using.ts';
import { wholeStories } from './whole-stories.ts';

/** Everything that may happen. */
export const actions: readonly Action[] = [
  ...wholeStories,
  ...asking,
  ...reviewing,
  ...using,
  ...peopling,
  ...ticketing,
  ...publishing,
  ...attacking,
  ...trouble,
];

const total = actions.reduce((sum, { weight }) => sum + weight, 0);

export function someAction(dice: Dice): Action {
  let left = dice.below(total);
  for (const action of actions) {
    left -= action.weight;
    if (left < 0) return action;
  }
  throw new Error('the weights do not add up');
}

export function actionNamed(name: string): Action {
  const found = actions.find((action) => action.name === name);
  if (found === undefined) throw new Error(`nothing in the simulation is called ${name}`);
  return found;
}
