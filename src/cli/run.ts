import { Command, CommanderError, Option } from 'commander';
import { registerAccessCommands } from './commands/access.ts';
import { registerAccountCommands } from './commands/account.ts';
import { registerAuditCommands } from './commands/audit.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerFactorCommands } from './commands/factor.ts';
import { registerLogCommands } from './commands/log.ts';
import { registerPersonCommands } from './commands/person.ts';
import { registerPolicyCommands } from './commands/policy.ts';
import { registerRequestCommands } from './commands/request.ts';
import { registerReviewCommands } from './commands/review.ts';
import { registerServerCommands } from './commands/server.ts';
import { registerTicketCommands } from './commands/ticket.ts';
import { type CliContext, contextOf, type Register } from './context.ts';
import { AlreadyTold, endingOf } from './ending.ts';
import { exitCode } from './exit-codes.ts';
import { outputOf } from './output.ts';
import type { Surroundings } from './surroundings.ts';

const groups: readonly Register[] = [
  registerAccountCommands,
  registerFactorCommands,
  registerPersonCommands,
  registerRequestCommands,
  registerAccessCommands,
  registerReviewCommands,
  registerTicketCommands,
  registerPolicyCommands,
  registerLogCommands,
  registerAuditCommands,
  registerServerCommands,
];

interface GlobalOptions {
  readonly json?: boolean;
  readonly input: boolean;
  readonly color: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly server?: string;
}

/** Runs one command line. @returns the exit code; nothing is thrown */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<number> {
  let context: CliContext | undefined;
  const program = programFor(surroundings);
  const contextNow = () => (context ??= contextFor(surroundings, program.opts<GlobalOptions>()));
  for (const register of groups) register(program, contextNow);
  registerCompletion(program, contextNow);
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    if (error instanceof AlreadyTold) return error.code;
    const told = endingOf(error);
    contextNow().output.ending(told);
    if (contextNow().output.verbose && error instanceof Error) surroundings.stderr.write(`${error.stack}\n`);
    return told.code;
  }
}

const exitCodesHelp = `
Results go to stdout, all else to stderr. Exit codes: 0 done, 1 failed, 2 the command line makes no sense, 3 denied,
4 sign in first or prove a factor, 5 still pending, 6 expired or revoked, 7 verification failed, 8 the policy refuses,
130 interrupted; exec ends as its command does, and with 125 when that never ran.`;

function programFor(surroundings: Surroundings): Command {
  const { stdout, stderr } = surroundings;
  return new Command('countersign')
    .description(
      'Production access that is asked for, signed by a colleague, and recorded so that a stranger can check.',
    )
    .addOption(new Option('--server <url>', 'the broker').env('COUNTERSIGN_SERVER'))
    .option('--json', 'one JSON document on stdout')
    .option('--no-input', 'ask nothing; end with what is missing')
    .option('--no-color', 'no colour (also: NO_COLOR)')
    .option('-q, --quiet', 'no progress')
    .option('-v, --verbose', 'more about what goes wrong')
    .showSuggestionAfterError()
    .addHelpText('after', exitCodesHelp)
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    })
    .exitOverride();
}

function contextFor(surroundings: Surroundings, options: GlobalOptions): CliContext {
  const { environment, stdin, stderr } = surroundings;
  const output = outputOf(surroundings, {
    json: options.json === true,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    color: options.color && environment['NO_COLOR'] === undefined && stderr.isTTY === true,
  });
  return contextOf({
    surroundings,
    output,
    mayAsk: options.input && stdin.isTTY === true,
    server: options.server?.replace(/\/+$/, ''),
  });
}
