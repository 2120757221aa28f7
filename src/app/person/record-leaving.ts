import type { Actor } from '../../domain/actor.ts';
import { type PersonId, streams } from '../../domain/ids.ts';
import { decideLeave, decideReturn } from '../../domain/person/leave.ts';
import { personFold } from '../../domain/person/state.ts';
import { identitiesOf } from '../../domain/policy/humans.ts';
import { logFold } from '../../domain/policy-change/state.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { cutOffGrantsOf } from '../grant/cut-off-grants.ts';
import { notFound } from '../grant/find-grant.ts';
import { humansOf, type KnownPolicy, underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf } from '../prepared.ts';
import { administration, listedAdministrators, listedStreams } from './administration.ts';
import { endedSignIns, forgetSignIns } from './end-sign-ins.ts';
import type { FactorGiven } from './factor.ts';
import { prepareAbout } from './prepare-about.ts';

export interface RecordedLeaving {
  /** Every identity it holds for. */
  readonly people: readonly string[];
  /** Of the record itself; none: it was recorded before. */
  readonly entries: readonly number[];
  /** What the broker ended because of it: grants cut off, requests cancelled. */
  readonly ended: readonly number[];
}

interface Given extends FactorGiven {
  readonly reason: string;
}

/**
 * Somebody has left: no sign-in of theirs serves from this entry on, no approval of theirs opens anything, and their
 * grants end. Said again, it carries out what a crash left undone.
 */
export async function recordLeaving(
  broker: Broker,
  actor: Actor,
  about: PersonId,
  given: Given,
): Promise<RecordedLeaving> {
  const recorded = await underOnePolicy(() => record(broker, actor, about, given, 'leave'));
  return { ...recorded, ended: await carryOutLeaving(broker, recorded.people) };
}

/** What follows from a leaving that is in the log, whoever put it there. Any number of times. */
export async function carryOutLeaving(
  broker: Broker,
  people: readonly PersonId[],
): Promise<readonly number[]> {
  const ended: number[] = [];
  for (const person of people) {
    await forgetSignIns(broker, person);
    ended.push(...(await cutOffGrantsOf(broker, person)));
  }
  return ended;
}

/** Somebody is back: they may sign in again. What ended stays over, and what they had signed counts no more. */
export const recordReturn = (
  broker: Broker,
  actor: Actor,
  about: PersonId,
  given: Given,
): Promise<Omit<RecordedLeaving, 'ended'>> =>
  underOnePolicy(() => record(broker, actor, about, given, 'return'));

async function record(broker: Broker, actor: Actor, about: PersonId, given: Given, what: 'leave' | 'return') {
  const { command: prepared, input, known } = await prepareAbout(broker, actor, about, given, []);
  const people = identitiesOf(humansOf(known), about) as readonly PersonId[];
  await requireKnown(broker, known, about);
  const genesis = (await broker.sequencer.read(['log'])).state(logFold, 'log').administrators;
  const secrets = (await Promise.all(people.map((person) => endedSignIns(broker, person)))).flat();
  const command = commandOf<{ people: readonly PersonId[]; entries: readonly number[] }>({
    ...prepared,
    streams: ['log', ...prepared.streams, ...people.map(streams.person), ...listedStreams(known, genesis)],
    judge(view, nowMs) {
      const context = {
        ...input(view, nowMs),
        ...administration(view, known, actor, nowMs),
        about,
        listed: listedAdministrators(view, known, nowMs),
        identities: people.map((person) => ({ person, left: stateOf(view, person).left })),
        reason: given.reason,
      };
      if (what === 'return') return decideReturn(context);
      const judged = decideLeave(context);
      // Recorded meanwhile by somebody else: theirs was the commit that ended the sign-ins.
      const isRecorded = judged.refusal === undefined && judged.events.length > 0;
      return isRecorded ? { ...judged, secrets } : judged;
    },
    result: ({ entries }) => ({ people, entries: entries.map(({ seq }) => seq) }),
  });
  return broker.sequencer.submit(command);
}

const stateOf = (view: View, person: string) => view.state(personFold, streams.person(person));

/** Somebody who has signed in, or whom the policy names, or of whom anything is recorded: a mistyped id begins no stream. */
async function requireKnown(broker: Broker, known: KnownPolicy | undefined, person: PersonId): Promise<void> {
  const [row] = await broker.store.rows({ table: 'people', where: { key: person }, limit: 1 });
  if (row !== undefined || (known !== undefined && isNamed(known, person))) return;
  if ((await broker.store.state(streams.person(person))) === undefined) throw notFound('person');
}

const isNamed = ({ policy }: KnownPolicy, person: string): boolean =>
  Object.values(policy.groups).some(({ people }) => people?.some((member) => member.person === person)) ||
  identitiesOf(policy, person).length > 1;
