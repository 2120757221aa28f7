import type { GrantId } from '../../../src/domain/ids.ts';
import type { Asked } from '../../../src/domain/request/submit-context.ts';
import type { Dice } from '../dice.ts';
import type { World } from '../world.ts';
import { type Action, engineers, nameOf } from './action.ts';
import { ask, bare } from './asking.ts';
import { review } from './reviewing.ts';
import { write } from './tickets.ts';
import { open } from './using.ts';

/** Each begins when the one before was answered; what fails in between leaves the rest undone. */
function askReviewOpen(world: World, dice: Dice, who: string, asked: Asked): void {
  ask(world, dice, who, asked, ({ request }) => {
    review(world, dice, dice.pick(['lea', 'sol', 'tomas']), request, { verdict: 'approve' }, ({ grants }) => {
      for (const grant of grants) {
        const holder = nameOf(world, world.database.tables.get('grants')?.get(grant)?.['person']);
        if (holder !== undefined) open(world, dice, holder, grant as GrantId);
      }
    });
  });
}

function emergency(world: World, dice: Dice): void {
  const ticket = `INC-${++world.counted.tickets}`;
  world.tickets.push(ticket);
  const who = dice.pick(['omar', 'omar', 'maya']);
  const people = [world.who(who).person];
  const asked = {
    ...bare,
    entitlement: 'operator',
    targets: ['orders-prod'],
    ticket,
    seconds: 900,
    breakGlass: true,
  };
  write(world, dice, 'kim', ticket, { addResponders: people }, 'opens', true, () =>
    ask(world, dice, who, asked, ({ request }) => {
      const grants = [...(world.database.tables.get('grants') ?? [])].filter(
        ([, row]) => row['request'] === request,
      );
      for (const [grant] of grants) open(world, dice, who, grant as GrantId);
    }),
  );
}

/** What people do all day: without these few of the rest would have anything to befall. */
export const wholeStories: readonly Action[] = [
  {
    name: 'an everyday story',
    weight: 10,
    perform(world, dice) {
      const entitlement = dice.pick(['failover', 'rerun']);
      const parameters: Asked['parameters'] = entitlement === 'rerun' ? { batch: 'b-7' } : {};
      const seconds = dice.pick([900, 1800, 3600]);
      const startMs = dice.chance(15) ? world.time.nowMs + 60_000 + dice.below(3_600_000) : null;
      const asked = { ...bare, entitlement, parameters, seconds, startMs };
      askReviewOpen(world, dice, dice.pick(engineers), asked);
    },
  },
  {
    name: 'a story of an incident',
    weight: 6,
    perform(world, dice) {
      const ticket = `INC-${++world.counted.tickets}`;
      world.tickets.push(ticket);
      const names = dice.chance(30) ? ['maya', 'omar', 'ravi'] : [dice.pick(engineers)];
      const people = names.map((name) => world.who(name).person);
      const who = names[0] ?? 'maya';
      const given = { ticket, people, targets: ['orders-prod', ...(dice.chance(40) ? ['stock-prod'] : [])] };
      write(world, dice, 'kim', ticket, { addResponders: people }, 'opens', true, () =>
        askReviewOpen(world, dice, who, { ...bare, entitlement: 'operator', ...given }),
      );
    },
  },
  { name: 'a story of an emergency', weight: 4, perform: emergency },
];
