import { spawn } from 'node:child_process';
import type { Surroundings } from '../surroundings.ts';

/** The program that opens an address, and what stands before the address on its command line. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

type Environment = Surroundings['environment'];

/** Whether a page that is opened here is seen by whoever sits at the terminal. */
function hasScreen(environment: Environment): boolean {
  const isRemote = isSet(environment['SSH_CONNECTION']) || isSet(environment['SSH_TTY']);
  if (process.platform === 'win32') return true;
  if (process.platform === 'darwin') return !isRemote;
  // Through a forwarded screen a browser may come, but not as the one user whom browsers refuse to run as.
  if (isRemote && process.getuid?.() === 0) return false;
  return isSet(environment['DISPLAY']) || isSet(environment['WAYLAND_DISPLAY']);
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

/**
 * Without a shell, so that nothing in an address is more than its text.
 * @returns whether there was a program to hand the address to; whether a page is seen nobody can tell
 */
export async function openBrowser(
  { environment }: Pick<Surroundings, 'environment'>,
  url: string,
): Promise<boolean> {
  if (!hasScreen(environment)) return false;
  const [program, ...words] = openers[process.platform] ?? ['xdg-open'];
  return new Promise((resolve) => {
    const child = spawn(program, [...words, url], { stdio: 'ignore', detached: true, env: environment });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
