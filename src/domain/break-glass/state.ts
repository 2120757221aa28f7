import type { Fold } from '../fold.ts';

/** What one person did in emergencies and what became of the reviews. */
export interface BreakGlassState {
  readonly uses: Readonly<Record<string, BreakGlassUse>>;
}

export interface BreakGlassUse {
  readonly request: string;
  readonly usedSeq: number;
  readonly entitlement: string;
  readonly incident: string;
  readonly reviewByMs: number;
  readonly reviewFrom: string;
  readonly reviewPeople: number;
  readonly reviews: readonly { readonly reviewer: string; readonly verdict: 'justified' | 'not-justified' }[];
  readonly nonces: readonly string[];
}

export const breakGlassFold: Fold<BreakGlassState> = {
  kind: 'break-glass',
  initial: { uses: {} },
  evolve(state, { event, seq }) {
    if (event.type === 'countersign.break-glass.used.v1') {
      const { request, entitlement, incident, review_by_ms, review_from, review_people } = event.data;
      const use: BreakGlassUse = {
        request,
        usedSeq: seq,
        entitlement,
        incident,
        reviewByMs: review_by_ms,
        reviewFrom: review_from,
        reviewPeople: review_people,
        reviews: [],
        nonces: [],
      };
      return { uses: { ...state.uses, [request]: use } };
    }
    if (event.type === 'countersign.break-glass.reviewed.v1') {
      const { request, reviewer, verdict, statement } = event.data;
      const use = state.uses[request];
      if (use === undefined) return state;
      const reviewed = {
        ...use,
        reviews: [...use.reviews, { reviewer, verdict }],
        nonces: [...use.nonces, statement.nonce],
      };
      return { uses: { ...state.uses, [request]: reviewed } };
    }
    return state;
  },
  dueAtMs: () => null,
};

export const isReviewed = (use: BreakGlassUse): boolean => use.reviews.length >= use.reviewPeople;

/** Uses whose review should have happened by now. */
export const overdueUses = (state: BreakGlassState, nowMs: number): readonly BreakGlassUse[] =>
  Object.values(state.uses).filter((use) => !isReviewed(use) && nowMs >= use.reviewByMs);
