import { type Draft, draft } from '../draft.ts';
import type { StoredData } from '../events.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { ResolvedRule } from '../policy/policy.ts';
import { confirmedIfNothingLives } from './end.ts';
import type { GrantState, RequestState } from './state.ts';
import { grantStatus, isLive, requestStatus } from './status.ts';
import type { TicketOfPerson } from './submit-context.ts';
import { ticketCheckedDrafts } from './ticket-checked.ts';

export type CutOffCause = StoredData<'countersign.grant.cut-off.v1'>['cause'];

export interface CutOffInput {
  readonly state: RequestState;
  /** How the provider will be asked, for the log. */
  readonly channel: string;
  readonly nowMs: number;
}

/**
 * The broker takes an access away because of something that was recorded: whoever it was given to has left, or the
 * grant that it carries on was revoked. What is over already is left alone, so it may be asked any number of times.
 */
export function decideCutOff(
  input: CutOffInput & {
    /** Why this grant ends; undefined: it goes on. */
    readonly causeFor: (
      grant: GrantState,
    ) => { readonly cause: CutOffCause; readonly about: string | null } | undefined;
  },
): Judgement {
  const events = liveGrants(input).flatMap((grant) => {
    const found = input.causeFor(grant);
    return found === undefined ? [] : cutOffDrafts(input, grant, found.cause, found.about);
  });
  return { events };
}

/** A request that nobody may decide any more: whoever asked has left. */
export function decideCancel(input: {
  readonly state: RequestState;
  readonly whoLeft: string;
  readonly nowMs: number;
}): Judgement {
  const { state, whoLeft, nowMs } = input;
  if (state.request === null || requestStatus(state, nowMs) !== 'pending') return { events: [] };
  const body = { request: state.request, cause: 'person-left', about: whoLeft } as const;
  const stream = streams.request(state.request);
  return { events: [draft('countersign.request.cancelled.v1', stream, state.request, body)] };
}

/**
 * Where the policy says `closing: ends-grants`, grants end once their ticket no longer has the state that it asks for.
 * Only what the source said counts: one that does not answer, or knows no such ticket, ends nothing.
 */
export function decideTicketSweep(
  input: CutOffInput & {
    /** As the policy in force has it; undefined: the entitlement is gone, and nothing opens anyway. */
    readonly rule: ResolvedRule | undefined;
    /** As it concerns each person who has a live grant. */
    readonly tickets: readonly TicketOfPerson[];
  },
): Judgement {
  const { state, rule } = input;
  if (state.request === null || rule?.ticket?.closing !== 'ends-grants') return { events: [] };
  const wanted = rule.ticket.state;
  const ended = input.tickets.flatMap((ticket) => {
    const isOver = ticket.check.kind === 'found' && ticket.check.facts.state !== wanted;
    const grants = liveGrants(input).filter(({ person }) => person === ticket.person);
    return isOver && grants.length > 0 ? [{ ticket, grants }] : [];
  });
  const checked = ticketCheckedDrafts(
    state.request,
    'sweep',
    ended.map(({ ticket }) => ticket),
  );
  const cutOff = ended.flatMap(({ grants }) =>
    grants.flatMap((grant) => cutOffDrafts(input, grant, 'ticket-closed', null)),
  );
  return { events: [...checked, ...cutOff] };
}

/** Those under which credentials may still be asked for, now or once they begin. */
export const liveGrants = ({ state, nowMs }: Pick<CutOffInput, 'state' | 'nowMs'>): readonly GrantState[] =>
  Object.values(state.grants).filter((grant) => isLive(grantStatus(grant, nowMs)));

function cutOffDrafts(
  { state, channel, nowMs }: CutOffInput,
  grant: GrantState,
  cause: CutOffCause,
  about: string | null,
): readonly Draft[] {
  const request = state.request ?? '';
  const cut = draft('countersign.grant.cut-off.v1', streams.request(request), grant.grant, {
    request,
    grant: grant.grant,
    cause,
    about,
    channel,
  });
  return [cut, ...confirmedIfNothingLives(state, grant, nowMs, nowMs)];
}
