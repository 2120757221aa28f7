import { breakGlassFold, isReviewed } from '../../domain/break-glass/state.ts';
import { streams } from '../../domain/ids.ts';
import type { RequestState } from '../../domain/request/state.ts';
import { onlyGrant, type RequestStatus, requestStatus } from '../../domain/request/status.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { personalTexts } from '../personal-text.ts';
import { type GrantView, grantView, type ScopeItem } from './grant-view.ts';
import { namesOf, type PersonName } from './names.ts';
import { iso } from './time.ts';

export interface RequestView {
  readonly request: string;
  readonly status: RequestStatus;
  readonly person: PersonName;
  readonly entitlement: string;
  readonly target: string;
  readonly scope: readonly ScopeItem[];
  readonly duration_seconds: number;
  readonly ticket: string | null;
  readonly justification: string | null;
  readonly submitted_at: string;
  readonly review_by: string;
  readonly break_glass: BreakGlassView | null;
  readonly stages: readonly { readonly from: string; readonly people: number; readonly have: number }[];
  readonly reviews: readonly ReviewView[];
  readonly grant: GrantView | null;
  readonly entry: number;
}

export interface BreakGlassView {
  readonly marks: readonly ('ticket-unverified' | 'unwitnessed' | 'membership-cached')[];
  readonly review_by: string;
  readonly reviewed: boolean;
  readonly verdicts: readonly ('justified' | 'not-justified')[];
}

export interface ReviewView {
  readonly reviewer: PersonName;
  readonly stage: number;
  readonly verdict: 'approve' | 'deny';
  readonly duration_seconds: number;
  readonly scope: readonly ScopeItem[];
  readonly reason: string | null;
  readonly at: string;
  readonly entry: number;
}

/** Several requests in a few reads, however many there are. Who may see them is the caller's to check. */
export async function requestViews(
  broker: Broker,
  states: readonly RequestState[],
): Promise<readonly RequestView[]> {
  const persons = states.flatMap((state) => [state.person, ...state.reviews.map(({ reviewer }) => reviewer)]);
  const seqs = states.flatMap((state) => [state.submittedSeq, ...state.reviews.map(({ seq }) => seq)]);
  const emergencies = states.filter(({ breakGlass }) => breakGlass !== null);
  const debts = [...new Set(emergencies.map(({ person }) => streams.breakGlass(person)))];
  const [name, text, view] = await Promise.all([
    namesOf(broker, persons),
    personalTexts(broker, seqs),
    debts.length === 0 ? undefined : broker.sequencer.read(debts),
  ]);
  const nowMs = broker.clock.nowMs();
  return states.map((state) => requestView(state, { name, text, view, nowMs }));
}

/** One request. @throws Error when there is none in `state` */
export async function oneRequestView(broker: Broker, state: RequestState): Promise<RequestView> {
  const [view] = await requestViews(broker, [state]);
  if (view === undefined) throw new Error('a state became no view');
  return view;
}

interface Told {
  readonly name: (person: string) => PersonName;
  readonly text: (seq: number, field: string) => string | null;
  readonly view: View | undefined;
  readonly nowMs: number;
}

function requestView(state: RequestState, { name, text, view, nowMs }: Told): RequestView {
  const grant = onlyGrant(state);
  return {
    request: state.request ?? '',
    status: requestStatus(state, nowMs),
    person: name(state.person),
    entitlement: state.entitlement,
    target: state.target,
    scope: state.scope,
    duration_seconds: state.seconds,
    ticket: text(state.submittedSeq, 'ticket'),
    justification: text(state.submittedSeq, 'justification'),
    submitted_at: iso(state.submittedAtMs),
    review_by: iso(state.reviewByMs),
    break_glass: breakGlassView(state, view),
    stages: state.stages.map(({ from, people }, stage) => ({
      from,
      people,
      have: approvalsIn(state, stage),
    })),
    reviews: state.reviews.map((review) => ({
      reviewer: name(review.reviewer),
      stage: review.stage,
      verdict: review.verdict,
      duration_seconds: review.seconds,
      scope: review.scope,
      reason: text(review.seq, 'reason'),
      at: iso(review.atMs),
      entry: review.seq,
    })),
    grant: grant === undefined ? null : grantView(state, grant, name, nowMs),
    entry: state.submittedSeq,
  };
}

const approvalsIn = (state: RequestState, stage: number): number =>
  state.reviews.filter((review) => review.stage === stage && review.verdict === 'approve').length;

function breakGlassView(state: RequestState, view: View | undefined): BreakGlassView | null {
  if (state.breakGlass === null || state.request === null) return null;
  const use = view?.state(breakGlassFold, streams.breakGlass(state.person)).uses[state.request];
  return {
    marks: state.breakGlass.marks,
    review_by: iso(use?.reviewByMs ?? state.breakGlass.review_by_ms),
    reviewed: use !== undefined && isReviewed(use),
    verdicts: use?.reviews.map(({ verdict }) => verdict) ?? [],
  };
}
