import { call } from './actions/action.ts';
import { actionNamed } from './actions/all.ts';
import { startWhatIsDown, tellNews, timedWork } from './actions/trouble.ts';
import { diceOf } from './dice.ts';
import { foundation } from './foundation.ts';
import { judge } from './model/judge.ts';
import { moveSome, settle } from './pump.ts';
import type { Step } from './script.ts';
import { newWorld, type Sabotage, type Violation, type World } from './world.ts';

export interface Run {
  readonly seed: number;
  readonly script: readonly Step[];
  readonly violations: readonly Violation[];
  readonly story: readonly string[];
  /** What happened: things that somebody did or that befell, and calls that moved on. */
  readonly steps: number;
  readonly entries: number;
  /** The log's last root: two runs of one seed have the same. */
  readonly root: string;
  readonly world: World;
}

export interface RunOptions {
  readonly seed: number;
  /** Ends when that many steps were taken, or the script is over. */
  readonly steps: number;
  readonly sabotage?: Sabotage;
}

/** Plays a script in a new world, lets everything come to rest, and judges what is left. Same input, same run. */
export async function run(script: Iterable<Step>, { seed, steps, sabotage }: RunOptions): Promise<Run> {
  const label = `seed ${seed}`;
  const brokers = 2 + diceOf(`${label}/brokers`).below(3);
  const world = newWorld(label, brokers, await foundation(), sabotage);
  const undo = sabotage?.rules?.();
  const played: Step[] = [];
  try {
    startWhatIsDown(world, diceOf(`${label}/start`));
    await settle(world, diceOf(`${label}/start/network`));
    for (const step of script) {
      if (played.length + world.network.moves >= steps) break;
      played.push(step);
      await play(world, step);
    }
    await comeToRest(world);
    await judge(world);
  } finally {
    undo?.();
  }
  const { head } = world.database;
  return {
    seed,
    script: played,
    violations: world.violations,
    story: world.story,
    steps: played.length + world.network.moves,
    entries: head?.size ?? 0,
    root: Buffer.from(head?.root ?? []).toString('hex'),
    world,
  };
}

async function play(world: World, { action, seed, moves }: Step): Promise<void> {
  actionNamed(action).perform(world, diceOf(`${seed}/what`));
  const dice = diceOf(`${seed}/network`);
  if (moves === null) await settle(world, dice);
  else await moveSome(world, dice, moves);
}

const HOUR_MS = 3_600_000;
/** Longer than anything waits: a start a day ahead, its time to be used, the grant itself. */
const REST_HOURS = 34;
const MOST_NEWS_ROUNDS = 100;

/** Nothing fails any more, and time passes: whatever is under way must come to its end. */
async function comeToRest(world: World): Promise<void> {
  const dice = diceOf(`${world.label}/rest`);
  world.network.armed.length = 0;
  world.network.outages.length = 0;
  for (const { clock } of world.processes) clock.set(0);
  world.tell('from here on nothing fails');
  await settleAll(world);
  // Clocks that were wrong too long have made a broker read-only; people restart it.
  for (const process of world.processes) {
    if (process.broker?.sequencer.status().writable === false) process.caller.alive = false;
  }
  startWhatIsDown(world, dice);
  await settleAll(world);
  for (let hour = 0; hour < REST_HOURS; hour++) {
    world.time.nowMs += hour === 0 ? 120_000 : HOUR_MS;
    if (hour > 0 && world.database.deadlines.size === 0) break;
    timedWork(world, dice);
    await settleAll(world);
  }
  await tellWhatIsLeft(world);
  world.who('ann').signIn = null;
  call(world, dice, 'ann', 'signs in on the next day', async () => undefined);
  await settleAll(world);
}

/** A few letters go out at a time, and what failed is tried again: until a round finds nothing more to tell. */
async function tellWhatIsLeft(world: World): Promise<void> {
  for (
    let round = 0, before = -1;
    before < world.database.entries.length && round < MOST_NEWS_ROUNDS;
    round++
  ) {
    before = world.database.entries.length;
    world.time.nowMs += 61_000;
    tellNews(world, diceOf(`${world.label}/news`));
    await settleAll(world);
  }
}

/** As `settle`, however slow the last call is. */
async function settleAll(world: World): Promise<void> {
  const dice = diceOf(`${world.label}/rest/${world.time.nowMs}`);
  do {
    await settle(world, dice);
    const nextMs = world.network.nextMs();
    if (nextMs !== undefined) world.time.nowMs = Math.max(world.time.nowMs, nextMs);
  } while (world.network.nextMs() !== undefined && world.violations.length === 0);
}
