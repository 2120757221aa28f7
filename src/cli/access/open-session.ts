import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../domain/errors.ts';
import { signInBrowser } from '../account/sign-in-browser.ts';
import type { Session } from '../answers.ts';
import type { CodeSource } from '../code-source.ts';
import type { CliContext } from '../context.ts';

const PAUSE_MS = 300;
const MOST_ATTEMPTS = 10;

/**
 * Credentials for one session. The code given when asking serves; another is asked for only when the broker wants it.
 * @param code left out: nobody is asked, and the broker's `step-up-needed` is the caller's
 */
export async function openSession(context: CliContext, grant: string, code?: CodeSource): Promise<Session> {
  try {
    return await openWhenFree(context, grant, {});
  } catch (error) {
    if (code === undefined || !(error instanceof Failure) || error.code !== 'step-up-needed') throw error;
    if (error.rule === 'factor-is-strong-enough') throw signInBrowser(await context.api(), '/access');
  }
  return openWhenFree(context, grant, { totp: await code() });
}

/** Two programs that start together open one after the other; what was not recorded may be tried again. */
async function openWhenFree(
  context: CliContext,
  grant: string,
  proof: { readonly totp?: string },
): Promise<Session> {
  const { client } = await context.api();
  for (let attempt = 1; ; attempt++) {
    try {
      return await (
        await client.v1.grants[':id'].sessions.$post({ param: { id: grant }, json: proof })
      ).json();
    } catch (error) {
      const isBusy = error instanceof Failure && error.code === 'conflict' && error.entry === undefined;
      if (!isBusy || attempt === MOST_ATTEMPTS) throw error;
      await pause(PAUSE_MS);
    }
  }
}
