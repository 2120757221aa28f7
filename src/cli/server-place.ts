import { join } from 'node:path';
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { pathFrom } from './surroundings.ts';

export interface ServerOptions {
  readonly data: string;
  readonly config?: string;
}

export const withPlace = (command: Command): Command =>
  command
    .requiredOption('--data <dir>', 'where keys and log are')
    .option('--config <file>', 'the configuration; left out: server.yaml in the data directory');

/** Loaded when it is needed: the other commands start without the broker's code. */
export async function place(context: CliContext, options: ServerOptions) {
  const { readConfig } = await import('../config-file.ts');
  const data = pathFrom(context.surroundings, options.data);
  const path =
    options.config === undefined ? join(data, 'server.yaml') : pathFrom(context.surroundings, options.config);
  return { data, path, config: readConfig(path, context.surroundings.environment) };
}
