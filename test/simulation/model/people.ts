import type { History } from './history.ts';
import type { Law } from './law.ts';
import { human } from './membership.ts';

const DAY_MS = 86_400_000;

export const whoHasLeftDoesNothing: Law = {
  name: 'who-has-left-does-nothing',
  *breaches(_world, history) {
    const deeds = [
      ...history.of('countersign.request.submitted.v1'),
      ...history.of('countersign.request.reviewed.v1'),
      ...history.of('countersign.session.opening.v1'),
      ...history.of('countersign.policy.signed.v1'),
      ...history.of('countersign.ticket.written.v1'),
      ...history.of('countersign.factor.enrolled.v1'),
    ];
    for (const { seq, by } of deeds) {
      if (by.kind === 'human' && hasLeft(history, by.person, seq))
        yield `#${seq}: ${by.person} acted after they had left`;
    }
  },
};

/** Under whichever login it was recorded. */
function hasLeft(history: History, person: string, seq: number): boolean {
  const policy = history.policyBefore(seq);
  const isTheirs = (one: { readonly person: string; readonly seq: number }) =>
    one.seq < seq &&
    (policy === undefined ? one.person === person : human(policy, one.person) === human(policy, person));
  const left = history.of('countersign.person.left.v1').findLast(isTheirs)?.seq ?? -1;
  const back = history.of('countersign.person.returned.v1').findLast(isTheirs)?.seq ?? -1;
  return left > back;
}

/** Back or not: what they signed before does not come to life again. */
export const hasLeftSince = (history: History, person: string, fromSeq: number, toSeq: number): boolean =>
  history
    .of('countersign.person.left.v1')
    .some((one) => one.person === person && one.seq > fromSeq && one.seq < toSeq);

export const resetsTakeTwoHumans: Law = {
  name: 'resets-take-two-humans',
  *breaches(_world, history) {
    const used = history.of('countersign.factor.used.v1');
    for (const { seq, person, requested_by, confirmed_by, factors } of history.of(
      'countersign.factor.reset.v1',
    )) {
      const policy = history.policyBefore(seq);
      const humans = [requested_by, confirmed_by, person].map((one) => policy && human(policy, one));
      if (new Set(humans).size < 3) yield `#${seq}: ${requested_by} and ${confirmed_by} reset ${person}`;
      for (const one of used.filter(({ factor, seq: at }) => at > seq && factors.includes(factor)))
        yield `#${one.seq}: ${one.factor} was reset at #${seq}, and is shown again`;
    }
  },
};

export const recoveredFactorsRest: Law = {
  name: 'recovered-factors-rest',
  *breaches(_world, history) {
    const recovered = new Map(
      history
        .of('countersign.factor.enrolled.v1')
        .filter(({ means }) => means === 'recovery-code')
        .map((one) => [one.factor, one]),
    );
    const vouched = history.of('countersign.factor.recovery-vouched.v1');
    for (const { seq, factor, purpose, decided_at_ms } of history.of('countersign.factor.used.v1')) {
      const enrolled = recovered.get(factor);
      // The code that confirms it is its own.
      if (enrolled === undefined || (purpose === 'enrol' && enrolled.decided_at_ms === decided_at_ms))
        continue;
      if (!vouched.some((one) => one.factor === factor && one.seq < seq))
        yield `#${seq}: ${factor} was recovered, and nobody had vouched for that`;
      const signs = purpose === 'review' || purpose === 'publish' || purpose === 'review-break-glass';
      if (signs && decided_at_ms < enrolled.decided_at_ms + DAY_MS)
        yield `#${seq}: ${factor} was recovered within the day, and signs`;
    }
  },
};
