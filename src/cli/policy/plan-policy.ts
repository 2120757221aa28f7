import { planPolicy } from '../../domain/policy/plan.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { policyDigest } from '../../domain/policy/resolve.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import type { CliContext } from '../context.ts';
import { AlreadyTold } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { requireSame } from './check-publication.ts';
import { findingLines, type LocalPolicy, readLocalPolicy } from './local-policy.ts';
import { type Plan, planLines } from './plan-lines.ts';

/** What publishing a file would do: over the policy in force, or, without a broker, over another file. */
export async function planLocalPolicy(
  context: CliContext,
  file: string,
  options: { readonly against?: string },
): Promise<void> {
  const after = await sound(context, file);
  const to = policyDigest(nodeHasher, after.policy);
  if (options.against !== undefined) {
    const before = await sound(context, options.against);
    const facts = {
      nowMs: context.surroundings.nowMs(),
      seen: null,
      isSeenWhole: false,
      open: null,
      catalogue: after.catalogue,
    };
    const from = policyDigest(nodeHasher, before.policy);
    return tell(context, from, to, planPolicy(before.policy, after.policy, facts));
  }
  const { client } = await context.api();
  const json = { text: after.text, scopes: { ...after.scopes } };
  const planned = await (await client.v1.policy.plans.$post({ json })).json();
  requireSame('policy', planned.to_digest, to);
  tell(context, planned.from_digest, to, planned.plan);
}

function tell({ output }: CliContext, from: string | null, to: string, plan: Plan): void {
  output.result({ from_digest: from, to_digest: to, plan }, [
    `from      ${from ?? 'no policy'}`,
    `to        ${to}`,
    ...planLines(plan),
  ]);
}

async function sound(context: CliContext, file: string): Promise<LocalPolicy & { readonly policy: Policy }> {
  const read = await readLocalPolicy(context, file);
  const { policy, findings } = read;
  if (policy !== undefined) return { ...read, policy };
  context.output.result({ findings }, findingLines(findings));
  throw new AlreadyTold(exitCode.usage);
}
