import { type StreamId, streams } from '../../domain/ids.ts';
import { personFold } from '../../domain/person/state.ts';
import { type Humans, identitiesOf } from '../../domain/policy/humans.ts';
import type { View } from '../command.ts';

/** What `leftAs` reads of these people: a human who has left is gone under all of their identities. */
export const leftStreams = (policy: Humans, people: readonly string[]): readonly StreamId[] => [
  ...new Set(people.flatMap((person) => identitiesOf(policy, person)).map(streams.person)),
];

/** The identity under which it is recorded that this human has left; undefined: they have not. */
export const leftAs = (view: View, policy: Humans, person: string): string | undefined =>
  identitiesOf(policy, person).find((identity) => view.state(personFold, streams.person(identity)).left);

/** Those of `people` who have left, each once. */
export const whoLeft = (view: View, policy: Humans, people: readonly string[]): readonly string[] =>
  [...new Set(people)].filter((person) => leftAs(view, policy, person) !== undefined);

/** Whether this human has left after the entry `seq`, even if they are back since. */
export const leftSince = (view: View, policy: Humans, person: string, seq: number): boolean =>
  identitiesOf(policy, person).some(
    (identity) => view.state(personFold, streams.person(identity)).leftSeq > seq,
  );
