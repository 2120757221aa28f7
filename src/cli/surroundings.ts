import { isAbsolute, resolve } from 'node:path';

/** Everything of the process that a command may touch; a test brings its own. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the person stands; npm runs scripts elsewhere and says so in INIT_CWD. */
  readonly directory: string;
  nowMs(): number;
  readonly stdin: NodeJS.ReadableStream & {
    readonly isTTY?: boolean;
    setRawMode?(raw: boolean): unknown;
    /** Where it is a pipe or terminal: whether waiting for more keeps the program running. */
    ref?(): unknown;
    unref?(): unknown;
  };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  /** Calls back on SIGINT, SIGTERM or SIGHUP instead of dying; returns the way back. */
  onInterrupt(listener: (signal: NodeJS.Signals) => void): () => void;
}

export function processSurroundings(): Surroundings {
  return {
    environment: process.env,
    directory: process.env['INIT_CWD'] ?? process.cwd(),
    nowMs: Date.now,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    onInterrupt(listener) {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      process.on('SIGHUP', listener);
      return () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
        process.off('SIGHUP', listener);
      };
    },
  };
}

export const pathFrom = ({ directory }: Pick<Surroundings, 'directory'>, path: string): string =>
  isAbsolute(path) ? path : resolve(directory, path);
