import type { Command } from 'commander';
import type { Session } from '../answers.ts';
import { codeSource } from '../code-source.ts';
import type { CliContext } from '../context.ts';
import { credentialProcess } from '../credential-process.ts';
import { credentialsEnvironment, exportLines } from '../credentials-environment.ts';
import { execute } from '../execute.ts';
import { obtainGrant } from '../obtain-grant.ts';
import { openSession } from '../open-session.ts';
import { timeoutOption } from '../option-values.ts';
import { newsLine } from '../request-news.ts';
import { sayEntries } from '../say-people.ts';
import { sayMoment } from '../say-time.ts';
import { type AskingOptions, askingOptions } from './request.ts';

export function registerAccessCommands(program: Command, context: () => CliContext): void {
  obtaining(
    program
      .command('exec')
      .description('run a command with credentials in its environment; asks and waits first where needed'),
  )
    .argument('[command...]', 'after --, the command and its arguments')
    .action((entitlement: string, command: readonly string[], options: ObtainingOptions) =>
      execute(context(), command, () => obtainSession(context(), 'exec', entitlement, options), options),
    );
  obtaining(program.command('env').description('print export lines; for eval "$(countersign env …)"')).action(
    (entitlement: string, options: ObtainingOptions) => environment(context(), entitlement, options),
  );
  program
    .command('creds')
    .argument('<entitlement>', 'one of `countersign catalog`, on an AWS target')
    .description('an AWS credential_process: JSON of version 1 from the grant you have; never asks anything')
    .action((entitlement: string) => credentialProcess(context(), entitlement));
}

const obtaining = (command: Command): Command =>
  askingOptions(command).option(
    '--timeout <duration>',
    'wait for the decision no longer than this',
    timeoutOption,
  );

export interface ObtainingOptions extends AskingOptions {
  readonly timeout?: number;
}

/** One code serves for both, asking and opening, as long as the decision comes within a quarter of an hour. */
async function obtainSession(
  context: CliContext,
  verb: 'exec' | 'env',
  entitlement: string,
  options: ObtainingOptions,
): Promise<Session> {
  const { ticket, duration: durationSeconds, reason, breakGlass = false } = options;
  const code = codeSource(context, options);
  const asked = { entitlement, ticket, durationSeconds, reason, breakGlass };
  const goOn = `countersign ${verb} ${entitlement}${verb === 'exec' ? ' -- …' : ''}`;
  const { grant } = await obtainGrant(context, asked, code, { goOn, timeoutSeconds: options.timeout });
  const session = await openSession(context, grant, code);
  const until = sayMoment(session.expires_at, context.surroundings.nowMs());
  context.output.progress(newsLine(`session open until ${until}`, sayEntries(session.entries.slice(-1))));
  return session;
}

async function environment(
  context: CliContext,
  entitlement: string,
  options: ObtainingOptions,
): Promise<void> {
  if (context.surroundings.stdout.isTTY === true) {
    context.output.progress(
      `these are secrets, and this is your screen; better: eval "$(countersign env ${entitlement})"`,
    );
  }
  const session = await obtainSession(context, 'env', entitlement, options);
  const change = credentialsEnvironment(session);
  const { session: id, grant, expires_at, entries } = session;
  context.output.result(
    { session: id, grant, expires_at, entries, environment: change.set },
    exportLines(change),
  );
}
