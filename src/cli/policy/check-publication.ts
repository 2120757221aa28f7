import { digestOf } from '../../domain/digest.ts';
import { catalogue, type PublishStatement, statement } from '../../domain/events.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import type { Plan } from './plan-lines.ts';

const [, , publishForm] = statement.options;
const planForm = catalogue['countersign.policy.proposed.v1'].schema.shape.plan;

export interface PreparedPublication {
  readonly statement: unknown;
  readonly statement_digest: string;
  readonly plan: unknown;
}

/** What this machine knows of itself: the policy's digest is made from the file, not from what the broker says. */
export interface MeantPublication {
  readonly proposal: string;
  readonly to_digest: string;
  readonly signer: string;
}

/**
 * The statement and the plan as the log will hold them, of known fields only. A code that follows attests the
 * statement's digest, and through it the plan's and the policy's, so each is made again here.
 * @throws Ending `verificationFailed` when anything differs
 */
export function checkPublication(
  prepared: PreparedPublication,
  meant: MeantPublication,
): { readonly statement: PublishStatement; readonly plan: Plan } {
  const known = publishForm.safeParse(prepared.statement);
  const plan = planForm.safeParse(prepared.plan);
  if (!known.success || !plan.success) {
    throw new Ending(
      exitCode.verificationFailed,
      'The broker sent a statement of a form that this program does not know.',
      RELEASE,
    );
  }
  requireSame('statement', prepared.statement_digest, digestOf(nodeHasher, known.data));
  requireSame('plan', known.data.plan_digest, digestOf(nodeHasher, plan.data));
  requireSame('policy', known.data.to_digest, meant.to_digest);
  requireSame('proposal', known.data.proposal, meant.proposal);
  requireSame('signer', known.data.signer, meant.signer);
  return { statement: known.data, plan: plan.data };
}

const RELEASE = 'Nothing was signed. Is the command line of the same release as the broker?';

export function requireSame(what: string, theirs: string, ours: string): void {
  if (theirs === ours) return;
  throw new Ending(
    exitCode.verificationFailed,
    `The broker’s ${what} is not the one made here: ${printable(theirs)} there, ${printable(ours)} here.`,
    RELEASE,
  );
}
