import { preparePublication, proposePolicy, signPolicy } from '../../../src/app/policy/publish-policy.ts';
import type { Policy } from '../../../src/domain/policy/policy.ts';
import { policyFold } from '../../../src/domain/policy-change/state.ts';
import { administrators, policies } from '../company.ts';
import type { Dice } from '../dice.ts';
import type { World } from '../world.ts';
import { type Action, call, codeOf } from './action.ts';

export function propose(world: World, dice: Dice, who: string, policy: Policy): void {
  const text = `# ${policies.indexOf(policy)}\n`;
  call(world, dice, who, `proposes policy ${policies.indexOf(policy)}`, (broker, actor) =>
    proposePolicy(broker, actor, { policy, text, idempotency: undefined }),
  );
}

/** Signs whatever lies there; most often the newest. */
export function signProposal(
  world: World,
  dice: Dice,
  who: string,
  what = 'signs a policy',
  then: () => void = () => undefined,
): void {
  call(world, dice, who, what, async (broker, actor, renewed) => {
    const view = await broker.sequencer.read(['policy']);
    const proposals = Object.keys(view.state(policyFold, 'policy').proposals);
    const proposal = (dice.chance(85) ? proposals.at(-1) : proposals[0]) ?? 'none';
    const { statement } = await preparePublication(broker, actor, proposal);
    const totp = codeOf(world, dice, world.who(who));
    const given = { statement, totp, idempotency: undefined };
    const signed = await signPolicy(broker, await renewed(), proposal, given);
    then();
    return signed;
  });
}

/** Two administrators who know what they want. */
export function publishTogether(world: World, dice: Dice, then: () => void = () => undefined): void {
  const policy = dice.pick(policies);
  const name = `policy ${policies.indexOf(policy)}`;
  const text = `# ${policies.indexOf(policy)}\n`;
  const [first, second] = dice.chance(50) ? (['ann', 'bob'] as const) : (['cleo', 'ann'] as const);
  call(world, dice, first, `proposes ${name} and signs it`, async (broker, actor, renewed) => {
    const { proposal } = await proposePolicy(broker, actor, { policy, text, idempotency: undefined });
    const { statement } = await preparePublication(broker, actor, proposal);
    const totp = codeOf(world, dice, world.who(first));
    await signPolicy(broker, await renewed(), proposal, { statement, totp, idempotency: undefined });
    signProposal(world, dice, second, `signs ${name}`, then);
  });
}

export const publishing: readonly Action[] = [
  {
    name: 'propose a policy',
    weight: 2,
    perform: (world, dice) => propose(world, dice, dice.pick(administrators), dice.pick(policies)),
  },
  {
    name: 'publish a policy together',
    weight: 3,
    perform: (world, dice) => publishTogether(world, dice),
  },
  {
    name: 'sign a policy',
    weight: 5,
    perform: (world, dice) => signProposal(world, dice, dice.pick(administrators)),
  },
];
