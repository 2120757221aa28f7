import type { Broker } from '../../src/app/broker.ts';
import type { Sequencer } from '../../src/app/command.ts';
import type { SignedIn, ToldClaims } from '../../src/app/identity-ports.ts';
import type { LeasedJob } from '../../src/app/jobs/leased-job.ts';
import type { OpenOutcome } from '../../src/app/ports.ts';
import type { Store } from '../../src/app/store.ts';
import { Failure } from '../../src/domain/errors.ts';
import type { ReviewStatement } from '../../src/domain/events.ts';
import type { PersonId, SignInId } from '../../src/domain/ids.ts';
import type { Channel } from '../../src/domain/policy/policy.ts';
import { type BrokerClock, brokerClock, type TrueTime } from './clocks.ts';
import { type Cloud, newCloud } from './cloud.ts';
import { humanId, staff } from './company.ts';
import type { Dice } from './dice.ts';
import { copyOf, type Database } from './memory-database.ts';
import { type Caller, type Network, newNetwork } from './network.ts';

/** Half past eight on the last day of a contract and of a delegation. */
export const WORLD_BEGINS_MS = Date.UTC(2026, 4, 4, 8, 31);

/** Somebody, with what they carry: a token on their laptop, authenticators, codes on paper. */
export interface Person {
  readonly name: string;
  readonly person: PersonId;
  /** What the identity provider says of them. */
  idpGroups: readonly string[];
  /** Since when it has said what, in true time. */
  readonly groupHistory: { readonly atMs: number; readonly groups: readonly string[] }[];
  signIn: SignInId | null;
  /** By factor id, newest last. */
  readonly seeds: Map<string, Uint8Array>;
  /** Factor and step of codes that they have typed already. */
  readonly typed: Set<string>;
  recoveryCodes: readonly string[];
  enrolmentCode: string | null;
}

/** One broker of several: a program that runs, dies, and is started again with nothing but what is stored. */
export interface BrokerProcess {
  readonly number: number;
  lives: number;
  /** Of the present life; not alive: it is down. */
  caller: Caller;
  clock: BrokerClock;
  /** undefined: it is down, or still starting. */
  broker: Broker | undefined;
  /** Of the present life, by name: what one of them was in the middle of dies with it. */
  jobs: ReadonlyMap<string, LeasedJob>;
}

/** What really reached somebody's mailbox, or a webhook. */
export interface Letter {
  readonly id: string;
  readonly channel: Channel;
  readonly occasion: string;
  readonly group: string | null;
}

const newProcess = (time: TrueTime, number: number): BrokerProcess => ({
  number,
  lives: 0,
  caller: { broker: number, alive: false },
  clock: brokerClock(time, 0, 0),
  broker: undefined,
  jobs: new Map(),
});

/** Something somebody asked a broker to do, and what they were told. */
export interface Task {
  readonly who: string;
  readonly what: string;
  readonly broker: number;
  /** `unanswered`: the broker died, so that nobody knows. */
  state: 'running' | 'answered' | 'refused' | 'unanswered';
  answer: unknown;
  failure: Failure | undefined;
}

/** How the broker is spoilt on purpose, to see that it is noticed. */
export interface Sabotage {
  store?(store: Store, database: Database): Store;
  sequencer?(sequencer: Sequencer): Sequencer;
  /** Undone when the run is over. */
  rules?(): () => void;
  readonly cloudLies?: boolean;
  readonly swallowsLetters?: boolean;
  outcome?(outcome: OpenOutcome): OpenOutcome;
}

/** What somebody was really given, at the moment they were given it. */
export interface Delivery {
  readonly person: PersonId;
  readonly grant: string;
  readonly session: string;
  readonly token: string;
  /** How many entries the log had. */
  readonly size: number;
  readonly atMs: number;
}

/** A broken promise, and the law that it breaks. */
export interface Violation {
  readonly law: string;
  readonly why: string;
}

export interface World {
  readonly label: string;
  readonly time: TrueTime;
  readonly database: Database;
  readonly network: Network;
  readonly cloud: Cloud;
  readonly people: ReadonlyMap<string, Person>;
  readonly processes: readonly BrokerProcess[];
  readonly tokens: Map<string, SignedIn>;
  /** What the identity provider last told of each person; serves emergencies while it does not answer. */
  readonly lastTold: Map<PersonId, ToldClaims>;
  readonly sabotage: Sabotage;
  readonly tasks: Task[];
  readonly deliveries: Delivery[];
  readonly letters: Letter[];
  /** Those in the middle of a step. */
  readonly stepping: Set<LeasedJob>;
  readonly violations: Violation[];
  /** By idempotency key: what became of the calls that carried it. */
  readonly keys: Map<string, KeyUse>;
  /** Statements that were made for people, and are still lying about. */
  readonly statements: { readonly who: string; readonly statement: ReviewStatement }[];
  /** Calls that somebody may make again, with the very same key. */
  readonly repeatable: { readonly who: string; readonly again: (dice: Dice) => void }[];
  /** How many tickets and keys there have been, for the next one's name. */
  counted: { tickets: number; keys: number };
  readonly tickets: string[];
  who(name: string): Person;
  groupsOf(person: string): readonly string[];
  tell(sentence: string): void;
  readonly story: string[];
}

