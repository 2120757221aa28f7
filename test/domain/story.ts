import { expect } from 'vitest';
import type { By } from '../../src/domain/actor.ts';
import type { Draft } from '../../src/domain/draft.ts';
import type { StoredEvent } from '../../src/domain/events.ts';
import type { Fold, FoldedEvent } from '../../src/domain/fold.ts';
import type { Judgement } from '../../src/domain/judgement.ts';
import { utf8 } from '../../src/log/bytes.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

export const NOON_MS = Date.UTC(2026, 4, 4, 12);
export const BY: By = { kind: 'human', person: 'p-maya', sign_in: 'i-1', claims_at_ms: NOON_MS };

/** A draft as it will be folded: stamped, its personal texts gone behind commitments. */
export function folded(draft: Draft, seq: number, atMs = NOON_MS): FoldedEvent {
  const personal = Object.fromEntries(Object.keys(draft.personal).map((field) => [field, null]));
  const data = { by: BY, command: 'c-1', program: 'test', decided_at_ms: atMs, ...draft.body, ...personal };
  // A draft's body and the stamp are what its type's data is made of; the compiler does not correlate the two.
  const event = { type: draft.type, data } as unknown as StoredEvent;
  return { seq, version: seq + 1, timeMs: atMs, leafHash: nodeHasher.sha256(utf8(`${seq}`)), event };
}

/** What a fold makes of drafts; each state on the way survives being written down and read again. */
export function stateAfter<State>(fold: Fold<State>, drafts: readonly Draft[], atMs = NOON_MS): State {
  return drafts.reduce((state, draft, seq) => {
    const next = fold.evolve(state, folded(draft, seq, atMs));
    expect(JSON.parse(JSON.stringify(next))).toEqual(next);
    return next;
  }, fold.initial);
}

/** What a decision came to, in one word each: the types of its events, or the refusal's rule or code. */
export interface Told {
  readonly events: readonly string[];
  readonly refusal: string | undefined;
}

export function told({ events, refusal }: Judgement): Told {
  return {
    events: events.map(({ type }) => type.replace(/^countersign\.|\.v1$/g, '')),
    refusal: refusal === undefined ? undefined : (refusal.rule ?? refusal.code),
  };
}

/** given these events, when this is decided, then those follow. */
export function given<State>(fold: Fold<State>, drafts: readonly Draft[], atMs = NOON_MS) {
  const state = stateAfter(fold, drafts, atMs);
  return {
    state,
    when: (decide: (state: State) => Judgement) => {
      const came = told(decide(state));
      return {
        gives: (...events: readonly string[]) => expect(came).toEqual({ events, refusal: undefined }),
        isRefusedBy: (refusal: string) => expect(came.refusal).toBe(refusal),
      };
    },
  };
}
