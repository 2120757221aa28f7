import { readSignIn } from './account/sign-in-file.ts';
import type { CliContext } from './context.ts';
import { Ending } from './ending.ts';
import { exitCode } from './exit-codes.ts';
import { printable } from './output.ts';

const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** The broker to speak to: named now, or signed in to before. Tokens never cross a network in the clear. */
export async function serverAddress({ server, surroundings }: CliContext): Promise<string> {
  const named = server ?? (await readSignIn(surroundings))?.server;
  if (named === undefined) {
    throw new Ending(exitCode.usage, 'Which broker?', 'Name it with --server URL, or in COUNTERSIGN_SERVER.');
  }
  if (isSafeAddress(named)) return named;
  throw new Ending(
    exitCode.usage,
    `“${printable(named)}” is not the address of a broker.`,
    'Write https://countersign.example.com; plain http:// is for this machine alone.',
  );
}

/** Nothing sent there is read on the way: https, or this machine. */
export function isSafeAddress(address: string): boolean {
  const url = URL.parse(address);
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.has(url.hostname));
}
