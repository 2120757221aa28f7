import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { isFaultless, reportJson, reportText } from '../../audit/report.ts';
import { formatLogPolicy } from '../../log/log-policy.ts';
import { formatVerifierKey } from '../../log/note.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import { exportTileDirectory } from '../../platform/tile-directory.ts';
import type { CliContext } from '../context.ts';
import { AlreadyTold, Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { auditLog } from '../log/audit-log.ts';
import { downloadLog } from '../log/download-log.ts';
import { exportOcsf } from '../log/export-ocsf.ts';
import { beliefOf, type LogSource, openData, readBytes } from '../log/log-source.ts';
import { openNamedLog } from '../log/named-log.ts';
import { proveEntry } from '../log/prove-entry.ts';
import { type TailOptions, tailLog } from '../log/tail-log.ts';
import { countOption } from '../option-values.ts';
import { pathFrom } from '../surroundings.ts';

interface WhereOptions {
  readonly data?: string;
}

export function registerLogCommands(program: Command, context: () => CliContext): void {
  const log = program.command('log').description('read, check and take away the log');
  log
    .command('tail')
    .description('the newest entries, told in sentences (auditors and administrators)')
    .option('-n, --lines <count>', 'how many', countOption, 20)
    .option('-f, --follow', 'go on as entries come')
    .option('--ocsf', 'as lines of JSON in the Open Cybersecurity Schema Framework')
    .action((options: TailOptions) => tailLog(context(), options));
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
    .description('write the log as static tiles that other people’s tools verify, or as OCSF events')
    .addOption(
      new Option(
        '--format <format>',
        'tiles to verify, or ocsf: lines of JSON to search, without personal text',
      )
        .choices(['tiles', 'ocsf'])
        .default('tiles'),
    )
    .option('--out <path>', 'tiles: a new or empty directory; ocsf: a new file, left out: to standard output')
    .option('--from <entry>', 'ocsf: the first entry, so that a later export goes on', countOption)
    .option('--disclose', 'ocsf, with --data: personal texts too, but those that were erased')
    .option('--data <dir>', 'from a broker’s data directory; left out: from the server')
    .action((options: ExportOptions) => exportLog(context(), options));
  log
    .command('prove')
    .argument('<entry>', 'its number, or the id of a session, a grant or a request')
    .description(
      'write one entry with the proof that it is in the signed log, for other people’s tools (tlog-proof)',
    )
    .option('--out <path>', 'PATH.json and PATH.tlog-proof, both new; left out: the proof to standard output')
    .option('--export <dir>', 'a directory that `log export` made')
    .option('--data <dir>', 'a broker’s data directory; neither: from the server')
    .action((entry: string, options: ProveOptions) => prove(context(), entry, options));
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
  const source = openNamedLog(context, directory, options.data);
  try {
    const held = (options.checkpoint ?? []).map((path) => readBytes(pathFrom(context.surroundings, path)));
    const policyFile =
      options.policy === undefined ? undefined : pathFrom(context.surroundings, options.policy);
    const started = performance.now();
    const report = await auditLog(source, await beliefOf(source, policyFile), {
      nowMs: context.surroundings.nowMs(),
      heldCheckpoints: held,
    });
    context.output.progress(`${report.size} entries, ${Math.round(performance.now() - started)} ms`);
    context.output.result(reportJson(report), reportText(report).trimEnd().split('\n'));
    const unreached = report.complete.passed === 'not-reached' || report.conformant?.passed !== true;
    if (!isFaultless(report) || (options.strict === true && unreached))
      throw new AlreadyTold(exitCode.verificationFailed);
  } finally {
    source.close();
  }
}

interface ExportOptions extends WhereOptions {
  readonly format: 'tiles' | 'ocsf';
  readonly out?: string;
  readonly from?: number;
  readonly disclose?: boolean;
}

/** From a broker's data directory, or over the network. */
const openWhere = async (context: CliContext, { data }: WhereOptions): Promise<LogSource> =>
  data === undefined ? downloadLog(await context.api()) : openData(pathFrom(context.surroundings, data));

async function exportLog(context: CliContext, options: ExportOptions): Promise<void> {
  const out = options.out === undefined ? undefined : pathFrom(context.surroundings, options.out);
  if (options.format === 'tiles') return exportTiles(context, out, options);
  const { from = 0, disclose = false } = options;
  if (disclose && options.data === undefined)
    throw new Ending(
      exitCode.usage,
      'Personal texts are not sent over the network: only the broker’s own machine has them all.',
      'There: countersign log export --format ocsf --disclose --data DIR --out FILE',
    );
  const source = await openWhere(context, options);
  try {
    await exportOcsf(context, source, { from, path: out, disclose });
  } finally {
    source.close();
  }
}

async function exportTiles(
  context: CliContext,
  directory: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const ofOcsf = options.from !== undefined || options.disclose === true;
  if (directory === undefined || ofOcsf)
    throw new Ending(
      exitCode.usage,
      ofOcsf
        ? 'Tiles are the whole log as it is: --from and --disclose are for --format ocsf.'
        : 'Tiles need a directory to stand in.',
      'countersign log export --out DIR',
    );
  const source = await openWhere(context, options);
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

interface ProveOptions extends WhereOptions {
  readonly export?: string;
  readonly out?: string;
}

async function prove(context: CliContext, entry: string, options: ProveOptions): Promise<void> {
  const isLocal = options.export !== undefined || options.data !== undefined;
  const source = isLocal
    ? openNamedLog(context, options.export, options.data)
    : await downloadLog(await context.api());
  try {
    await proveEntry(context, source, entry, options.out);
  } finally {
    source.close();
  }
}

async function saveCheckpoint(
  context: CliContext,
  options: WhereOptions & { readonly out: string },
): Promise<void> {
  const source = await openWhere(context, options);
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
