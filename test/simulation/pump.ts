import type { Dice } from './dice.ts';
import { quiet } from './network.ts';
import type { World } from './world.ts';

/** How long somebody waits for what is slow before the next thing happens. */
const PATIENCE_MS = 20_000;
/** Bounds a run in which calls beget calls for ever. */
const MOST_MOVES = 20_000;

/** Lets this many calls move on, as far as there are any. */
export async function moveSome(world: World, dice: Dice, moves: number): Promise<void> {
  for (let left = moves; left > 0; left--) {
    await quiet();
    if (!moveOne(world, dice)) return;
  }
}

/** Until nothing moves any more; what is merely slow is waited for. */
export async function settle(world: World, dice: Dice): Promise<void> {
  const untilMs = world.time.nowMs + PATIENCE_MS;
  for (let left = MOST_MOVES; left > 0; left--) {
    await quiet();
    if (moveOne(world, dice)) continue;
    // The telling of news makes room for others by the event loop itself: it may be about to call.
    await quiet();
    if (moveOne(world, dice)) continue;
    const nextMs = world.network.nextMs();
    if (nextMs === undefined || nextMs > untilMs) return;
    world.time.nowMs = Math.max(world.time.nowMs, nextMs);
  }
  world.violations.push({ law: 'everything-settles', why: `after ${MOST_MOVES} calls it still goes on` });
}

function moveOne(world: World, dice: Dice): boolean {
  if (!world.network.move(world.time.nowMs, dice)) return false;
  world.time.nowMs += dice.below(3);
  return true;
}
