import type { Command } from 'commander';
import { checkCoverage } from '../access/check-coverage.ts';
import { credentialProcess } from '../access/credential-process.ts';
import { credentialsEnvironment, exportLines } from '../access/credentials-environment.ts';
import { execute } from '../access/execute.ts';
import { type LiveSession, openLiveSession } from '../access/live-session.ts';
import { obtainGrant } from '../access/obtain-grant.ts';
import { openConsole } from '../access/open-console.ts';
import { codeSource } from '../code-source.ts';
import type { CliContext } from '../context.ts';
import { durationOption, parameterOption, timeoutOption } from '../option-values.ts';
import { type AskingOptions, askedBy } from '../requests/request-access.ts';
import { newsLine } from '../requests/request-news.ts';
import { sayEntries } from '../say-people.ts';
import { sayMoment } from '../say-time.ts';
import { askingOptions } from './request.ts';

export function registerAccessCommands(program: Command, context: () => CliContext): void {
  obtaining(
    program
      .command('exec')
      .description('run a command with credentials in its environment; asks and waits first where needed'),
  )
    .argument('[command...]', 'after --, the command and its arguments')
    .addHelpText('after', execHelp)
    .action((entitlement: string, command: readonly string[], options: ObtainingOptions) =>
      execute(context(), command, () => obtainSession(context(), 'exec', entitlement, options), options),
    );
  obtaining(
    program.command('env').description('print export lines for one session; for eval "$(countersign env …)"'),
  ).action((entitlement: string, options: ObtainingOptions) => environment(context(), entitlement, options));
  obtaining(
    program
      .command('console')
      .description(
        'open the cloud’s own pages in your browser, on an AWS target; asks and waits where needed',
      ),
  )
    .option('--no-open', 'print the address instead: it is a secret')
    .addHelpText('after', consoleHelp)
    .action((entitlement: string, options: ConsoleOptions) =>
      openConsole(
        context(),
        entitlement,
        () => obtainSession(context(), 'console', entitlement, options),
        options,
      ),
    );
  program
    .command('creds')
    .argument('<entitlement>', 'one of `countersign catalog`, on an AWS target')
    .option('--target <target>', 'where, if you have it on several')
    .option('--param <name=value>', 'of the grant with this parameter', parameterOption)
    .description('an AWS credential_process: JSON of version 1 from the grant you have; never asks anything')
    .addHelpText('after', credsHelp)
    .action((entitlement: string, { target, param }: CredsOptions) =>
      credentialProcess(context(), {
        entitlement,
        targets: target === undefined ? undefined : [target],
        parameters: param,
      }),
    );
}

const execHelp = `
  countersign exec orders-db-operator -t INC-2291 -r "stuck export batch" -- ./clear-batch 42
  countersign exec orders-db-operator --needs 2h -- ./migrate       refused if it would end in the middle

What you have is used; what you asked for already is waited for; else it is asked for.
While the command runs its credentials are renewed, and carried over into an extension without a restart:
  AWS programs fetch them from an endpoint on this machine (AWS_CONTAINER_CREDENTIALS_FULL_URI);
  profiles and keys of your own are out of the command's reach meanwhile.
  Tokens are in COUNTERSIGN_TOKEN for what is short, and always fresh in the file COUNTERSIGN_TOKEN_FILE.
Nothing is asked while it runs; what you should know is told on stderr.
Exit code: the command's; 125 when it never ran, 130 when the waiting was interrupted.`;

const consoleHelp = `
  countersign console ledger-repair -t CHG-18 -r "look at the failed jobs"

The address signs in whoever opens it, for a quarter of an hour. The console lasts as long as the session's credentials;
countersign end does not close it earlier, so sign out there as well.`;

const credsHelp = `
In ~/.aws/config:
  [profile ledger]
  credential_process = countersign creds ledger-repair`;

interface CredsOptions {
  readonly target?: string;
  readonly param?: Readonly<Record<string, string>>;
}

const obtaining = (command: Command): Command =>
  askingOptions(command)
    .option('--target <target>', 'where, if it is for several')
    .option('--needs <duration>', 'refuse what does not last that long, before anything runs', durationOption)
    .option('--timeout <duration>', 'wait for the decision no longer than this', timeoutOption);

export interface ObtainingOptions extends AskingOptions {
  readonly target?: string;
  readonly needs?: number;
  readonly timeout?: number;
}

interface ConsoleOptions extends ObtainingOptions {
  readonly open: boolean;
}

/** One code serves for both, asking and opening, as long as the decision comes within a quarter of an hour. */
async function obtainSession(
  context: CliContext,
  verb: 'exec' | 'env' | 'console',
  entitlement: string,
  options: ObtainingOptions,
): Promise<LiveSession> {
  const { target, needs, timeout } = options;
  const code = codeSource(context, options);
  const targets = target === undefined ? undefined : [target];
  const asked = { ...askedBy(entitlement, options), targets, needsSeconds: needs };
  const goOn = `countersign ${verb} ${entitlement}${verb === 'exec' ? ' -- …' : ''}`;
  const grant = await obtainGrant(context, asked, code, { goOn, timeoutSeconds: timeout });
  if (needs !== undefined) await checkCoverage(context, grant, needs);
  const live = await openLiveSession(context, grant.grant, code);
  const until = sayMoment(new Date(live.expiresAtMs).toISOString(), context.surroundings.nowMs());
  context.output.progress(
    newsLine(`session open until ${until}`, sayEntries(live.session.entries.slice(-1))),
  );
  return live;
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
  const { session, expiresAtMs } = await obtainSession(context, 'env', entitlement, options);
  const expires_at = new Date(expiresAtMs).toISOString();
  const change = credentialsEnvironment({ ...session, expires_at });
  const { session: id, grant, entries } = session;
  context.output.result(
    { session: id, grant, expires_at, entries, environment: change.set },
    exportLines(change),
  );
}
