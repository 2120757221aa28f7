import type { Api } from '../api.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';

/**
 * What a passkey signs is signed in the browser: no terminal reaches the authenticator. The page shows the same
 * statement.
 * @param path of the broker's own page for it
 */
export const signInBrowser = ({ server }: Pick<Api, 'server'>, path: string): Ending =>
  new Ending(
    exitCode.signInFirst,
    'This is signed with a passkey, and only a browser can reach one.',
    `Open ${server}${path}`,
  );
