import { breakGlassFold, isReviewed } from '../../domain/break-glass/state.ts';
import { streams } from '../../domain/ids.ts';
import { notificationsFold } from '../../domain/notice/state.ts';
import { currentStage, escalatesAtMs } from '../../domain/request/stage.ts';
import type { RequestState } from '../../domain/request/state.ts';
import { type RequestStatus, requestStatus } from '../../domain/request/status.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { personalTexts } from '../personal-text.ts';
import { extensionsOf } from './extensions.ts';
import { type GrantTold, type GrantView, grantView, type ScopeItem } from './grant-view.ts';
import { namesOf, type PersonName } from './names.ts';
import { iso, isoOrNull } from './time.ts';

export interface RequestView {
  readonly request: string;
  readonly status: RequestStatus;
  readonly person: PersonName;
  readonly entitlement: string;
  /** For whom, and where. */
  readonly people: readonly PersonName[];
  readonly targets: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly scope: readonly ScopeItem[];
  readonly duration_seconds: number;
  readonly starts_at: string | null;
  /** The grant that it carries on; null: none. */
  readonly extends: string | null;
  readonly ticket: string | null;
  readonly justification: string | null;
  readonly submitted_at: string;
  readonly review_by: string;
  readonly break_glass: BreakGlassView | null;
  readonly stages: readonly StageView[];
  readonly reviews: readonly ReviewView[];
  /** One for each person on each target, once it is approved. */
  readonly grants: readonly GrantView[];
  readonly entry: number;
}

export interface StageView {
  readonly from: string;
  readonly people: number;
  readonly have: number;
  readonly escalates_to: string | null;
  /** Known once it is this stage's turn. */
  readonly escalates_at: string | null;
}

export interface BreakGlassView {
  readonly marks: readonly ('ticket-unverified' | 'unwitnessed' | 'membership-cached')[];
  readonly review_by: string;
  readonly reviewed: boolean;
  readonly verdicts: readonly ('justified' | 'not-justified')[];
  /** Nobody judged it in time, so far. */
  readonly overdue: boolean;
  /** Who heard of it when it was used; `delivered` false: was to hear, and did not. Empty: nobody. */
  readonly told: readonly {
    readonly group: string;
    readonly channel: 'email' | 'webhook';
    readonly delivered: boolean;
    readonly at: string;
  }[];
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
  const persons = states.flatMap((state) => [
    state.person,
    ...state.people,
    ...state.reviews.map(({ reviewer }) => reviewer),
  ]);
  const seqs = states.flatMap((state) => [state.submittedSeq, ...state.reviews.map(({ seq }) => seq)]);
  const emergencies = states.filter(({ breakGlass }) => breakGlass !== null);
  const debts = [
    ...new Set(
      emergencies.flatMap(({ person, request }) => [
        streams.breakGlass(person),
        streams.notifications(request ?? ''),
      ]),
    ),
  ];
  const [extensions, name, text, view] = await Promise.all([
    extensionsOf(
      broker,
      states.flatMap(({ grants }) => Object.keys(grants)),
    ),
    namesOf(broker, persons),
    personalTexts(broker, seqs),
    debts.length === 0 ? undefined : broker.sequencer.read(debts),
  ]);
  const nowMs = broker.clock.nowMs();
  return states.map((state) => requestView(state, { name, extensions, text, view, nowMs }));
}

/** One request. @throws Error when there is none in `state` */
export async function oneRequestView(broker: Broker, state: RequestState): Promise<RequestView> {
  const [view] = await requestViews(broker, [state]);
  if (view === undefined) throw new Error('a state became no view');
  return view;
}

interface Told extends GrantTold {
  readonly text: (seq: number, field: string) => string | null;
  readonly view: View | undefined;
}

function requestView(state: RequestState, told: Told): RequestView {
  const { name, text, view, nowMs } = told;
  return {
    request: state.request ?? '',
    status: requestStatus(state, nowMs),
    person: name(state.person),
    entitlement: state.entitlement,
    people: state.people.map(name),
    targets: state.targets,
    parameters: state.parameters,
    scope: state.scope,
    duration_seconds: state.seconds,
    starts_at: isoOrNull(state.startMs),
    extends: state.extends?.grant ?? null,
    ticket: text(state.submittedSeq, 'ticket'),
    justification: text(state.submittedSeq, 'justification'),
    submitted_at: iso(state.submittedAtMs),
    review_by: iso(state.reviewByMs),
    break_glass: breakGlassView(state, view, nowMs),
    stages: state.stages.map((_, stage) => stageView(state, stage)),
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
    grants: Object.values(state.grants).map((grant) => grantView(state, grant, told)),
    entry: state.submittedSeq,
  };
}

function stageView(state: RequestState, at: number): StageView {
  const { from, people, escalate } = state.stages[at] ?? { from: '', people: 0, escalate: null };
  const current = currentStage(state);
  const escalatesMs = current?.stage === at ? escalatesAtMs(current) : null;
  return {
    from,
    people,
    have: approvalsIn(state, at),
    escalates_to: escalate?.to ?? null,
    escalates_at: isoOrNull(escalatesMs),
  };
}

const approvalsIn = (state: RequestState, stage: number): number =>
  state.reviews.filter((review) => review.stage === stage && review.verdict === 'approve').length;

function breakGlassView(state: RequestState, view: View | undefined, nowMs: number): BreakGlassView | null {
  if (state.breakGlass === null || state.request === null) return null;
  const use = view?.state(breakGlassFold, streams.breakGlass(state.person)).uses[state.request];
  const notices = view?.state(notificationsFold, streams.notifications(state.request)).told ?? {};
  const reviewed = use !== undefined && isReviewed(use);
  const reviewByMs = use?.reviewByMs ?? state.breakGlass.review_by_ms;
  return {
    marks: state.breakGlass.marks,
    review_by: iso(reviewByMs),
    reviewed,
    verdicts: use?.reviews.map(({ verdict }) => verdict) ?? [],
    overdue: !reviewed && nowMs >= reviewByMs,
    told: Object.values(notices)
      .filter(({ occasion }) => occasion === 'break-glass-used')
      .map(({ group, channel, delivered, atMs }) => ({
        group: group ?? '',
        channel,
        delivered,
        at: iso(atMs),
      })),
  };
}
