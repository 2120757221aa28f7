import type { Actor } from './actor.ts';
import { draft } from './draft.ts';
import { Failure } from './errors.ts';
import type { StoredData } from './events.ts';
import type { Fold } from './fold.ts';
import { type StreamId, streams } from './ids.ts';
import type { Judgement } from './judgement.ts';
import type { Broken } from './rule.ts';

export const HOUR_MS = 3_600_000;

/** Refusals of one person in one hour. Past the bound they are still refused, but no longer written. */
export interface RefusalsState {
  readonly count: number;
}
export const REFUSALS_WRITTEN_PER_HOUR = 30;

export const refusalsFold: Fold<RefusalsState> = {
  kind: 'refusals',
  initial: { count: 0 },
  evolve: (state, { event }) =>
    event.type === 'countersign.command.refused.v1' ? { count: state.count + 1 } : state,
  dueAtMs: () => null,
};

export const refusalsStream = (person: string, nowMs: number): StreamId =>
  streams.refusals(person, Math.floor(nowMs / HOUR_MS));

type Attempted = StoredData<'countersign.command.refused.v1'>['attempted'];
export type RefusedAsk = StoredData<'countersign.command.refused.v1'>['asked'];

/** A no that is an entry: the person is told, and an auditor sees that they were. */
export function refuse(
  input: {
    readonly actor: Pick<Actor, 'person'>;
    readonly attempted: Attempted;
    readonly about: string | null;
    /** Left out: what was refused is no ask for an entitlement. */
    readonly refusedAsk?: RefusedAsk;
    readonly refusals: RefusalsState;
    readonly nowMs: number;
    readonly mend?: string;
  },
  broken: Broken,
): Judgement {
  const refusal = new Failure('refused-by-rule', broken.because, {
    rule: broken.rule,
    ...(input.mend === undefined ? {} : { mend: input.mend }),
  });
  if (input.refusals.count >= REFUSALS_WRITTEN_PER_HOUR) return { events: [], refusal };
  const entry = draft(
    'countersign.command.refused.v1',
    refusalsStream(input.actor.person, input.nowMs),
    input.about ?? input.actor.person,
    {
      person: input.actor.person,
      attempted: input.attempted,
      rule: broken.rule,
      about: input.about,
      asked: input.refusedAsk ?? null,
    },
  );
  return { events: [entry], refusal };
}
