import { isAbsolute, resolve } from 'node:path';

/** Everything of the process that a command may touch; a test brings its own. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the person stands; npm runs scripts elsewhere and says so in INIT_CWD. */
  readonly directory: string;
  nowMs(): number;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Calls back on SIGINT or SIGTERM instead of dying; returns the way back. */
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
      return () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
  };
}

export const pathFrom = ({ directory }: Pick<Surroundings, 'directory'>, path: string): string =>
  isAbsolute(path) ? path : resolve(directory, path);
