import { initialise } from '../../src/app/initialise.ts';
import { beginLog } from '../../src/app/sequencer/begin-log.ts';
import { call } from './actions/action.ts';
import { enrol, vouch } from './actions/people.ts';
import { propose, signProposal } from './actions/publishing.ts';
import { signing, startProcess } from './broker-process.ts';
import { administrators, firstPolicy, ISSUER, withoutFactor } from './company.ts';
import { diceOf } from './dice.ts';
import { emptyDatabase } from './memory-database.ts';
import { memoryStore } from './memory-store.ts';
import { settle } from './pump.ts';
import { simulatedHasher, stepAt } from './simulated-parts.ts';
import { type Foundation, newPeople, newWorld, WORLD_BEGINS_MS, type World } from './world.ts';

let made: Promise<Foundation> | undefined;

/** Genesis, everybody signed in and with a factor, the first policy in force: by the real verbs, once for all runs. */
export const foundation = (): Promise<Foundation> => {
  made ??= makeFoundation();
  return made;
};

async function makeFoundation(): Promise<Foundation> {
  const world = newWorld('foundation', 1, {
    database: emptyDatabase(),
    nowMs: WORLD_BEGINS_MS,
    people: newPeople(WORLD_BEGINS_MS),
    tokens: new Map(),
  });
  await beginLog({ store: memoryStore(world.database), hasher: simulatedHasher, signer: signing.signer });
  await begin(world);
  await enrolEverybody(world);
  const dice = diceOf('foundation/policy');
  await done(world, () => propose(world, dice, 'ann', firstPolicy));
  await done(world, () => signProposal(world, dice, 'ann'));
  await done(world, () => signProposal(world, dice, 'bob'));
  return { database: world.database, nowMs: world.time.nowMs, people: world.people, tokens: world.tokens };
}

async function begin(world: World): Promise<void> {
  const [process] = world.processes;
  if (process === undefined) throw new Error('the foundation has one broker');
  void startProcess(world, process, diceOf('foundation/start'));
  await settle(world, diceOf('foundation/network'));
  const { broker } = process;
  if (broker === undefined) throw new Error('the broker of the foundation did not start');
  const named = administrators.map((name) => ({ person: world.who(name).person, issuer: ISSUER }));
  const codes = initialise(broker, {
    origin: broker.origin,
    logKey: 'simulated',
    administrators: named,
  }).then((genesis) => genesis.codes);
  await settle(world, diceOf('foundation/network 2'));
  for (const { person, code } of await codes) {
    const name = administrators.find((one) => world.who(one).person === person) ?? '';
    world.who(name).enrolmentCode = code;
  }
}

async function enrolEverybody(world: World): Promise<void> {
  const dice = diceOf('foundation/people');
  for (const { name, enrolmentCode } of world.people.values()) {
    await done(world, () => void call(world, dice, name, 'signs in', async () => undefined));
    if (enrolmentCode !== null)
      await done(world, () => enrol(world, dice, name, { enrolmentCode }, 'enrols'));
  }
  for (const { name, seeds } of world.people.values()) {
    if (seeds.size > 0 || withoutFactor.has(name)) continue;
    await done(world, () => vouch(world, dice, 'ann', name));
    const enrolmentCode = world.who(name).enrolmentCode ?? '';
    await done(world, () => enrol(world, dice, name, { enrolmentCode }, 'enrols'));
  }
}

/** Nothing may go wrong here, and no code is used twice. */
async function done(world: World, act: () => void): Promise<void> {
  // Well within the next code's half minute: the broker's clock may be a little off.
  world.time.nowMs = (stepAt(world.time.nowMs) + 1) * 30_000 + 5_000;
  act();
  await settle(world, diceOf(`foundation/${world.time.nowMs}`));
  const last = world.tasks.at(-1);
  if (last?.state !== 'answered')
    throw new Error(`the foundation failed: ${world.story.slice(-6).join('\n')}`);
}
