import type { Broker } from '../../../src/app/broker.ts';
import type { WithoutProvider } from '../../../src/app/person/cached-membership.ts';
import { recogniseHuman } from '../../../src/app/person/recognise.ts';
import { finishSignIn } from '../../../src/app/person/sign-in.ts';
import type { Actor } from '../../../src/domain/actor.ts';
import { Failure } from '../../../src/domain/errors.ts';
import type { SignInId } from '../../../src/domain/ids.ts';
import type { Dice } from '../dice.ts';
import { codeAt, stepAt } from '../simulated-parts.ts';
import { type BrokerProcess, type Person, startTask, type Task, type World } from '../world.ts';

/** One thing that may happen in the simulated world. What exactly, dice say when it does. */
export interface Action {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  perform(world: World, dice: Dice): void;
}

/** One that is up, if any is. */
export function someBroker(world: World, dice: Dice): BrokerProcess {
  const up = world.processes.filter(({ broker }) => broker !== undefined);
  return dice.pick(up.length === 0 ? world.processes : up);
}

/** Somebody calls a broker, having signed in first where they had to. */
export function call(
  world: World,
  dice: Dice,
  who: string,
  what: string,
  work: (broker: Broker, actor: Actor, renewed: () => Promise<Actor>) => Promise<unknown>,
  withoutProvider: WithoutProvider = 'nothing',
): Task {
  const person = world.who(who);
  return startTask(world, someBroker(world, dice), { who, what }, async (broker) => {
    try {
      // Who makes two calls is looked at twice: what the first was told is old when the second comes.
      const recognised = () => actorOf(broker, person, withoutProvider);
      return await work(broker, await recognised(), recognised);
    } catch (error) {
      if (error instanceof Failure && error.code === 'not-signed-in') person.signIn = null;
      throw error;
    }
  });
}

async function actorOf(broker: Broker, person: Person, withoutProvider: WithoutProvider): Promise<Actor> {
  const accessToken = person.signIn ?? (await signInNow(broker, person));
  const call = { accessToken, proof: '', method: 'POST', url: '', address: '192.0.2.7', withoutProvider };
  return (await recogniseHuman(broker, call)).actor;
}

async function signInNow(broker: Broker, person: Person): Promise<SignInId> {
  const currentUrl = `https://broker.example/callback?as=${person.name}`;
  const { location } = await finishSignIn(broker, { currentUrl, address: null, userAgent: null });
  const signIn = new URL(location).searchParams.get('code') as SignInId; // the simulated token is the sign-in's id
  person.signIn = signIn;
  return signIn;
}

/** What their authenticator shows. Who typed this one before usually waits for the next; the impatient do not. */
export function codeOf(world: World, dice: Dice, person: Person): string | undefined {
  const [factor, seed] = [...person.seeds].at(-1) ?? [];
  if (factor === undefined || seed === undefined) return undefined;
  const step = stepAt(world.time.nowMs);
  if (person.typed.has(`${factor} ${step}`) && dice.chance(90)) {
    world.time.nowMs = (step + 1) * 30_000 + dice.below(20_000);
  }
  const shown = stepAt(world.time.nowMs);
  person.typed.add(`${factor} ${shown}`);
  return codeAt(seed, shown);
}

export const wrongCode = (dice: Dice): string => String(dice.below(1_000_000)).padStart(6, '0');

export function freshKey(
  world: World,
  person: Person,
  route: 'submit' | 'open',
): { readonly key: string; readonly digest: string } {
  const key = `key-${++world.counted.keys}`;
  world.keys.set(key, { person: person.person, route, answers: new Set(), secrets: 0 });
  return { key, digest: `sha256:body of ${key}` };
}

const honest = ['maya', 'omar', 'ravi', 'tomas', 'lea', 'sid', 'sol', 'kim', 'ann', 'bob', 'cleo', 'nils'];
export const engineers = ['maya', 'omar', 'ravi', 'tomas', 'nils'];
export const reviewers = ['lea', 'tomas', 'sol', 'sid', 'kim', 'cleo'];
export const somebody = (dice: Dice): string => dice.pick(honest);

/** Ids as the lists show them; none where there are none. */
export function someRow(
  world: World,
  dice: Dice,
  table: 'requests' | 'grants',
  wanted: (row: Readonly<Record<string, string | number | null>>) => boolean = () => true,
): { readonly key: string; readonly row: Readonly<Record<string, string | number | null>> } | undefined {
  const rows = [...(world.database.tables.get(table) ?? [])].filter(([, row]) => wanted(row));
  // Mostly what is new: that is what people work on.
  const recent = dice.chance(80) ? rows.slice(-4) : rows;
  if (recent.length === 0) return undefined;
  const [key, row] = dice.pick(recent);
  return { key, row };
}

/** The name of whoever has this id, where it is one of ours. */
export const nameOf = (world: World, person: unknown): string | undefined =>
  [...world.people.values()].find((one) => one.person === person)?.name;
