import { nudgeReviewers } from '../../../src/app/request/nudge-reviewers.ts';
import { type Submitted, submitRequest } from '../../../src/app/request/submit-request.ts';
import { withdrawRequest } from '../../../src/app/request/withdraw-request.ts';
import type { RequestId } from '../../../src/domain/ids.ts';
import type { Asked } from '../../../src/domain/request/submit-context.ts';
import { firstPolicy } from '../company.ts';
import type { Dice } from '../dice.ts';
import type { World } from '../world.ts';
import { type Action, call, codeOf, engineers, freshKey, nameOf, someRow, wrongCode } from './action.ts';

export const bare: Omit<Asked, 'entitlement'> = {
  people: null,
  targets: null,
  parameters: {},
  seconds: 1800,
  startMs: null,
  extends: null,
  scope: null,
  ticket: null,
  justification: 'because',
  breakGlass: false,
};

/** Asks, and may be asked to ask again with the same key: whoever heard nothing does. */
export function ask(
  world: World,
  dice: Dice,
  who: string,
  asked: Asked,
  then: (submitted: Submitted) => void = () => undefined,
): void {
  const person = world.who(who);
  const idempotency = freshKey(world, person, 'submit');
  const once = (with_: Dice) =>
    call(
      world,
      with_,
      who,
      `asks for ${spelt(asked)}`,
      async (broker, actor) => {
        const totp = with_.chance(93) ? codeOf(world, with_, person) : wrongCode(with_);
        const submitted = await submitRequest(broker, actor, asked, { totp, idempotency });
        world.keys.get(idempotency.key)?.answers.add(submitted.request);
        then(submitted);
        return submitted;
      },
      'act',
    );
  world.repeatable.push({ who, again: once });
  once(dice);
}

function spelt({
  entitlement,
  people,
  targets,
  seconds,
  breakGlass,
  extends: extended,
  startMs,
}: Asked): string {
  const parts = [
    `${entitlement} for ${seconds} s`,
    ...(people === null ? [] : [`for ${people.length} people`]),
    ...(targets === null ? [] : [`on ${targets.join(' and ')}`]),
    ...(breakGlass ? ['by breaking the glass'] : []),
    ...(extended === null ? [] : [`to carry on ${extended}`]),
    ...(startMs === null ? [] : ['from later on']),
  ];
  return parts.join(' ');
}

function someAsk(world: World, dice: Dice, who: string): Asked {
  const entitlement = dice.pick([
    'operator',
    'operator',
    'operator',
    'repair',
    'look',
    'rerun',
    'failover',
    'failover',
  ]);
  const rule = firstPolicy.entitlements[entitlement];
  const several = (rule?.targets.length ?? 0) > 1;
  const others = dice.chance(20) ? [who, dice.pick(engineers)] : null;
  return {
    ...bare,
    entitlement,
    targets: several ? (dice.chance(40) ? [...(rule?.targets ?? [])] : ['orders-prod']) : null,
    people: others?.map((name) => world.who(name).person) ?? null,
    seconds: dice.pick([60, 900, 1800, 1800, 3600, 5400]),
    startMs: dice.chance(12) ? world.time.nowMs + dice.below(7_200_000) : null,
    parameters: entitlement === 'rerun' ? { batch: dice.chance(85) ? 'b-12' : 'b-*' } : {},
    scope: dice.chance(20) && rule !== undefined ? rule.scope.slice(0, 1) : null,
    ticket: entitlement === 'operator' || dice.chance(10) ? someTicket(world, dice) : null,
  };
}

const someTicket = (world: World, dice: Dice): string =>
  world.tickets.length > 0 && dice.chance(95) ? dice.pick(world.tickets.slice(-3)) : 'INC-999';

export const asking: readonly Action[] = [
  {
    name: 'ask',
    weight: 14,
    perform(world, dice) {
      const who = dice.pick(engineers);
      ask(world, dice, who, someAsk(world, dice, who));
    },
  },
  {
    name: 'break the glass',
    weight: 5,
    perform(world, dice) {
      const who = dice.pick(['omar', 'maya', 'tomas']);
      const seconds = dice.pick([600, 1800]);
      const emergency = { ticket: someTicket(world, dice), targets: ['orders-prod'], breakGlass: true };
      ask(world, dice, who, { ...bare, entitlement: 'operator', seconds, ...emergency });
    },
  },
  {
    name: 'extend',
    weight: 3,
    perform(world, dice) {
      const running = someRow(world, dice, 'grants', ({ ends_at_ms }) => ends_at_ms !== null);
      const who = nameOf(world, running?.row['person']);
      const request = world.database.tables.get('requests')?.get(String(running?.row['request']));
      if (running === undefined || who === undefined || request === undefined) return;
      ask(world, dice, who, {
        ...bare,
        entitlement: String(request['entitlement']),
        targets: [String(running.row['target'])],
        extends: running.key,
        ticket: someTicket(world, dice),
        parameters: request['entitlement'] === 'rerun' ? { batch: 'b-12' } : {},
      });
    },
  },
  {
    name: 'repeat a call',
    weight: 4,
    perform(world, dice) {
      const recent = world.repeatable.slice(-8);
      if (recent.length > 0) dice.pick(recent).again(dice);
    },
  },
  {
    name: 'withdraw',
    weight: 2,
    perform(world, dice) {
      const found = someRow(world, dice, 'requests', ({ state }) => state === 'pending');
      const who = nameOf(world, found?.row['person']);
      if (found === undefined || who === undefined) return;
      call(world, dice, who, `withdraws ${found.key}`, (broker, actor) =>
        withdrawRequest(broker, actor, found.key as RequestId),
      );
    },
  },
  {
    name: 'nudge',
    weight: 3,
    perform(world, dice) {
      const found = someRow(world, dice, 'requests', ({ state }) => state === 'pending');
      // Somebody else tries it too, and so does whoever was told “not yet”.
      const who = dice.chance(80) ? nameOf(world, found?.row['person']) : dice.pick(engineers);
      if (found === undefined || who === undefined) return;
      call(world, dice, who, `nudges ${found.key}`, (broker, actor) =>
        nudgeReviewers(broker, actor, found.key as RequestId, undefined),
      );
    },
  },
];
