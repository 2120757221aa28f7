import type { Command } from 'commander';
import { type Api, openApi } from './api.ts';
import type { Output } from './output.ts';
import type { Surroundings } from './surroundings.ts';

/** What every command is given. */
export interface CliContext {
  readonly surroundings: Surroundings;
  readonly output: Output;
  /** false: nothing is asked; a command that needs an answer ends with what to give it. */
  readonly mayAsk: boolean;
  /** --server, COUNTERSIGN_SERVER, or the one last signed in to. */
  readonly server: string | undefined;
  /** Signed in to the server. @throws Failure `not-signed-in` */
  api(): Promise<Api>;
}

export function contextOf(parts: Omit<CliContext, 'api'>): CliContext {
  let opened: Promise<Api> | undefined;
  return {
    ...parts,
    api: () => {
      opened ??= openApi(parts.surroundings, parts.server);
      return opened;
    },
  };
}

/** Adds a group of commands; each action gets the context of the call. */
export type Register = (program: Command, context: () => CliContext) => void;
