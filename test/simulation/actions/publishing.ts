import { preparePublication, proposePolicy, signPolicy } from '../../../src/app/publish-policy.ts';
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
export function signProposal(world: World, dice: Dice, who: string, what = 'signs a policy'): void {
  call(world, dice, who, what, async (broker, actor) => {
    const view = await broker.sequencer.read(['policy']);
    const proposals = Object.keys(view.state(policyFold, 'policy').proposals);
    const proposal = dice.chance(85) ? proposals.at(-1) : proposals[0];
    const { statement } = await preparePublication(broker, actor, proposal ?? 'none');
    const totp = codeOf(world, dice, world.who(who));
    return signPolicy(broker, actor, proposal ?? 'none', { statement, totp, idempotency: undefined });
  });
}

export const publishing: readonly Action[] = [
  {
    name: 'propose a policy',
    weight: 2,
    perform: (world, dice) => propose(world, dice, dice.pick(administrators), dice.pick(policies)),
  },
  {
    name: 'sign a policy',
    weight: 5,
    perform: (world, dice) => signProposal(world, dice, dice.pick(administrators)),
  },
];
