import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import type { Surroundings } from '../surroundings.ts';

export interface Child {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** false: standard input was read for something else. */
  readonly hasInput: boolean;
}

/**
 * Runs a command where the person stands, until it ends.
 * @returns its exit code; 128 and the signal's number when a signal ended it, as shells say it
 * @throws Ending `execItself` when it cannot be started
 */
export async function runChild(surroundings: Surroundings, child: Child): Promise<number> {
  const [file, ...words] = child.command;
  const { stdin, stdout, stderr } = surroundings;
  const running = spawn(file, words, {
    cwd: surroundings.directory,
    env: child.environment,
    stdio: [child.hasInput ? handed(stdin) : 'ignore', handed(stdout), handed(stderr)],
  });
  if (running.stdin !== null) stdin.pipe(running.stdin).on('error', ignoreClosedPipe);
  running.stdout?.pipe(stdout, { end: false });
  running.stderr?.pipe(stderr, { end: false });
  const back = surroundings.onInterrupt((signal) => {
    // A terminal's Ctrl-C has reached the child already; twice means “at once” to many programs.
    if (signal !== 'SIGINT' || !isAtTerminal(surroundings)) running.kill(signal);
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      running.once('error', (error) => reject(cannotStart(file, error)));
      running.once('close', (code, signal) =>
        resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
      );
    });
  } finally {
    back();
  }
}

/** The process's own streams as they are, so that the child sees the terminal; any other through a pipe. */
const handed = (stream: NodeJS.ReadableStream | NodeJS.WritableStream): 'inherit' | 'pipe' =>
  [process.stdin, process.stdout, process.stderr].some((own) => own === stream) ? 'inherit' : 'pipe';

const isAtTerminal = ({ stdin, stdout, stderr }: Surroundings): boolean =>
  [stdin, stdout, stderr].some(({ isTTY }) => isTTY === true);

// A command need not read what it is given.
const ignoreClosedPipe = (): void => undefined;

function cannotStart(file: string, error: Error): Ending {
  const why =
    'code' in error && error.code === 'ENOENT' ? 'is not there' : `cannot be started (${error.message})`;
  return new Ending(exitCode.execItself, `${printable(file)} ${why}.`, 'Is it in PATH, and may you run it?');
}
