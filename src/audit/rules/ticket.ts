import type { TicketFacts } from '../../domain/events.ts';
import type { ResolvedRule, TicketRule } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { type Command, ticketFactsOf } from '../command.ts';

type Emergency = JudgedEntry<'countersign.request.submitted.v1'>['data']['break_glass'];

/** What a decision about a request rests on, as far as a ticket goes. */
export interface TicketCase {
  readonly rule: ResolvedRule;
  readonly request: string;
  /** An emergency that the policy lets go without the ticket. */
  readonly mayLackTicket: boolean;
  readonly command: Command;
  readonly atMs: number;
}

/** Asking without a verified ticket has to say so; what was asked so may then be opened so. */
export const saysItLacksTicket = (rule: ResolvedRule, emergency: Emergency): boolean =>
  mayLackTicket(rule, emergency) && (emergency?.marks.includes('ticket-unverified') ?? false);

export const mayLackTicket = (rule: ResolvedRule, emergency: Emergency): boolean =>
  emergency !== null && (rule.break_glass?.without.includes('ticket') ?? false);

export function ticketMissing({
  rule,
  request,
  mayLackTicket: mayLack,
  command,
}: TicketCase): string | undefined {
  if (rule.ticket === null || mayLack) return undefined;
  return ticketFactsOf(command, request) === undefined
    ? 'its ticket was not checked in the same command'
    : undefined;
}

export function ticketMisfit({ rule, request, command, atMs }: TicketCase): string | undefined {
  const facts = ticketFactsOf(command, request);
  return rule.ticket === null || facts === undefined ? undefined : misfit(rule.ticket, facts, atMs);
}

export function ticketUnvouched({
  rule,
  request,
  mayLackTicket: mayLack,
  command,
}: TicketCase): string | undefined {
  if (rule.ticket === null || mayLack) return undefined;
  const facts = ticketFactsOf(command, request);
  return facts === undefined || facts.vouched_by_another ? undefined : 'nobody else vouched for the ticket';
}

/** The broker asks again when what it knows is older than this. */
const OLDEST_FACTS_MS = 65_000;

function misfit(rule: TicketRule, facts: TicketFacts, atMs: number): string | undefined {
  if (facts.source !== rule.source || facts.project !== rule.project)
    return `the ticket is of ${facts.source} ${facts.project}`;
  if (facts.state !== rule.state) return `the ticket was ${facts.state}, not ${rule.state}`;
  if (rule.requester !== 'anyone' && facts.part !== rule.requester)
    return `the requester's part in the ticket was ${facts.part}`;
  if (Math.abs(atMs - facts.fetched_at_ms) > OLDEST_FACTS_MS) return 'the ticket was not looked at then';
  if (rule.window === 'not-required') return undefined;
  const { window } = facts;
  return window !== null && atMs >= window.from_ms && atMs < window.to_ms
    ? undefined
    : 'it was outside the window of the change';
}
