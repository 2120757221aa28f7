import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { place, type ServerOptions, withPlace } from '../server-place.ts';

/** The one command that shows keys: it is for a pipe. */
export function registerServerSecretsCommand(server: Command, context: () => CliContext): void {
  withPlace(
    server
      .command('secrets')
      .description('print keys, configuration and first entry as `wrangler secret bulk` takes them'),
  )
    .option('--no-genesis', 'the Worker has its log already: only keys and configuration')
    .action((options: ServerOptions & { genesis: boolean }) => print(context(), options));
}

async function print(
  context: CliContext,
  options: ServerOptions & { readonly genesis: boolean },
): Promise<void> {
  if (context.surroundings.stdout.isTTY === true) {
    throw new Ending(
      exitCode.usage,
      'This would show private keys on your screen.',
      `Pipe them: countersign server secrets --data ${options.data} | npx wrangler secret bulk`,
    );
  }
  const { workerSecrets } = await import('../../worker-secrets.ts');
  const { data, path } = await place(context, options);
  const secrets = await workerSecrets({
    configText: await readFile(path, 'utf8'),
    data,
    environment: context.surroundings.environment,
    hasGenesis: options.genesis,
  });
  context.output.result(secrets, [JSON.stringify(secrets)]);
}
