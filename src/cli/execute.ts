import type { Session } from './answers.ts';
import type { CliContext } from './context.ts';
import { changedEnvironment, credentialsEnvironment } from './credentials-environment.ts';
import { AlreadyTold, Ending, endingOf } from './ending.ts';
import { exitCode } from './exit-codes.ts';
import { newsLine } from './request-news.ts';
import { runChild } from './run-child.ts';
import { sayMoment } from './say-time.ts';

/**
 * Obtains a session and runs the command under it. The exit code is the command's; 125 says that it never ran, and 130
 * that the waiting was interrupted.
 */
export async function execute(
  context: CliContext,
  words: readonly string[],
  obtainSession: () => Promise<Session>,
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
    const session = await obtainSession();
    const environment = changedEnvironment(context.surroundings.environment, credentialsEnvironment(session));
    const ended = await runChild(context.surroundings, {
      command: [file, ...more],
      environment,
      hasInput: options.totpStdin !== true,
    });
    tellWhatStays(context, session);
    return ended;
  });
  if (code !== 0) throw new AlreadyTold(code);
}

function tellWhatStays(context: CliContext, { grant, expires_at }: Session): void {
  const now = context.surroundings.nowMs();
  if (Date.parse(expires_at) <= now) return;
  context.output.progress(
    newsLine(`stays open until ${sayMoment(expires_at, now)}; when done:`, `countersign end ${grant}`),
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
