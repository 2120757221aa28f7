import { REGISTER, ticketStream } from '../../../src/app/ticket/write-ticket.ts';
import { simulatedHasher } from '../simulated-parts.ts';
import type { World } from '../world.ts';
import type { History, Told } from './history.ts';
import type { Law } from './law.ts';
import { LOOK_MS } from './membership.ts';

const incidentKey = new Uint8Array(32).fill(9);

export const ticketsWereRight: Law = {
  name: 'tickets-were-right',
  *breaches(world, history) {
    const approvals = history
      .of('countersign.request.reviewed.v1')
      .filter(({ verdict }) => verdict === 'approve');
    const occasions = [
      ...history.of('countersign.request.submitted.v1').map((one) => ({ ...one, people: one.people })),
      ...approvals.map((one) => ({ ...one, people: history.request(one.request)?.people ?? [] })),
      ...history.of('countersign.session.opening.v1').map((one) => ({ ...one, people: [one.person] })),
    ];
    for (const { seq, request, people, decided_at_ms } of occasions) {
      const asked = history.request(request);
      const wanted = asked && ticketRuleOf(history, asked, seq);
      if (asked === undefined || wanted === undefined) continue;
      if (asked.break_glass?.marks.includes('ticket-unverified')) continue;
      const name = disclosed(world, asked.seq);
      const writings = name === undefined ? [] : writingsOf(history, name, seq, decided_at_ms);
      for (const person of people.filter((one) => !writings.some((ticket) => isRight(ticket, one))))
        yield `#${seq} (${request}): ${name ?? 'no ticket'} gave ${person} no part in an open incident`;
    }
  },
};

function ticketRuleOf(history: History, asked: Told<'countersign.request.submitted.v1'>, seq: number) {
  const policy = history.policyBefore(seq);
  const name = policy?.entitlements[asked.entitlement]?.ticket;
  return name == null ? undefined : policy?.tickets[name];
}

const disclosed = (world: World, seq: number): string | undefined =>
  world.database.disclosures.get(seq)?.find(({ field }) => field === 'ticket')?.value;

type Written = Told<'countersign.ticket.written.v1'>;

/** What the ticket said at any moment at which this decision may have looked. */
function writingsOf(history: History, name: string, seq: number, atMs: number): readonly Written[] {
  const stream = ticketStream({ hasher: simulatedHasher, incidentKey }, REGISTER, name);
  const all = history
    .of('countersign.ticket.written.v1')
    .filter((one) => one.stream === stream && one.seq < seq);
  return all.filter((_, at) => (all[at + 1]?.timeMs ?? Number.POSITIVE_INFINITY) >= atMs - LOOK_MS);
}

/** Open, and somebody else put this person there. */
const isRight = ({ state, project, responders }: Written, person: string): boolean =>
  state === 'open' &&
  project === 'INC' &&
  responders.some((one) => one.person === person && one.named_by !== person);
