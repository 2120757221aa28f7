import { recordLeaving } from '../../../src/app/person/record-leaving.ts';
import { confirmReset, requestReset } from '../../../src/app/person/reset-factors.ts';
import type { Actor } from '../../../src/domain/actor.ts';
import type { GrantId, RequestId } from '../../../src/domain/ids.ts';
import type { Asked } from '../../../src/domain/request/submit-context.ts';
import type { Dice } from '../dice.ts';
import type { Person, World } from '../world.ts';
import { type Action, call, codeOf, engineers, nameOf } from './action.ts';
import { ask, bare } from './asking.ts';
import { administer } from './people.ts';
import { publishTogether } from './publishing.ts';
import { review } from './reviewing.ts';
import { write } from './tickets.ts';
import { open } from './using.ts';

/** Each begins when the one before was answered; what fails in between leaves the rest undone. */
function askReviewOpen(world: World, dice: Dice, who: string, asked: Asked): void {
  ask(world, dice, who, asked, ({ request }) => {
    review(world, dice, dice.pick(['lea', 'sol', 'tomas']), request, { verdict: 'approve' }, ({ grants }) =>
      openAll(world, dice, grants),
    );
  });
}

/** Each by whoever holds it. */
function openAll(world: World, dice: Dice, grants: readonly string[]): void {
  for (const grant of grants) {
    const holder = nameOf(world, world.database.tables.get('grants')?.get(grant)?.['person']);
    if (holder !== undefined) open(world, dice, holder, grant as GrantId);
  }
}

/** Nobody answers any more for what opens then. */
function approverLeaves(world: World, dice: Dice): void {
  const approver = dice.pick(['lea', 'tomas']);
  ask(world, dice, dice.pick(['maya', 'omar']), { ...bare, entitlement: 'failover' }, ({ request }) =>
    review(world, dice, approver, request, { verdict: 'approve' }, ({ grants }) =>
      administer(world, dice, approver, 'records the leaving of', recordLeaving, () =>
        openAll(world, dice, grants),
      ),
    ),
  );
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

/** One signature after the other; some sign twice, or for another stage than their own. */
function reviewInTurn(
  world: World,
  dice: Dice,
  request: RequestId,
  [first, ...rest]: readonly string[],
): void {
  if (first === undefined) return;
  review(world, dice, first, request, { verdict: 'approve' }, () => reviewInTurn(world, dice, request, rest));
}

/** Somebody leaves who has just asked for something. */
function leaving(world: World, dice: Dice): void {
  const who = dice.pick(['maya', 'ravi', 'tomas']);
  ask(world, dice, who, { ...bare, entitlement: 'failover' }, () =>
    administer(world, dice, who, 'records the leaving of', recordLeaving),
  );
}

const personOf = (world: World, { person }: Actor): Person => world.who(nameOf(world, person) ?? '');

function reset(world: World, dice: Dice): void {
  const who = dice.pick(['maya', 'ravi', 'kim']);
  call(world, dice, 'ann', `asks to reset the factors of ${who}`, async (broker, actor) => {
    const given = { reason: 'lost phone', totp: codeOf(world, dice, world.who('ann')) };
    const asked = await requestReset(broker, actor, world.who(who).person, given);
    call(world, dice, dice.pick(['bob', 'cleo', 'ann']), `confirms the reset of ${who}`, (other, confirmer) =>
      confirmReset(other, confirmer, world.who(who).person, asked.reset, {
        totp: codeOf(world, dice, personOf(world, confirmer)),
      }),
    );
    return asked;
  });
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
  {
    name: 'a story of three signatures',
    weight: 4,
    perform(world, dice) {
      const lead = () => dice.pick(['lea', 'tomas', 'sol']);
      const signers = [lead(), lead(), lead(), dice.pick(['sid', 'cleo'])];
      ask(world, dice, dice.pick(engineers), { ...bare, entitlement: 'repair' }, ({ request }) =>
        reviewInTurn(world, dice, request, signers),
      );
    },
  },
  {
    name: 'a story of a rule that changes',
    weight: 2,
    perform(world, dice) {
      const entitlement = dice.pick(['failover', 'rerun', 'repair']);
      const parameters: Asked['parameters'] = entitlement === 'rerun' ? { batch: 'b-9' } : {};
      ask(world, dice, dice.pick(engineers), { ...bare, entitlement, parameters }, ({ request }) =>
        publishTogether(world, dice, () => reviewInTurn(world, dice, request, ['lea', 'sol', 'sid'])),
      );
    },
  },
  { name: 'a story of an approver who leaves', weight: 2, perform: approverLeaves },
  { name: 'a story of a leaving', weight: 1, perform: leaving },
  { name: 'a story of a reset', weight: 1, perform: reset },
];
