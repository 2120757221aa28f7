import type { World } from '../world.ts';
import type { History } from './history.ts';
import type { Law } from './law.ts';

/** Entry numbers that an answer names. */
export function entriesIn(answer: unknown): readonly number[] {
  if (Array.isArray(answer)) return answer.filter((one): one is number => typeof one === 'number');
  if (typeof answer !== 'object' || answer === null || !('entries' in answer)) return [];
  return entriesIn(answer.entries);
}

export const answersAreInTheLog: Law = {
  name: 'answers-are-in-the-log',
  *breaches(world, history) {
    for (const { who, what, answer, failure } of world.tasks) {
      const named = [...entriesIn(answer), ...(failure?.entry === undefined ? [] : [failure.entry])];
      for (const seq of named.filter((one) => !isOf(world, history, who, one)))
        yield `${who} ${what}: was told of entry ${seq}, which is not theirs`;
    }
  },
};

/** Their own, or the broker's for them. */
function isOf(world: World, history: History, who: string, seq: number): boolean {
  const by = history.at(seq)?.by;
  if (by === undefined) return false;
  if (by.kind === 'broker' || by.kind === 'console') return true;
  return !world.people.has(who) || by.person === world.who(who).person;
}

export const oneKeyDoesOneThing: Law = {
  name: 'one-key-does-one-thing',
  *breaches(world, history) {
    for (const [key, { route, answers, secrets }] of world.keys) {
      if (answers.size > 1) yield `${key} (${route}) was answered with ${[...answers].join(' and ')}`;
      if (secrets > 1) yield `${key} (${route}) was given secrets ${secrets} times`;
    }
    const done = {
      submit: history.of('countersign.request.submitted.v1'),
      open: history.of('countersign.session.opening.v1'),
    };
    for (const route of ['submit', 'open'] as const) {
      for (const [person, count] of countBy(done[route].map((one) => one.person))) {
        const keys = [...world.keys.values()].filter((use) => use.route === route && use.person === person);
        if (count > keys.length) yield `${person} did ${route} ${count} times with ${keys.length} keys`;
      }
    }
  },
};

export const codesAreSpentOnceByTheirOwner: Law = {
  name: 'codes-are-spent-once-by-their-owner',
  *breaches(world, history) {
    const spent = new Set<string>();
    for (const { person, factor, step, seq } of history.of('countersign.factor.used.v1')) {
      if (spent.has(`${factor} ${step}`)) yield `#${seq}: ${factor} ${step} is spent a second time`;
      spent.add(`${factor} ${step}`);
      const owner = [...world.people.values()].find((one) => one.seeds.has(factor));
      if (owner?.person !== person) yield `#${seq}: ${factor} is not a factor of ${person}`;
      else if (!owner.typed.has(`${factor} ${step}`))
        yield `#${seq}: ${owner.name} never typed ${factor} ${step}`;
    }
    const proved = [
      ...history.of('countersign.request.submitted.v1'),
      ...history.of('countersign.request.reviewed.v1'),
      ...history.of('countersign.session.opening.v1'),
      ...history.of('countersign.policy.signed.v1'),
      ...history.of('countersign.factor.vouched.v1'),
    ];
    for (const { proof, seq } of proved) {
      if (proof?.kind === 'totp' && !spent.has(`${proof.factor} ${proof.step}`))
        yield `#${seq}: rests on ${proof.factor} ${proof.step}, which nobody spent`;
    }
  },
};

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

export const everythingIsAnswered: Law = {
  name: 'everything-is-answered',
  *breaches(world) {
    for (const { who, what, state } of world.tasks)
      if (state === 'running') yield `${who} ${what}: still waits, though nothing fails any more`;
    const last = world.tasks.at(-1);
    if (last?.state !== 'answered')
      yield `on the next day nobody can sign in: ${last?.failure?.message ?? last?.state}`;
  },
};
