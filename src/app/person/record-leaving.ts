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
import { leftStreams, whoLeft } from '../grant/who-left.ts';
import { humansOf, type KnownPolicy, requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf } from '../prepared.ts';
import { administration, listedAdministrators, listedStreams } from './administration.ts';
import { endedSignIns, forgetSignIns } from './end-sign-ins.ts';
import {
  checkFactor,
  type FactorGiven,
  factorStates,
  factorStreams,
  refusalStreams,
  refusalsState,
} from './factor.ts';

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
  const nowMs = broker.clock.nowMs();
  const known = await broker.policies.inForceIfAny();
  const people = identitiesOf(humansOf(known), about) as readonly PersonId[];
  await requireKnown(broker, known, about);
  const shown = await checkFactor(broker, actor, given);
  const genesis = (await broker.sequencer.read(['log'])).state(logFold, 'log').administrators;
  const secrets = (await Promise.all(people.map((person) => endedSignIns(broker, person)))).flat();
  const command = commandOf<{ people: readonly PersonId[]; entries: readonly number[] }>({
    actor,
    streams: [
      'policy',
      'log',
      ...people.map(streams.person),
      ...leftStreams(humansOf(known), [actor.person]),
      ...listedStreams(known, genesis),
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: nowMs,
    idempotency: undefined,
    about: undefined,
    judge(view, decidedAtMs) {
      requireInForce(view, known?.digest ?? null);
      const input = {
        ...recordInput(view, known, actor, about, decidedAtMs),
        identities: people.map((person) => ({ person, left: stateOf(view, person).left })),
        reason: given.reason,
        shown,
        demanded: known?.policy.factors.review,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        refusals: refusalsState(view, actor.person, decidedAtMs),
      };
      if (what === 'return') return decideReturn(input);
      const judged = decideLeave(input);
      // Recorded meanwhile by somebody else: theirs was the commit that ended the sign-ins.
      const isRecorded = judged.refusal === undefined && judged.events.length > 0;
      return isRecorded ? { ...judged, secrets } : judged;
    },
    result: ({ entries }) => ({ people, entries: entries.map(({ seq }) => seq) }),
  });
  return broker.sequencer.submit(command);
}

const recordInput = (
  view: View,
  known: KnownPolicy | undefined,
  actor: Actor,
  about: PersonId,
  nowMs: number,
) => ({
  ...administration(view, known, actor, nowMs),
  actor,
  about,
  peopleWhoLeft: whoLeft(view, humansOf(known), [actor.person]),
  listed: listedAdministrators(view, known, nowMs),
  nowMs,
});

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
