import { diceOf } from '../test/simulation/dice.ts';
import { newNetwork, quiet } from '../test/simulation/network.ts';
import { run } from '../test/simulation/run.ts';
import { scriptOf } from '../test/simulation/script.ts';
import { median, printTable } from './harness.ts';

/** Steps of the simulation a second, beside bare calls through the same network that do nothing at the other end. */
const ROUNDS = 8;
const SEEDS_A_ROUND = 10;
const STEPS = 800;
const BARE_MOVES = 4_000;

/** Everything is counted: setting the world up, the rest at its end, and all its judges. */
async function simulated(first: number): Promise<number> {
  let steps = 0;
  const startMs = performance.now();
  for (let seed = first; seed < first + SEEDS_A_ROUND; seed++) {
    const done = await run(scriptOf(seed), { seed, steps: STEPS });
    if (done.violations.length > 0) throw new Error(`seed ${seed}: ${done.violations[0]?.why}`);
    steps += done.steps;
  }
  return (steps * 1000) / (performance.now() - startMs);
}

async function bare(): Promise<number> {
  const network = newNetwork(() => 0);
  const dice = diceOf('bare');
  const caller = { broker: 1, alive: true };
  const nothing = () => new Error('it does not fail');
  const call = () =>
    network.call({ caller, what: 'nothing', effect: () => undefined, failed: nothing, lost: nothing });
  const startMs = performance.now();
  while (network.moves < BARE_MOVES) {
    const answered = call();
    while (network.move(0, dice)) await quiet();
    await answered;
  }
  return (network.moves * 1000) / (performance.now() - startMs);
}

await simulated(1);
const [ours, floor]: [number[], number[]] = [[], []];
for (let round = 0; round < ROUNDS; round++) {
  ours.push(await simulated(1 + round * SEEDS_A_ROUND));
  floor.push(await bare());
}
printTable(
  `Simulated steps, ${SEEDS_A_ROUND} runs of ${STEPS} at a time, judged`,
  ['', 'steps/s', 'bare calls/s', 'ratio'],
  [['2 to 4 brokers', median(ours), median(floor), median(ours) / median(floor)]],
);
