import { askCode } from './ask.ts';
import type { CliContext } from './context.ts';
import { Ending } from './ending.ts';
import { exitCode } from './exit-codes.ts';

/** A code of the person's authenticator, from wherever this command takes it. */
export type CodeSource = () => Promise<string>;

/** Asks for a code whenever one is needed; of standard input there is only one to be had. */
export function codeSource(
  context: CliContext,
  options: { readonly totpStdin?: boolean | undefined },
): CodeSource {
  let given = false;
  return async () => {
    if (given && options.totpStdin === true) {
      throw new Ending(
        exitCode.signInFirst,
        'The code that was given no longer serves.',
        'Run it again, with a new code.',
      );
    }
    given = true;
    return askCode(context, options);
  };
}
