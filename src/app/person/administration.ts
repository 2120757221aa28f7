import type { Actor } from '../../domain/actor.ts';
import { type StreamId, streams } from '../../domain/ids.ts';
import type { ListedAdministrator } from '../../domain/person/publishing-stays-possible.ts';
import { type Humans, identitiesOf } from '../../domain/policy/humans.ts';
import { lasts } from '../../domain/policy/membership.ts';
import { own } from '../../domain/policy/own.ts';
import { logFold } from '../../domain/policy-change/state.ts';
import type { View } from '../command.ts';
import { leftAs } from '../grant/who-left.ts';
import { humansOf, type KnownPolicy } from '../policy/policy-in-force.ts';
import { groupsUnder, publishersOf } from '../policy/publish-policy.ts';

/** What every decision of an administrator about a person rests on: the policy in force, or the genesis. */
export function administration(view: View, known: KnownPolicy | undefined, actor: Actor, nowMs: number) {
  const { publishers, needs } = publishersOf(known, view.state(logFold, 'log'));
  return {
    publishers,
    publishNeeds: needs,
    groups: groupsUnder(known, actor, nowMs),
    humans: humansOf(known),
  };
}

/** Those whom the policy or the genesis lists as administrators one by one; null: the identity provider tells. */
export function listedAdministrators(
  view: View,
  known: KnownPolicy | undefined,
  nowMs: number,
): readonly ListedAdministrator[] | null {
  const people = listedIds(known, view.state(logFold, 'log').administrators, nowMs);
  const humans = humansOf(known);
  return people?.map((person) => ({ person, left: leftAs(view, humans, person) !== undefined })) ?? null;
}

/** Every stream that `listedAdministrators` reads, whoever is listed for how long. */
export function listedStreams(
  known: KnownPolicy | undefined,
  genesis: readonly { readonly person: string }[],
): readonly StreamId[] {
  const people = listedIds(known, genesis, null) ?? [];
  const humans: Humans = humansOf(known);
  return [...new Set(people.flatMap((person) => identitiesOf(humans, person)).map(streams.person))];
}

function listedIds(
  known: KnownPolicy | undefined,
  genesis: readonly { readonly person: string }[],
  nowMs: number | null,
): readonly string[] | null {
  if (known === undefined) return genesis.map(({ person }) => person);
  const { policy } = known;
  const group = own(policy.groups, policy.administrators.from);
  if (group?.people === undefined) return null;
  const isOn = (until: string | null) => nowMs === null || lasts(until, nowMs);
  return group.people.filter(({ until }) => isOn(until) && isOn(group.until)).map(({ person }) => person);
}
