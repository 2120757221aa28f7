import { prepareBreakGlassReview, reviewBreakGlass } from '../../../src/app/request/review-break-glass.ts';
import {
  prepareReview,
  type Reviewed,
  reviewRequest,
  type Verdict,
} from '../../../src/app/request/review-request.ts';
import type { ReviewStatement } from '../../../src/domain/events.ts';
import type { RequestId } from '../../../src/domain/ids.ts';
import type { Dice } from '../dice.ts';
import type { World } from '../world.ts';
import { type Action, call, codeOf, reviewers, someRow, wrongCode } from './action.ts';

function someVerdict(dice: Dice): Verdict {
  const throw_ = dice.below(100);
  if (throw_ < 8) return { verdict: 'deny' };
  if (throw_ < 18) return { verdict: 'approve', seconds: 600 };
  if (throw_ < 24)
    return {
      verdict: 'approve',
      scope: [{ action: 'batches.read', resource: 'orders-export' }],
    };
  return { verdict: 'approve' };
}

/** Looks at the request, then signs what was shown; the statement lies about afterwards, for whoever finds it. */
export function review(
  world: World,
  dice: Dice,
  who: string,
  request: RequestId,
  wanted: Verdict,
  then: (reviewed: Reviewed) => void = () => undefined,
): void {
  const person = world.who(who);
  call(world, dice, who, `reviews ${request}: ${wanted.verdict}`, async (broker, actor, renewed) => {
    const { statement } = await prepareReview(broker, actor, request, wanted);
    world.statements.push({ who, statement });
    const totp = dice.chance(95) ? codeOf(world, dice, person) : wrongCode(dice);
    const given = { statement, reason: 'looked at it', totp, idempotency: undefined };
    const reviewed = await reviewRequest(broker, await renewed(), request, given);
    then(reviewed);
    return reviewed;
  });
}

export function sign(world: World, dice: Dice, who: string, statement: ReviewStatement, what: string): void {
  const person = world.who(who);
  call(world, dice, who, what, (broker, actor) =>
    reviewRequest(broker, actor, statement.request as RequestId, {
      statement,
      reason: null,
      totp: codeOf(world, dice, person),
      idempotency: undefined,
    }),
  );
}

const pending = ({ state }: Readonly<Record<string, unknown>>) => state === 'pending';

export const reviewing: readonly Action[] = [
  {
    name: 'review',
    weight: 20,
    perform(world, dice) {
      const found = someRow(world, dice, 'requests', dice.chance(90) ? pending : () => true);
      if (found === undefined) return;
      review(world, dice, dice.pick(reviewers), found.key as RequestId, someVerdict(dice));
    },
  },
  {
    name: 'two review at one moment',
    weight: 5,
    perform(world, dice) {
      const found = someRow(world, dice, 'requests', pending);
      if (found === undefined) return;
      review(world, dice, dice.pick(reviewers), found.key as RequestId, { verdict: 'approve' });
      review(world, dice, dice.pick(reviewers), found.key as RequestId, someVerdict(dice));
    },
  },
  {
    name: 'review once more what one has reviewed',
    weight: 3,
    perform(world, dice) {
      const waiting = world.statements.filter(
        ({ statement }) =>
          world.database.tables.get('requests')?.get(statement.request)?.['state'] === 'pending',
      );
      if (waiting.length === 0) return;
      const { who, statement } = dice.pick(waiting.slice(-6));
      review(world, dice, who, statement.request as RequestId, { verdict: 'approve' });
    },
  },
  {
    name: 'sign what was shown before',
    weight: 2,
    perform(world, dice) {
      const recent = world.statements.slice(-5);
      if (recent.length === 0) return;
      const { who, statement } = dice.pick(recent);
      sign(world, dice, who, statement, `signs again what was shown of ${statement.request}`);
    },
  },
  {
    name: 'review an emergency',
    weight: 3,
    perform(world, dice) {
      const found = someRow(world, dice, 'requests', ({ break_glass }) => break_glass === 1);
      if (found === undefined) return;
      const request = found.key as RequestId;
      const verdict = dice.chance(80) ? 'justified' : 'not-justified';
      const who = dice.pick(['sid', 'sol', 'cleo', 'omar', 'lea']);
      const person = world.who(who);
      call(world, dice, who, `finds the emergency ${request} ${verdict}`, async (broker, actor, renewed) => {
        const { statement } = await prepareBreakGlassReview(broker, actor, request, { verdict });
        const given = { statement, reason: 'read the log', totp: codeOf(world, dice, person) };
        return reviewBreakGlass(broker, await renewed(), request, { ...given, idempotency: undefined });
      });
    },
  },
];
