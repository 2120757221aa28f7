import { suggestion } from '../../domain/policy/did-you-mean.ts';
import { type Explained, explainEntitlement } from '../../domain/policy/explain.ts';
import { groupsOf } from '../../domain/policy/membership.ts';
import { own } from '../../domain/policy/own.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { policyDigest } from '../../domain/policy/resolve.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import type { CliContext } from '../context.ts';
import { AlreadyTold, Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { requireSame } from './check-publication.ts';
import { findingLines, readLocalPolicy } from './local-policy.ts';

export interface ExplainOptions {
  readonly file?: string;
  readonly as?: string;
  readonly groups?: string;
  readonly at?: string;
}

/** What one entitlement means, in sentences: of a file, or of the policy in force. */
export async function explainPolicy(
  context: CliContext,
  entitlement: string,
  options: ExplainOptions,
): Promise<void> {
  const nowMs = momentOf(options.at) ?? context.surroundings.nowMs();
  const policy =
    options.file === undefined ? await policyInForce(context) : await policyOfFile(context, options.file);
  const groups = groupsOfListener(policy, options, nowMs);
  const explained = explainEntitlement(policy, entitlement, { groups, nowMs });
  if (explained === undefined) throw noSuch(policy, entitlement);
  const json = Object.fromEntries(explained.map(({ about, says }) => [about, says]));
  context.output.result({ entitlement, groups, explained: json }, [
    printable(entitlement),
    ...explained.flatMap(lines),
  ]);
}

const WIDTH = 14;
const lines = ({ about, says }: Explained): readonly string[] =>
  says.map((sentence, at) => `  ${(at === 0 ? about : '').padEnd(WIDTH)}${printable(sentence)}`);

function momentOf(at: string | undefined): number | undefined {
  if (at === undefined) return undefined;
  const ms = Date.parse(at);
  if (!Number.isNaN(ms)) return ms;
  throw new Ending(exitCode.usage, `${printable(at)} is no moment.`, 'Example: --at 2026-12-24T22:00:00Z');
}

async function policyOfFile(context: CliContext, file: string): Promise<Policy> {
  const { policy, findings } = await readLocalPolicy(context, file);
  if (policy !== undefined) return policy;
  context.output.result({ findings }, findingLines(findings));
  throw new AlreadyTold(exitCode.usage);
}

/** The digest is made again here: what is explained is what the log says is in force. */
async function policyInForce(context: CliContext): Promise<Policy> {
  const { client } = await context.api();
  const { digest, policy } = await (await client.v1.policy.$get()).json();
  if (digest === null || policy === null) {
    throw new Ending(
      exitCode.policyRefuses,
      'No policy is in force yet.',
      'Explain a file: countersign policy explain ENTITLEMENT --file countersign.yaml',
    );
  }
  const read = policy as unknown as Policy; // its digest is compared, so these are the bytes that were checked and signed
  requireSame('policy', digest, policyDigest(nodeHasher, read));
  return read;
}

/** Groups named by hand, or those that list this person; what an identity provider says of somebody is not known here. */
function groupsOfListener(
  policy: Policy,
  { as, groups }: ExplainOptions,
  nowMs: number,
): readonly string[] | null {
  if (groups !== undefined) return groups.split(',').map((name) => knownGroup(policy, name.trim()));
  if (as === undefined) return null;
  return groupsOf(policy, { issuer: '', idp_groups: [], person: as }, nowMs);
}

function knownGroup(policy: Policy, name: string): string {
  const known = [...Object.keys(policy.groups), ...Object.keys(policy.workloads)];
  if (known.includes(name)) return name;
  throw new Ending(
    exitCode.usage,
    `The policy has no group ${printable(name)}.${suggestion(name, known)}`,
    `It has: ${known.map((each) => printable(each)).join(', ')}.`,
  );
}

function noSuch(policy: Policy, entitlement: string): Ending {
  const known = Object.keys(policy.entitlements);
  const isThere = own(policy.entitlements, entitlement) !== undefined;
  return new Ending(
    exitCode.failure,
    isThere
      ? `${printable(entitlement)} names something that the policy does not have, so it admits nobody.`
      : `The policy has no entitlement ${printable(entitlement)}.${suggestion(entitlement, known)}`,
    isThere
      ? 'countersign policy lint countersign.yaml'
      : `It has: ${known.map((each) => printable(each)).join(', ')}.`,
  );
}
