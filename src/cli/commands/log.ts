import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { isFaultless, reportJson, reportText } from '../../audit/report.ts';
import { formatLogPolicy } from '../../log/log-policy.ts';
import { formatVerifierKey } from '../../log/note.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import { exportTileDirectory } from '../../platform/tile-directory.ts';
import { auditLog } from '../audit-log.ts';
import type { CliContext } from '../context.ts';
import { downloadLog } from '../download-log.ts';
import { AlreadyTold, Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { beliefOf, openData, openExport, readBytes } from '../log-source.ts';
import { pathFrom } from '../surroundings.ts';
import { tailLog } from '../tail-log.ts';

interface WhereOptions {
  readonly data?: string;
}

export function registerLogCommands(program: Command, context: () => CliContext): void {
  const log = program.command('log').description('read, check and take away the log');
  log
    .command('tail')
    .description('the newest entries, told in sentences (auditors and administrators)')
    .option('-n, --lines <count>', 'how many', '20')
    .option('-f, --follow', 'go on as entries come')
    .action((options: { lines: string; follow?: boolean }) =>
      tailLog(context(), Number(options.lines), options.follow === true),
    );
  log
    .command('verify')
    .argument('[export]', 'a directory that `log export` made')
    .description('three verdicts: intact, complete, conformant')
    .option('--data <dir>', 'a broker’s data directory, also while it runs')
    .option(
      '--checkpoint <file...>',
      'checkpoints you kept: nothing before them can have been cut off or rewritten',
    )
    .option('--policy <file>', 'your own log policy file: whose keys you believe')
    .option('--strict', 'fail too when a verdict could not be reached')
    .action((directory: string | undefined, options: VerifyOptions) => verify(context(), directory, options));
  log
    .command('export')
    .description('write the log as static tiles that other people’s tools read')
    .requiredOption('--out <dir>', 'a new or empty directory')
    .option('--data <dir>', 'from a broker’s data directory; left out: from the server')
    .action((options: WhereOptions & { out: string }) => exportLog(context(), options));
  log
    .command('checkpoint')
    .description('save the signed head: keep it where the broker’s operator cannot reach it')
    .requiredOption('--out <file>', 'where to')
    .option('--data <dir>', 'from a broker’s data directory; left out: from the server')
    .action((options: WhereOptions & { out: string }) => saveCheckpoint(context(), options));
}

interface VerifyOptions extends WhereOptions {
  readonly checkpoint?: readonly string[];
  readonly policy?: string;
  readonly strict?: boolean;
}

async function verify(
  context: CliContext,
  directory: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  const source = openNamed(context, directory, options.data);
  try {
    const held = (options.checkpoint ?? []).map((path) => readBytes(pathFrom(context.surroundings, path)));
    const policyFile =
      options.policy === undefined ? undefined : pathFrom(context.surroundings, options.policy);
    const started = performance.now();
    const report = await auditLog(source, await beliefOf(source, policyFile), held);
    context.output.progress(`${report.size} entries, ${Math.round(performance.now() - started)} ms`);
    context.output.result(reportJson(report), reportText(report).trimEnd().split('\n'));
    const unreached = report.complete.passed === 'not-reached' || report.conformant?.passed !== true;
    if (!isFaultless(report) || (options.strict === true && unreached))
      throw new AlreadyTold(exitCode.verificationFailed);
  } finally {
    source.close();
  }
}

function openNamed({ surroundings }: CliContext, directory: string | undefined, data: string | undefined) {
  if (directory !== undefined && data === undefined) return openExport(pathFrom(surroundings, directory));
  if (data !== undefined && directory === undefined) return openData(pathFrom(surroundings, data));
  throw new Ending(
    exitCode.usage,
    'Name one log: an export’s directory, or --data DIR.',
    'From a server: countersign log export --out DIR, then countersign log verify DIR.',
  );
}

async function exportLog(
  context: CliContext,
  options: WhereOptions & { readonly out: string },
): Promise<void> {
  const directory = pathFrom(context.surroundings, options.out);
  const source =
    options.data === undefined
      ? await downloadLog(await context.api())
      : openData(pathFrom(context.surroundings, options.data));
  try {
    const belief = await beliefOf(source, undefined);
    const logs = belief.logKeys.map((key) => ({ key }));
    await exportTileDirectory({
      directory,
      checkpointNote: source.checkpointNote,
      size: source.size,
      entries: (from, to) => source.entries(from, to),
      attachments: source.attachments(),
      logPolicyText: formatLogPolicy({ logs, witnesses: [], groups: [], quorum: 'none' }),
      hasher: nodeHasher,
    });
    const keys = belief.logKeys.map((key) => formatVerifierKey(key));
    context.output.result({ directory, size: source.size, origin: source.origin, keys }, [
      `${source.size} entries of ${source.origin} in ${directory}`,
      ...keys.map((key) => `key  ${key}`),
    ]);
  } finally {
    source.close();
  }
}

async function saveCheckpoint(
  context: CliContext,
  options: WhereOptions & { readonly out: string },
): Promise<void> {
  const source =
    options.data === undefined
      ? await downloadLog(await context.api())
      : openData(pathFrom(context.surroundings, options.data));
  const path = pathFrom(context.surroundings, options.out);
  try {
    writeFileSync(path, source.checkpointNote, { flag: 'wx' });
  } catch {
    throw new Ending(
      exitCode.usage,
      `${path} is there already, or cannot be written.`,
      'Name a new file; a kept checkpoint is never overwritten.',
    );
  } finally {
    source.close();
  }
  context.output.result({ file: path, size: source.size, origin: source.origin }, [
    `first ${source.size} entries of ${source.origin}, in ${path}`,
  ]);
}
