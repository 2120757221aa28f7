import { Failure } from '../../domain/errors.ts';
import { type Humans, identitiesOf } from '../../domain/policy/humans.ts';
import type { ResolvedRule } from '../../domain/policy/policy.ts';
import type { TicketCheck, TicketOfPerson } from '../../domain/request/submit-context.ts';
import { base64, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import { humansOf } from '../policy/policy-in-force.ts';

/** Asks the source the rule names, now. A rule without a ticket asks nobody, whatever was typed. */
export async function checkTicket(
  broker: Broker,
  rule: ResolvedRule | undefined,
  ticket: string | null,
  person: string,
  humans: Humans,
): Promise<TicketCheck> {
  if (rule?.ticket == null || ticket === null) return { kind: 'not-given' };
  const source = broker.ticketSources.get(rule.ticket.source);
  if (source === undefined) {
    return { kind: 'unavailable', because: `this broker has no ticket source named ${rule.ticket.source}` };
  }
  try {
    const snapshot = await source.check(ticket, person, broker.clock.nowMs(), identitiesOf(humans, person));
    return snapshot === undefined
      ? { kind: 'none' }
      : { kind: 'found', facts: snapshot.facts, ticket: snapshot.ticket };
  } catch (error) {
    if (error instanceof Failure && error.code === 'ticket-source-unavailable') {
      return { kind: 'unavailable', because: error.message };
    }
    throw error;
  }
}

/** One ask of the source for each person: the part it gives is theirs. */
export async function checkTicketFor(
  broker: Broker,
  rule: ResolvedRule | undefined,
  ticket: string | null,
  people: readonly string[],
): Promise<readonly TicketOfPerson[]> {
  const humans = humansOf(await broker.policies.inForceIfAny());
  return Promise.all(
    people.map(async (person) => {
      return { person, check: await checkTicket(broker, rule, ticket, person, humans) };
    }),
  );
}

/** The same ticket has the same mark, which tells nobody its name: 44 characters of base 64. */
export function incidentOf(broker: Broker, source: string, ticket: string): string {
  return base64(
    broker.hasher.hmacSha256(broker.incidentKey, utf8(`countersign/incident/v1\n${source}\n${ticket}`)),
  );
}
