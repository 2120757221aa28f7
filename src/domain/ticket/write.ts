import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { type Humans, sameHuman } from '../policy/humans.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { firstBroken, type Rule } from '../rule.ts';
import type { TicketState } from './state.ts';

/** What to change; undefined leaves as it is. */
export interface TicketChange {
  readonly state?: 'open' | 'approved' | 'closed' | undefined;
  readonly title?: string | undefined;
  readonly addResponders?: readonly string[] | undefined;
  readonly removeResponders?: readonly string[] | undefined;
  readonly assignee?: string | null | undefined;
  readonly window?: { readonly from_ms: number; readonly to_ms: number } | null | undefined;
}

interface TicketContext {
  readonly actor: Actor;
  /** Of the policy in force. */
  readonly groups: readonly string[];
  /** Who is one human under several identities, by the policy in force. */
  readonly humans: Humans;
  readonly state: TicketState;
  readonly change: TicketChange;
}

/**
 * Who opened a change, or is to carry it out, does not approve it. Somebody in none of the policy's groups (a guest,
 * a second account of the requester's) vouches for nobody.
 */
const ticketEditorIsEntitled: Rule<TicketContext> = {
  name: 'ticket-editor-is-entitled',
  refuses({ actor, groups, humans, state, change }) {
    if (actor.kind !== 'human') return 'Tickets of the register are written by people.';
    if (groups.length === 0)
      return 'Tickets are written by people in one of the policy’s groups; you are in none.';
    if (change.state !== 'approved') return undefined;
    const isThem = (person: string | null | undefined) =>
      person != null && sameHuman(humans, person, actor.person);
    const own = state.ticket === null || isThem(state.ticket.creator);
    const assignee = change.assignee === undefined ? state.ticket?.assignee?.person : change.assignee;
    return own || isThem(assignee)
      ? 'A change is approved by somebody who neither opened it nor carries it out.'
      : undefined;
  },
};

/** Each writing holds all of them, so without a bound the log would grow by the square. */
export const RESPONDERS_ALLOWED = 100;

export const ticketRules: readonly Rule<TicketContext>[] = [ticketEditorIsEntitled];

/** Opens or changes a ticket: each writing is whole, and says who put each person in it. */
export function decideWriteTicket(
  input: TicketContext & {
    readonly source: string;
    readonly project: string;
    /** Last part of its stream's name. */
    readonly ticket: string;
    /** As people write it, for example INC-2291. */
    readonly name: string;
    /** As it reads now, or is first written. */
    readonly title: string;
    readonly refusals: RefusalsState;
    readonly nowMs: number;
  },
  rules = ticketRules,
): Judgement {
  const { actor, state, change, source, ticket } = input;
  const broken = firstBroken(rules, input);
  if (broken !== undefined) return refuse({ ...input, attempted: 'ticket', about: null }, broken);
  const before = state.ticket;
  const kept = (before?.responders ?? []).filter(({ person }) => !change.removeResponders?.includes(person));
  const added = (change.addResponders ?? [])
    .filter((person) => !kept.some((responder) => responder.person === person))
    .map((person) => ({ person, named_by: actor.person as string }));
  if (kept.length + added.length > RESPONDERS_ALLOWED) {
    const because = `A ticket names at most ${RESPONDERS_ALLOWED} responders; remove some first.`;
    return { events: [], refusal: new Failure('conflict', because) };
  }
  const written = draft(
    'countersign.ticket.written.v1',
    streams.ticket(source, ticket),
    source,
    {
      source,
      project: input.project,
      state: stateAfter(before?.state ?? 'open', change),
      creator: before?.creator ?? actor.person,
      responders: [...kept, ...added],
      assignee: assigneeAfter(actor, before?.assignee ?? null, change.assignee),
      approved_by: approvedBy(actor, before?.approved_by ?? null, change),
      window: change.window === undefined ? (before?.window ?? null) : change.window,
    },
    { ticket: input.name, title: input.title },
  );
  return { events: [written] };
}

function assigneeAfter(
  actor: Actor,
  before: { readonly person: string; readonly named_by: string } | null,
  change: string | null | undefined,
): { person: string; named_by: string } | null {
  if (change === undefined || change === before?.person) return before;
  return change === null ? null : { person: change, named_by: actor.person };
}

/** What was approved is the change as it stood: moving its window or its people asks for approval again. */
const undoesApproval = (change: TicketChange): boolean =>
  change.window !== undefined || change.assignee !== undefined || (change.addResponders ?? []).length > 0;

function stateAfter(
  before: 'open' | 'approved' | 'closed',
  change: TicketChange,
): 'open' | 'approved' | 'closed' {
  if (change.state !== undefined) return change.state;
  return before === 'approved' && undoesApproval(change) ? 'open' : before;
}

function approvedBy(actor: Actor, before: string | null, change: TicketChange): string | null {
  if (change.state === 'approved') return actor.person;
  return change.state !== undefined || undoesApproval(change) ? null : before;
}
