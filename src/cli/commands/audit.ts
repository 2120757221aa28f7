import type { Command } from 'commander';
import { explain, explanationJson, explanationLines } from '../../audit/explain.ts';
import type { AuditReport } from '../../audit/report.ts';
import { gatherStory, threadOf } from '../../audit/story.ts';
import type { CliContext } from '../context.ts';
import { AlreadyTold, Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { auditLog } from '../log/audit-log.ts';
import { entriesAround, findEntry } from '../log/find-entry.ts';
import { beliefOf, type LocalLog } from '../log/log-source.ts';
import { openNamedLog } from '../log/named-log.ts';
import { pathFrom } from '../surroundings.ts';

interface ExplainOptions {
  readonly data?: string;
  readonly policy?: string;
}

export function registerAuditCommands(program: Command, context: () => CliContext): void {
  const audit = program.command('audit').description('why what is in the log was legitimate, or was not');
  audit
    .command('explain')
    .argument('<entry>', 'its number (41), or the id of a session, a grant or a request')
    .argument('[export]', 'a directory that `log export` made')
    .description('who asked, who signed, until when, and what the audit says of each decision')
    .option('--data <dir>', 'a broker’s data directory, also while it runs')
    .option('--policy <file>', 'your own log policy file: whose keys you believe')
    .action((entry: string, directory: string | undefined, options: ExplainOptions) =>
      explainEntry(context(), entry, directory, options),
    );
}

/** Judges the whole log, since a decision is right or wrong by all that came before it, and tells one story of it. */
async function explainEntry(
  context: CliContext,
  named: string,
  directory: string | undefined,
  where: ExplainOptions,
): Promise<void> {
  const source = openNamedLog(context, directory, where.data);
  try {
    const seq = await findEntry(source, named);
    const thread = threadOf(seq, await entriesAround(source, seq));
    if (thread === undefined) throw new Ending(exitCode.failure, `Entry #${seq} cannot be read.`);
    const story = gatherStory(thread);
    const policy = where.policy === undefined ? undefined : pathFrom(context.surroundings, where.policy);
    const options = { nowMs: context.surroundings.nowMs(), onJudged: story.onJudged };
    requireIntact(await auditLog(source, await beliefOf(source, policy), options), source);
    const explanation = explain(seq, story.told);
    if (explanation === undefined) throw new Ending(exitCode.failure, `Entry #${seq} was not judged.`);
    context.output.result(explanationJson(explanation), explanationLines(explanation));
    if (explanation.verdict === 'at-fault') throw new AlreadyTold(exitCode.verificationFailed);
  } finally {
    source.close();
  }
}

/** Forged bytes would make an innocent story guilty, or the other way round. */
function requireIntact({ intact }: AuditReport, { origin }: LocalLog): void {
  if (intact.passed) return;
  throw new Ending(
    exitCode.verificationFailed,
    `The log ${origin} is not intact, so nothing in it can be explained: ${intact.why}`,
    'Run countersign log verify on it: it names the first entry at fault.',
  );
}
