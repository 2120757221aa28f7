import { writeTicket } from '../../../src/app/ticket/write-ticket.ts';
import type { TicketChange } from '../../../src/domain/ticket/write.ts';
import type { Dice } from '../dice.ts';
import type { World } from '../world.ts';
import { type Action, call, engineers, somebody } from './action.ts';

export function write(
  world: World,
  dice: Dice,
  who: string,
  ticket: string,
  change: TicketChange,
  what: string,
  create = false,
  then: () => void = () => undefined,
): void {
  call(world, dice, who, `${what} ${ticket}`, async (broker, actor) => {
    const entries = await writeTicket(broker, actor, ticket, change, { create, idempotency: undefined });
    then();
    return entries;
  });
}

export const ticketing: readonly Action[] = [
  {
    name: 'open an incident',
    weight: 5,
    perform(world, dice) {
      const ticket = `INC-${++world.counted.tickets}`;
      world.tickets.push(ticket);
      const responders = engineers.filter(() => dice.chance(60)).map((name) => world.who(name).person);
      write(world, dice, somebody(dice), ticket, { addResponders: responders }, 'opens', true);
    },
  },
  {
    name: 'name a responder',
    weight: 3,
    perform(world, dice) {
      if (world.tickets.length === 0) return;
      const responder = world.who(dice.pick(engineers)).person;
      const change = dice.chance(75) ? { addResponders: [responder] } : { removeResponders: [responder] };
      write(world, dice, somebody(dice), dice.pick(world.tickets.slice(-3)), change, 'edits');
    },
  },
  {
    name: 'close a ticket',
    weight: 2,
    perform(world, dice) {
      if (world.tickets.length === 0) return;
      const state = dice.chance(75) ? 'closed' : 'open';
      write(world, dice, somebody(dice), dice.pick(world.tickets.slice(-3)), { state }, `sets to ${state}`);
    },
  },
];
