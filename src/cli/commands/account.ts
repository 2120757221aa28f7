import type { Command } from 'commander';
import { Failure } from '../../domain/errors.ts';
import { meLines } from '../account/account-lines.ts';
import { signIn } from '../account/sign-in.ts';
import { signInDevice } from '../account/sign-in-device.ts';
import { readSignIn, removeSignIn, signInPath } from '../account/sign-in-file.ts';
import { showStatus } from '../account/status.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { withLock } from '../private-files.ts';
import { serverAddress } from '../server-address.ts';

interface LoginOptions {
  readonly issuer?: string;
  readonly browser: boolean;
  readonly device?: boolean;
}

export function registerAccountCommands(program: Command, context: () => CliContext): void {
  program
    .command('login')
    .description('sign in through your browser')
    .option('--issuer <name>', 'which identity provider, where the broker knows several')
    .option('--no-browser', 'print the address instead of opening it')
    .option('--device', 'for a machine without a browser: let it in from another one; it may only ask')
    .action((options: LoginOptions) => login(context(), options));
  program
    .command('logout')
    .description('end this sign-in, here and at the broker')
    .action(() => logout(context()));
  program
    .command('whoami')
    .description('who you are to the broker: groups, factors, until when')
    .action(() => whoami(context()));
  program
    .command('status')
    .description('what waits for you, what you hold, and whether the broker can write')
    .action(() => showStatus(context()));
}

async function login(context: CliContext, { issuer, browser, device }: LoginOptions): Promise<void> {
  const at = await serverAddress(context);
  if (device === true) await signInDevice(context, at);
  else await signIn(context, at, { issuer, useBrowser: browser });
  const { client, server } = await context.api();
  const me = await (await client.v1.me.$get()).json();
  context.output.result({ server, ...me }, meLines(server, me));
  if (me.factors.length > 0) return;
  context.output.progress(
    '→ You have no factor yet. Ask a colleague to vouch for you, then: countersign factor enrol',
  );
}

async function logout(context: CliContext): Promise<void> {
  const { surroundings, output } = context;
  const known = await readSignIn(surroundings);
  if (known === undefined || (context.server !== undefined && context.server !== known.server)) {
    return output.result({ signed_out: false }, ['Nobody was signed in there.']);
  }
  const untold = await endAtBroker(context);
  await withLock(signInPath(surroundings), () => removeSignIn(surroundings));
  if (untold === undefined) return output.result({ signed_out: true }, [`Signed out of ${known.server}.`]);
  throw new Ending(
    exitCode.failure,
    `You are signed out on this machine, but the broker was not told: ${untold.message}`,
    'The sign-in there ends by itself within twelve hours; nobody has its key any more.',
  );
}

/** @returns why the broker still knows the sign-in; undefined: it does not */
async function endAtBroker(context: CliContext): Promise<Failure | undefined> {
  try {
    const { client } = await context.api();
    await client.v1['sign-out'].$post();
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.code === 'not-signed-in' ? undefined : error;
  }
}

async function whoami(context: CliContext): Promise<void> {
  const { client, server } = await context.api();
  const me = await (await client.v1.me.$get()).json();
  context.output.result({ server, ...me }, meLines(server, me));
}
