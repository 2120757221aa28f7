import { prepareReview, reviewRequest } from '../../../src/app/request/review-request.ts';
import { submitRequest } from '../../../src/app/request/submit-request.ts';
import type { ReviewStatement } from '../../../src/domain/events.ts';
import type { GrantId, RequestId } from '../../../src/domain/ids.ts';
import { attackers, policies } from '../company.ts';
import type { Dice } from '../dice.ts';
import { codeAt, stepAt } from '../simulated-parts.ts';
import type { World } from '../world.ts';
import { type Action, call, codeOf, freshKey, someRow, wrongCode } from './action.ts';
import { ask } from './asking.ts';
import { propose, signProposal } from './publishing.ts';
import { review, sign } from './reviewing.ts';
import { write } from './tickets.ts';
import { open } from './using.ts';

const emptyAsk = {
  people: null,
  targets: null,
  parameters: {},
  seconds: 900,
  startMs: null,
  extends: null,
  scope: null,
  ticket: null,
  justification: 'trust me',
  breakGlass: false,
};

const isMallorys = (world: World) => (row: Readonly<Record<string, unknown>>) =>
  row['state'] === 'pending' && row['person'] === world.who('mallory').person;

/** One field of somebody's statement, to the attacker's liking. */
function bent(world: World, dice: Dice, statement: ReviewStatement): ReviewStatement {
  const mallory = world.who('mallory').person;
  const changes: readonly Partial<ReviewStatement>[] = [
    { seconds: statement.seconds * 10 },
    { people: [...statement.people, mallory] },
    { verdict: statement.verdict === 'deny' ? 'approve' : 'deny' },
    { reviewer: world.who('mallory-lead').person },
    { scope: statement.scope.map((one) => ({ ...one, resource: '*' })) },
    { expires_at_ms: statement.expires_at_ms + 86_400_000 },
    { request: someRow(world, dice, 'requests')?.key ?? statement.request },
  ];
  return { ...statement, ...dice.pick(changes) };
}

/** Each is refused, whatever else goes wrong at that moment; that none succeeded is for the model to say. */
const approveOwn = (world: World, dice: Dice): void => {
  const own = someRow(world, dice, 'requests', isMallorys(world));
  if (own === undefined) return;
  review(world, dice, dice.pick(attackers), own.key as RequestId, { verdict: 'approve' });
};

const attacks: readonly ((world: World, dice: Dice) => void)[] = [
  approveOwn,
  approveOwn,
  // Asks, to have something to sign off with the other login.
  (world, dice) =>
    ask(world, dice, 'mallory', { ...emptyAsk, entitlement: dice.pick(['failover', 'repair']) }),
  (world, dice) => {
    const found = someRow(world, dice, 'grants', ({ open: is }) => is === 1);
    if (found !== undefined)
      open(world, dice, dice.pick(attackers), found.key as GrantId, 'opens another’s grant');
  },
  (world, dice) => {
    const found = world.statements.slice(-5);
    if (found.length === 0) return;
    const { statement } = dice.pick(found);
    sign(world, dice, dice.pick(attackers), statement, 'signs with another’s statement');
  },
  (world, dice) => {
    const found = world.statements.slice(-5);
    if (found.length === 0) return;
    const { who, statement } = dice.pick(found);
    sign(world, dice, who, bent(world, dice, statement), 'is handed a bent statement to sign');
  },
  // A lead, by their other login: may review others, and signs what was never shown.
  (world, dice) => {
    const found = someRow(world, dice, 'requests', ({ state }) => state === 'pending');
    if (found === undefined) return;
    const person = world.who('mallory-lead');
    call(
      world,
      dice,
      person.name,
      `signs ${found.key} for more than was asked`,
      async (broker, actor, renewed) => {
        const request = found.key as RequestId;
        const { statement } = await prepareReview(broker, actor, request, { verdict: 'approve' });
        const given = { reason: null, totp: codeOf(world, dice, person), idempotency: undefined };
        return reviewRequest(broker, await renewed(), request, {
          ...given,
          statement: bent(world, dice, statement),
        });
      },
    );
  },
  (world, dice) => {
    const { person } = world.who('mallory');
    const guess = { ...emptyAsk, entitlement: 'look' };
    const idempotency = freshKey(world, world.who('mallory'), 'submit');
    call(world, dice, 'mallory', `guesses codes of ${person.slice(0, 6)}`, (broker, actor) =>
      submitRequest(broker, actor, guess, { totp: wrongCode(dice), idempotency }),
    );
  },
  // A code seen over somebody's shoulder is of no use to another.
  (world, dice) => {
    const idempotency = freshKey(world, world.who('mallory'), 'submit');
    const [seed] = world.who('maya').seeds.values();
    call(world, dice, 'mallory', 'asks with a code of maya’s', (broker, actor) => {
      const totp = seed && codeAt(seed, stepAt(world.time.nowMs));
      return submitRequest(broker, actor, { ...emptyAsk, entitlement: 'look' }, { totp, idempotency });
    });
  },
  // The same key with another body: never another request.
  (world, dice) => {
    const [key] = [...world.keys].findLast(([, { route }]) => route === 'submit') ?? [];
    if (key === undefined) return;
    const asked = { ...emptyAsk, entitlement: 'look' };
    call(world, dice, 'mallory', 'uses another’s key with another body', async (broker, actor) => {
      const idempotency = { key, digest: 'sha256:another body' };
      const totp = codeOf(world, dice, world.who('mallory'));
      world.keys.set(`${key} of mallory`, {
        person: actor.person,
        route: 'submit',
        answers: new Set(),
        secrets: 0,
      });
      return submitRequest(broker, actor, asked, { totp, idempotency });
    });
  },
  (world, dice) => {
    const ticket = `INC-${++world.counted.tickets}`;
    const own = { addResponders: [world.who('mallory').person] };
    write(world, dice, 'mallory', ticket, own, 'opens for themselves', true);
    ask(world, dice, 'mallory', { ...emptyAsk, entitlement: 'operator', targets: ['orders-prod'], ticket });
  },
  (world, dice) => propose(world, dice, dice.pick(attackers), dice.pick(policies)),
  (world, dice) =>
    signProposal(world, dice, dice.pick(attackers), 'signs a policy that is not theirs to sign'),
];

export const attacking: readonly Action[] = [
  { name: 'attack', weight: 14, perform: (world, dice) => dice.pick(attacks)(world, dice) },
];
