import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { AlreadyTold } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { type ExplainOptions, explainPolicy } from '../policy/explain-policy.ts';
import { findingLines, readLocalPolicy } from '../policy/local-policy.ts';
import { planLines } from '../policy/plan-lines.ts';
import { planLocalPolicy } from '../policy/plan-policy.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { rehearsePolicy } from '../policy/rehearse-policy.ts';

export function registerPolicyCommands(program: Command, context: () => CliContext): void {
  const policy = program.command('policy').description('who may ask for what, and who signs');
  policy
    .command('lint')
    .argument('<file>', 'for example countersign.yaml')
    .description('every mistake with its line, without a broker')
    .action((file: string) => lint(context(), file));
  policy
    .command('test')
    .argument('<file...>', 'for example countersign.test.yaml; the policy is looked for beside it')
    .description('play cases against a policy by the broker’s own rules, without a broker')
    .action((files: string[]) => rehearsePolicy(context(), files));
  policy
    .command('plan')
    .argument('<file>', 'for example countersign.yaml')
    .description('who would gain and who would lose what, in people and actions; nothing is put forward')
    .option('--against <file>', 'the file to compare with, without a broker')
    .action((file: string, options: { against?: string }) => planLocalPolicy(context(), file, options));
  policy
    .command('explain')
    .argument('<entitlement>', 'for example orders-db-operator')
    .description('who may ask, what they need, who decides, for how long: in sentences')
    .option('--file <file>', 'a policy file; left out: the policy in force')
    .option('--groups <names>', 'also what it means for somebody in these groups of the policy: a,b')
    .option('--as <person>', 'also what it means for this person, by the groups that list them')
    .option('--at <time>', 'at that moment: 2026-12-24T22:00:00Z')
    .action((entitlement: string, options: ExplainOptions) => explainPolicy(context(), entitlement, options));
  policy
    .command('publish')
    .argument('<file>', 'for example countersign.yaml')
    .description('put a policy forward, or sign the one a colleague put forward (administrators)')
    .option('--totp-stdin', 'take the code from the first line of standard input')
    .action((file: string, options: { totpStdin?: boolean }) => publishPolicy(context(), file, options));
  policy
    .command('show')
    .description('the policy in force, as it was written, and what waits for signatures')
    .action(() => show(context()));
}

async function lint(context: CliContext, file: string): Promise<void> {
  const { findings, catalogue } = await readLocalPolicy(context, file);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  context.output.result({ errors, warnings, catalogue, findings }, [
    ...findingLines(findings),
    `${printable(file)}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}${catalogue === null ? '' : `  (AWS actions by ${catalogue})`}`,
  ]);
  if (errors > 0) throw new AlreadyTold(exitCode.usage);
}

const counted = (count: number, what: string): string =>
  `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;

async function show(context: CliContext): Promise<void> {
  const { client } = await context.api();
  const policy = await (await client.v1.policy.$get()).json();
  const { output, surroundings } = context;
  output.progress(
    policy.digest === null
      ? 'no policy is in force'
      : `in force since ${policy.published_at}  ${policy.digest}`,
  );
  for (const { proposal, to_digest, signers, needed, plan } of policy.proposals) {
    output.progress(`proposed ${proposal}  ${signers.length} of ${needed} signed  ${to_digest}`);
    for (const line of planLines(plan)) output.progress(`  ${line}`);
  }
  // A pipe gets the text as it was signed; a terminal gets nothing that could steer it.
  const text = (policy.text ?? '').replace(/\n$/, '');
  const shown = surroundings.stdout.isTTY === true ? printable(text, { multiline: true }) : text;
  output.result(policy, policy.text === null ? [] : [shown]);
}
