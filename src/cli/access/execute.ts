import type { CliContext } from '../context.ts';
import { AlreadyTold, Ending, endingOf } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { newsLine } from '../requests/request-news.ts';
import { sayMoment } from '../say-time.ts';
import { changedEnvironment } from './credentials-environment.ts';
import { deliverCredentials } from './deliver-credentials.ts';
import type { LiveSession } from './live-session.ts';
import { runChild } from './run-child.ts';

/**
 * Obtains a session and runs the command under it, and under those that follow it. The exit code is the command's; 125
 * says that it never ran, and 130 that the waiting was interrupted.
 */
export async function execute(
  context: CliContext,
  words: readonly string[],
  obtainSession: () => Promise<LiveSession>,
  options: { readonly totpStdin?: boolean | undefined },
): Promise<void> {
  const code = await asExec(context, async () => {
    const [file, ...more] = words;
    if (file === undefined)
      throw new Ending(
        exitCode.usage,
        'There is no command to run.',
        'countersign exec ENTITLEMENT … -- COMMAND …',
      );
    const live = await obtainSession();
    return runUnder(context, live, [file, ...more], options.totpStdin !== true);
  });
  if (code !== 0) throw new AlreadyTold(code);
}

async function runUnder(
  context: CliContext,
  live: LiveSession,
  command: readonly [string, ...string[]],
  hasInput: boolean,
): Promise<number> {
  const delivery = await deliverCredentials(context, live);
  try {
    const environment = changedEnvironment(context.surroundings.environment, delivery.environment);
    const ended = await runChild(context.surroundings, { command, environment, hasInput });
    tellWhatStays(context, delivery.last());
    return ended;
  } finally {
    await delivery.close();
  }
}

function tellWhatStays({ surroundings, output }: CliContext, { grant }: LiveSession): void {
  const now = surroundings.nowMs();
  if (grant.ends_at === null || Date.parse(grant.ends_at) <= now) return;
  output.progress(
    newsLine(
      `stays open until ${sayMoment(grant.ends_at, now)}; when done:`,
      `countersign end ${grant.grant}`,
    ),
  );
}

/** A script must tell our failure from the command's: ours is 125 whatever it was, and told as everywhere. */
async function asExec(context: CliContext, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const told = endingOf(error);
    if (told.code === exitCode.interrupted) throw error;
    context.output.ending({ ...told, code: exitCode.execItself });
    return exitCode.execItself;
  }
}
