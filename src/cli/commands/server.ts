import { join } from 'node:path';
import type { Command } from 'commander';
import type { NamedAdministrator } from '../../server.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { place, type ServerOptions, withPlace } from '../server-place.ts';
import { pathFrom } from '../surroundings.ts';
import { registerServerLogCommands } from './server-log.ts';
import { registerServerSecretsCommand } from './server-secrets.ts';

export function registerServerCommands(program: Command, context: () => CliContext): void {
  const server = program.command('server').description('begin, run and rebuild a broker');
  withPlace(
    server.command('init').description('make the keys and the first entry; prints two enrolment codes, once'),
  )
    .requiredOption(
      '--admin <issuer:subject>',
      'an administrator, as the issuer names them; at least two',
      collect,
      [],
    )
    .action((options: ServerOptions & { admin: string[] }) => init(context(), options));
  withPlace(server.command('run').description('run the broker until it is interrupted'))
    .option(
      '--checkpoint <file>',
      'a checkpoint that was kept elsewhere: the broker writes nothing unless the log continues it',
    )
    .action((options: ServerOptions & { checkpoint?: string }) => runUntilInterrupted(context(), options));
  withPlace(
    server.command('rebuild').description('make every list again from the entries, and tell each difference'),
  ).action((options: ServerOptions) => rebuild(context(), options));
  server
    .command('rotate-grant-key')
    .description(
      'make a new key for grant tokens; it signs from the next start on, the old one stays published',
    )
    .requiredOption('--data <dir>', 'where the keys are')
    .action((options: { data: string }) => rotateGrantKey(context(), options.data));
  registerServerLogCommands(server, context);
  registerServerSecretsCommand(server, context);
}

const collect = (value: string, before: string[]): string[] => [...before, value];

async function init(
  context: CliContext,
  options: ServerOptions & { readonly admin: readonly string[] },
): Promise<void> {
  const administrators = options.admin.map(parseAdministrator);
  const { initialiseServer } = await import('../../server.ts');
  const issued = await initialiseServer({ ...(await place(context, options)), administrators });
  context.output.result(
    issued.map(({ issuer, subject, person, code, expiresAtMs }) => {
      return {
        issuer,
        subject,
        person,
        enrolment_code: code,
        expires_at: new Date(expiresAtMs).toISOString(),
      };
    }),
    [
      'The log is begun. Hand each administrator their code, in person or by a call; it is shown only now:',
      ...issued.map(
        ({ issuer, subject, code }) => `  ${printable(`${issuer}:${subject}`).padEnd(40)} ${code}`,
      ),
      `The codes expire at ${new Date(issued[0]?.expiresAtMs ?? 0).toISOString()}.`,
      `Back up ${join(options.data, 'keys')}, apart from the database. Then: countersign server run --data ${options.data}`,
    ],
  );
}

function parseAdministrator(text: string): NamedAdministrator {
  const colon = text.indexOf(':');
  if (colon > 0 && colon < text.length - 1)
    return { issuer: text.slice(0, colon), subject: text.slice(colon + 1) };
  throw new Ending(
    exitCode.usage,
    `“${printable(text)}” does not name an administrator.`,
    'Write ISSUER:SUBJECT, for example corp:248289761001.',
  );
}

async function runUntilInterrupted(
  context: CliContext,
  options: ServerOptions & { readonly checkpoint?: string },
): Promise<void> {
  const { startServer } = await import('../../server.ts');
  const { checkpoint } = options;
  const server = await startServer({
    ...(await place(context, options)),
    ...(checkpoint === undefined ? {} : { checkpoint: pathFrom(context.surroundings, checkpoint) }),
  });
  await new Promise<void>((resolve) => {
    context.surroundings.onInterrupt(() => resolve());
  });
  await server.stop();
}

async function rebuild(context: CliContext, options: ServerOptions): Promise<void> {
  const { rebuildServer } = await import('../../server.ts');
  const { size, differences, replaced } = await rebuildServer(await place(context, options));
  context.output.result({ size, differences, replaced }, [
    ...differences.map(({ kind, key, stored, rebuilt }) =>
      printable(`${kind} ${key}: ${whatDiffered(stored, rebuilt)}`),
    ),
    `${size} entries; ${differences.length === 0 ? 'every list says what they say' : `${differences.length} rows did not say what they say, and now do`}`,
  ]);
  if (!replaced)
    throw new Ending(exitCode.failure, 'Nothing was replaced.', 'Stop the broker, then run this again.');
}

async function rotateGrantKey(context: CliContext, data: string): Promise<void> {
  const { rotateServerKey } = await import('../../server.ts');
  const key = await rotateServerKey(pathFrom(context.surroundings, data));
  context.output.result({ key }, [
    `New key ${key}. Start the broker again; what the old key signed stays valid until it expires.`,
  ]);
}

function whatDiffered(stored: string | null, rebuilt: string | null): string {
  if (stored === null) return 'was missing';
  return rebuilt === null ? 'was too much' : 'differed';
}
