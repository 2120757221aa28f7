import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { place, type ServerOptions, withPlace } from '../server-place.ts';
import { pathFrom } from '../surroundings.ts';

/** Commands that move the log or change where it is kept. */
export function registerServerLogCommands(server: Command, context: () => CliContext): void {
  server
    .command('migrate')
    .description(
      'bring the schema of the log to this program, all of it or nothing; brokers may run meanwhile',
    )
    .requiredOption('--data <dir>', 'where keys and log are')
    .option('--role <role>', 'the role brokers connect as: it is given what they need, and no more')
    .action((options: { data: string; role?: string }) => migrate(context(), options));
  withPlace(
    server
      .command('copy')
      .description('copy the log to an empty place, and prove that it has the same root there'),
  )
    .requiredOption('--from <place>', 'a file, or postgres://…; its password may be in PGPASSWORD')
    .requiredOption('--to <place>', 'a file, or postgres://…')
    .action((options: ServerOptions & { from: string; to: string }) => copy(context(), options));
  withPlace(
    server.command('backup').argument('<file>').description('write the log to a new file while brokers run'),
  ).action((file: string, options: ServerOptions) => backUp(context(), file, options));
  withPlace(
    server.command('restore').argument('<file>').description('put a backup where no log was begun yet'),
  ).action((file: string, options: ServerOptions) => restore(context(), file, options));
}

async function migrate(context: CliContext, options: { data: string; role?: string }): Promise<void> {
  const { migrateStore } = await import('../../moving.ts');
  const { environment } = context.surroundings;
  const applied = await migrateStore({
    ...options,
    data: pathFrom(context.surroundings, options.data),
    environment,
  });
  const lines =
    applied === null || applied.length === 0
      ? ['The schema is that of this program.']
      : applied.map((name) => `applied ${name}`);
  if (options.role !== undefined) lines.push(`${options.role} may do what a broker does, and nothing else.`);
  context.output.result({ applied: applied ?? [], role: options.role ?? null }, lines);
}

async function copy(
  context: CliContext,
  options: ServerOptions & { readonly from: string; readonly to: string },
): Promise<void> {
  const { copyServerLog } = await import('../../moving.ts');
  const copied = await copyServerLog({
    ...(await place(context, options)),
    from: options.from,
    to: options.to,
  });
  context.output.result(copied, [
    `${copied.size} entries, root ${copied.root}: the same in both places.`,
    'Brokers that still write to the old place end another history: stop them, then start them on the new one.',
  ]);
}

async function backUp(context: CliContext, file: string, options: ServerOptions): Promise<void> {
  const { backUpServer } = await import('../../moving.ts');
  const path = pathFrom(context.surroundings, file);
  const copied = await backUpServer({ ...(await place(context, options)), path });
  context.output.result({ ...copied, file: path }, [
    `${copied.size} entries, root ${copied.root}, in ${path}.`,
    'It holds sealed secrets and personal text, and no key: keep it as safe as the log, apart from the keys.',
  ]);
}

async function restore(context: CliContext, file: string, options: ServerOptions): Promise<void> {
  const { restoreServer } = await import('../../moving.ts');
  const copied = await restoreServer({
    ...(await place(context, options)),
    path: pathFrom(context.surroundings, file),
  });
  context.output.result(copied, [
    `${copied.size} entries, root ${copied.root}.`,
    'Start with the newest checkpoint you kept: countersign server run --data DIR --checkpoint FILE',
  ]);
}
