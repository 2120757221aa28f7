import type { TicketFacts } from '../../domain/events.ts';
import type { ResolvedRule, TicketRule } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { type Command, ticketFactsOf } from '../command.ts';

type Emergency = JudgedEntry<'countersign.request.submitted.v1'>['data']['break_glass'];
type Moment = JudgedEntry<'countersign.ticket.checked.v1'>['data']['at'];

/** What a decision about a request rests on, as far as a ticket goes. */
export interface TicketCase {
  readonly rule: ResolvedRule;
  readonly request: string;
  /** Each of them must have the part in it that the policy demands. */
  readonly people: readonly string[];
  readonly at: Moment;
  /** An emergency that the policy lets go without the ticket, and which says so. */
  readonly mayLackTicket: boolean;
  readonly command: Command;
  readonly atMs: number;
  /** When the access is meant to begin, where that lies ahead: the window has to hold that moment. */
  readonly startMs: number | null;
}

/** Asking without a verified ticket has to say so; what was asked so may then be opened so. */
export const saysItLacksTicket = (rule: ResolvedRule, emergency: Emergency): boolean =>
  (emergency?.marks.includes('ticket-unverified') ?? false) &&
  (rule.break_glass?.without.includes('ticket') ?? false);

const checksOf = ({ command, request, people }: TicketCase) =>
  people.map((person) => ({ person, checked: ticketFactsOf(command, request, person) }));

export function ticketMissing(ticket: TicketCase): string | undefined {
  if (ticket.rule.ticket === null || ticket.mayLackTicket) return undefined;
  const missing = checksOf(ticket).find(({ checked }) => checked === undefined);
  return missing && `its ticket was not checked for ${missing.person} in the same command`;
}

export function ticketMisfit(ticket: TicketCase): string | undefined {
  const { rule } = ticket;
  if (rule.ticket === null) return undefined;
  for (const { checked } of checksOf(ticket)) {
    if (checked === undefined) continue;
    if (checked.at !== ticket.at) return `the ticket was checked at ${checked.at}`;
    const why = misfit(rule.ticket, checked.facts, ticket);
    if (why !== undefined) return why;
  }
  return undefined;
}

export function ticketUnvouched(ticket: TicketCase): string | undefined {
  if (ticket.rule.ticket === null || ticket.mayLackTicket) return undefined;
  const alone = checksOf(ticket).find(({ checked }) => checked?.facts.vouched_by_another === false);
  return alone && `nobody but ${alone.person} stands behind the ticket`;
}

/** The broker asks again when what it knows is older than this. */
const OLDEST_FACTS_MS = 65_000;

function misfit(rule: TicketRule, facts: TicketFacts, { atMs, startMs }: TicketCase): string | undefined {
  if (facts.source !== rule.source || facts.project !== rule.project)
    return `the ticket is of ${facts.source} ${facts.project}`;
  if (facts.state !== rule.state) return `the ticket was ${facts.state}, not ${rule.state}`;
  if (rule.requester !== 'anyone' && facts.part !== rule.requester)
    return `the part in the ticket was ${facts.part}, not ${rule.requester}`;
  if (Math.abs(atMs - facts.fetched_at_ms) > OLDEST_FACTS_MS) return 'the ticket was not looked at then';
  if (rule.window === 'not-required') return undefined;
  const { window } = facts;
  const usedAtMs = Math.max(atMs, startMs ?? atMs);
  return window !== null && usedAtMs >= window.from_ms && usedAtMs < window.to_ms
    ? undefined
    : 'it was outside the window of the change';
}
