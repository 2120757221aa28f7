import type { Actor } from '../domain/actor.ts';
import { Failure } from '../domain/errors.ts';
import type { StreamId } from '../domain/ids.ts';
import { streams } from '../domain/ids.ts';
import type { FactorStates, Shown } from '../domain/person/show-factor.ts';
import {
  attemptsFold,
  attemptsStreams,
  factorUseFold,
  personFold,
  QUARTER_MS,
} from '../domain/person/state.ts';
import { HOUR_MS, type RefusalsState, refusalsFold, refusalsStream } from '../domain/refusal.ts';
import type { Broker } from './broker.ts';
import type { View } from './command.ts';

/** Between preparing a command and its decision a quarter or an hour may begin. */
const AHEAD_MS = 60_000;

/** What a seed is sealed for: nobody can move one person's seed under another's name. */
export const seedPurpose = (person: string, factor: string): string => `totp-seed\n${person}\n${factor}`;

/**
 * Holds a typed code against each of the person's seeds. Says nothing about use, throttle or rules: those are decided
 * inside the commit.
 */
export async function checkCode(broker: Broker, actor: Actor, code: string | undefined): Promise<Shown> {
  if (code === undefined) return { kind: 'nothing' };
  const nowMs = broker.clock.nowMs();
  for (const { id, value } of await broker.store.secrets.ofPerson('totp-seed', actor.person)) {
    const seed = broker.sealer.open(value, seedPurpose(actor.person, id));
    const match = broker.authenticator.match({ seed, code, nowMs });
    if (match !== undefined) return { kind: 'right', factor: id, step: match.step };
  }
  return { kind: 'wrong' };
}

/** The streams that spending a shown code reads and writes. */
export function factorStreams(person: string, shown: Shown, nowMs: number): readonly StreamId[] {
  const use = shown.kind === 'right' ? [streams.factorUse(shown.factor, shown.step)] : [];
  const attempts =
    shown.kind === 'nothing'
      ? []
      : [...attemptsStreams(person, nowMs), ...soon(nowMs, QUARTER_MS, attemptsStreams, person)];
  return [streams.person(person), ...use, ...new Set(attempts)];
}

export function refusalStreams(person: string, nowMs: number): readonly StreamId[] {
  const next = Math.floor((nowMs + AHEAD_MS) / HOUR_MS) !== Math.floor(nowMs / HOUR_MS);
  return [refusalsStream(person, nowMs), ...(next ? [refusalsStream(person, nowMs + AHEAD_MS)] : [])];
}

function soon(
  nowMs: number,
  periodMs: number,
  of: (person: string, nowMs: number) => readonly StreamId[],
  person: string,
): readonly StreamId[] {
  const changes = Math.floor((nowMs + AHEAD_MS) / periodMs) !== Math.floor(nowMs / periodMs);
  return changes ? of(person, nowMs + AHEAD_MS) : [];
}

export function factorStates(view: View, person: string, shown: Shown, nowMs: number): FactorStates {
  const [now, before] = attemptsStreams(person, nowMs);
  return {
    person: view.state(personFold, streams.person(person)),
    use:
      shown.kind === 'right'
        ? view.state(factorUseFold, streams.factorUse(shown.factor, shown.step))
        : factorUseFold.initial,
    attempts:
      shown.kind === 'nothing'
        ? [attemptsFold.initial, attemptsFold.initial]
        : [view.state(attemptsFold, now), view.state(attemptsFold, before)],
  };
}

/** @throws Failure `stale`: it waited until the hours it was prepared for were over */
export function refusalsState(view: View, person: string, nowMs: number): RefusalsState {
  const stream = refusalsStream(person, nowMs);
  if (view.names(stream)) return view.state(refusalsFold, stream);
  throw new Failure('stale', 'This had to wait too long; nothing was decided.', { mend: 'Try again.' });
}