export interface KeyUse {
  readonly person: PersonId;
  readonly route: 'submit' | 'open';
  /** Ids that were answered, and how many secrets came with them. */
  readonly answers: Set<string>;
  secrets: number;
}

/** What a world begins with: everybody enrolled, a policy in force. */
export interface Foundation {
  readonly database: Database;
  readonly nowMs: number;
  readonly people: ReadonlyMap<string, Person>;
  readonly tokens: ReadonlyMap<string, SignedIn>;
}

export function newWorld(
  label: string,
  brokers: number,
  foundation: Foundation,
  sabotage: Sabotage = {},
): World {
  const time: TrueTime = { nowMs: foundation.nowMs };
  const story: string[] = [];
  const people = new Map([...foundation.people].map(([name, one]) => [name, copyOfPerson(one)]));
  const who = (name: string): Person => {
    const found = people.get(name);
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
  };
  const cloud = newCloud();
  cloud.liesAboutRevocations = sabotage.cloudLies ?? false;
  return {
    label,
    time,
    database: copyOf(foundation.database),
    network: newNetwork(() => time.nowMs),
    cloud,
    people,
    processes: Array.from({ length: brokers }, (_, at) => newProcess(time, at + 1)),
    tokens: new Map(foundation.tokens),
    lastTold: new Map(),
    sabotage,
    tasks: [],
    deliveries: [],
    letters: [],
    stepping: new Set(),
    violations: [],
    keys: new Map(),
    statements: [],
    repeatable: [],
    counted: { tickets: 0, keys: 0 },
    tickets: [],
    who,
    groupsOf: (person) => [...people.values()].find((one) => one.person === person)?.idpGroups ?? [],
    tell: (sentence) => story.push(`${timeText(time.nowMs)} ${sentence}`),
    story,
  };
}

export const newPeople = (nowMs: number): ReadonlyMap<string, Person> =>
  new Map(
    Object.entries(staff).map(([name, groups]) => [
      name,
      {
        name,
        person: humanId(name),
        idpGroups: groups,
        groupHistory: [{ atMs: nowMs, groups }],
        signIn: null,
        seeds: new Map(),
        typed: new Set<string>(),
        recoveryCodes: [],
        enrolmentCode: null,
      },
    ]),
  );

const copyOfPerson = (one: Person): Person => ({
  ...one,
  groupHistory: [...one.groupHistory],
  seeds: new Map(one.seeds),
  typed: new Set(one.typed),
});

export const timeText = (ms: number): string => new Date(ms).toISOString().slice(5, 23).replace('T', ' ');

/** Runs something at a broker for somebody. What it tells is kept; a broker that dies under it tells nothing. */
export function startTask(
  world: World,
  process: BrokerProcess,
  task: Pick<Task, 'who' | 'what'>,
  work: (broker: Broker) => Promise<unknown>,
): Task {
  const { broker } = process;
  const started: Task = {
    ...task,
    broker: process.number,
    state: 'running',
    answer: undefined,
    failure: undefined,
  };
  world.tasks.push(started);
  if (broker === undefined) {
    started.state = 'unanswered';
    world.tell(`${task.who} ${task.what} at broker ${process.number}, which is down`);
    return started;
  }
  world.tell(`${task.who} ${task.what} at broker ${process.number}`);
  work(broker).then(
    (answer) => {
      started.state = 'answered';
      started.answer = answer;
      world.tell(`  ${task.who} ${task.what}: done ${inWords(answer)}`);
    },
    (error: unknown) => {
      started.state = 'refused';
      world.tell(`  ${task.who} ${task.what}: ${whyNot(started, error)}`);
      noteDefect(world, `${task.who} ${task.what}`, error);
    },
  );
  return started;
}

function whyNot(task: Task, error: unknown): string {
  if (!(error instanceof Failure)) return String(error);
  task.failure = error;
  return `${error.code} ${error.rule ?? ''}`.trim();
}

/** That something was thrown which nobody may throw. */
export function noteDefect(world: World, what: string, error: unknown): void {
  const defect = defectIn(error);
  if (defect !== undefined)
    world.violations.push({ law: 'nothing-throws-but-failures', why: `${what}: ${defect}` });
}

/** Where a defect of ours was thrown; undefined: it is a way to fail that people are told of. */
function defectIn(error: unknown): string | undefined {
  if (isOutage(error)) return undefined;
  if (error instanceof Failure && error.code !== 'internal') return undefined;
  const cause = error instanceof Failure ? error.cause : error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

/** A port that was down under a use case that reads it directly: told to the caller as an internal error. */
const isOutage = (error: unknown): boolean => error instanceof Error && error.name === 'PortDown';

function inWords(answer: unknown): string {
  if (Array.isArray(answer)) return `#${answer.join(',')}`;
  if (typeof answer !== 'object' || answer === null) return '';
  const { request, grants, session, entries } = answer as Record<string, unknown>;
  const parts = [request, grants, session, entries === undefined ? undefined : `#${String(entries)}`];
  return parts.filter((part) => part !== undefined && String(part) !== '').join(' ');
}
