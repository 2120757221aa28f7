import { killProcess, startProcess } from '../broker-process.ts';
import type { Dice } from '../dice.ts';
import type { Mishap } from '../network.ts';
import { type BrokerProcess, startTask, type World } from '../world.ts';
import { type Action, someBroker } from './action.ts';

const mishaps: readonly Mishap[] = ['fails', 'is-lost', 'loses-answer', 'is-slow', 'answers-late'];
const calls = [
  'store.advance',
  'store.advance',
  'store.advance',
  'store',
  'secrets',
  'cloud.open',
  'cloud.open',
  'cloud.revoke',
  'tickets',
  'idp',
  'news',
];
const outages = ['store', 'tickets', 'idp', 'cloud', 'cloud.revoke', 'news', 'news.email'];

/** The steps that every broker takes by itself; whose turn a job is, its lease says. */
export function timedWork(world: World, dice: Dice): void {
  const process = someBroker(world, dice);
  const seldom = dice.chance(30) ? ['resume-revocations', 'sweep-grants', 'forget-expired'] : [];
  for (const job of ['pass-time', ...seldom]) stepAt(world, dice, process, job);
}

/** Deliveries go on while the world does. */
export function tellNews(world: World, dice: Dice): void {
  stepAt(world, dice, someBroker(world, dice), 'tell-news');
}

/** Or everywhere at once. */
function stepAt(world: World, dice: Dice, process: BrokerProcess, job: string): void {
  for (const one of dice.chance(30) ? world.processes : [process]) step(world, one, job);
}

function step(world: World, process: BrokerProcess, name: string): void {
  const job = process.jobs.get(name);
  // A process begins a step when its last one is over.
  if (job === undefined || world.stepping.has(job)) return;
  world.stepping.add(job);
  startTask(world, process, { who: 'the clock', what: `has ${name} done` }, () =>
    job.step().finally(() => world.stepping.delete(job)),
  );
}

/** To the very millisecond at which something is due, or the one beside it. */
function toDeadline(world: World, dice: Dice): void {
  const due = [...world.database.deadlines.values()]
    .filter((at) => at > world.time.nowMs)
    .sort((a, b) => a - b);
  const at = due[dice.below(3)];
  if (at === undefined) return;
  world.time.nowMs = Math.max(world.time.nowMs, at - 1 + dice.below(3));
  world.tell('time passes to the moment at which something is due');
}

const pass = (name: string, weight: number, mostMs: number): Action => ({
  name,
  weight,
  perform(world, dice) {
    const ms = 1 + dice.below(mostMs);
    world.time.nowMs += ms;
    world.tell(`${Math.round(ms / 1000)} s pass`);
  },
});

export const trouble: readonly Action[] = [
  { name: 'timed work', weight: 9, perform: timedWork },
  { name: 'tell news', weight: 5, perform: tellNews },
  pass('seconds pass', 6, 20_000),
  pass('minutes pass', 4, 900_000),
  pass('hours pass', 1, 10_800_000),
  { name: 'a deadline comes', weight: 4, perform: toDeadline },
  {
    name: 'arm a mishap',
    weight: 12,
    perform(world, dice) {
      const broker = someBroker(world, dice).number;
      const [what, mishap] = [dice.pick(calls), dice.pick(mishaps)];
      const delayMs = dice.pick([200, 5_000, 20_000, 45_000, 90_000]);
      world.network.armed.push({ broker, what, mishap, delayMs });
      world.tell(`the next ${what} of broker ${broker} ${mishap.replace('-', ' ')} (${delayMs} ms)`);
    },
  },
  {
    name: 'something is down',
    weight: 2,
    perform(world, dice) {
      const what = dice.pick(outages);
      const broker = dice.chance(50) ? null : someBroker(world, dice).number;
      const forMs = dice.pick([2_000, 30_000, 600_000]);
      world.network.outages.push({ broker, what, untilMs: world.time.nowMs + forMs });
      world.tell(
        `${what} is down for ${forMs / 1000} s, for ${broker === null ? 'all' : `broker ${broker}`}`,
      );
    },
  },
  {
    name: 'a broker dies',
    weight: 2,
    perform(world, dice) {
      const process = someBroker(world, dice);
      killProcess(world, process, dice);
      world.tell(`broker ${process.number} dies`);
    },
  },
  { name: 'what is down is started', weight: 9, perform: startWhatIsDown },
  {
    name: 'a clock jumps',
    weight: 1,
    perform(world, dice) {
      const { number, clock } = someBroker(world, dice);
      const byMs = dice.pick([-90_000, -20_000, -3_000, 3_000, 20_000, 50_000, 90_000]);
      clock.jump(byMs);
      world.tell(`the clock of broker ${number} jumps by ${byMs / 1000} s`);
    },
  },
  {
    name: 'a clock is set right',
    weight: 2,
    perform(world, dice) {
      const { number, clock } = someBroker(world, dice);
      clock.set(dice.below(400) - 200);
      world.tell(`the clock of broker ${number} is set right`);
    },
  },
];

export function startWhatIsDown(world: World, dice: Dice): void {
  for (const process of world.processes.filter(({ caller }) => !caller.alive)) {
    world.tell(`broker ${process.number} is started`);
    void startProcess(world, process, dice).then(() => {
      if (process.broker !== undefined) world.tell(`  broker ${process.number} is up`);
    });
  }
}
