import { parseArgs } from 'node:util';
import { type Run, run } from './run.ts';
import { scriptOf } from './script.ts';
import { shrink } from './shrink.ts';
import { tellFailure } from './tell-failure.ts';

/** `npm run simulate -- --seed N --steps M [--seeds K] [--trace]`: see docs/simulation.md */

const whole = (text: string, name: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} takes a whole number from 1 on, not “${text}”`);
};

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    steps: { type: 'string', default: '800' },
    trace: { type: 'boolean', default: false },
  },
});
const first = whole(values.seed, 'seed');
const count = whole(values.seeds, 'seeds');
const steps = whole(values.steps, 'steps');
const say = (text: string) => process.stdout.write(`${text}\n`);

const sum = { steps: 0, entries: 0, sessions: 0 };
const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
for (let seed = first; seed < first + count; seed++) {
  const done = await run(scriptOf(seed), { seed, steps });
  sum.steps += done.steps;
  sum.entries += done.entries;
  sum.sessions += done.world.cloud.sessions.length;
  if (values.trace) say(done.story.join('\n'));
  if (count === 1) say(`seed ${seed}: ${done.entries} entries, root ${done.root}`);
  if (done.violations.length > 0) {
    await fail(done);
    break;
  }
}
const seconds = (performance.now() - startMs) / 1000;
// On a shared machine the clock on the wall says little.
const { user, system } = process.cpuUsage(startCpu);
say(
  `${sum.steps} steps, ${sum.entries} entries, ${sum.sessions} sessions in ${seconds.toFixed(1)} s: ` +
    `${Math.round(sum.steps / seconds)} steps a second, ` +
    `${Math.round((sum.steps * 1e6) / (user + system))} a second of processor time`,
);

async function fail(failing: Run): Promise<void> {
  const { seed } = failing;
  process.exitCode = 1;
  say(`seed ${seed} breaks ${failing.violations[0]?.law}; making the story short…`);
  say(tellFailure({ seed, steps }, await shrink(failing, { seed })));
}
