import type { Command } from 'commander';
import { findPerson, sayNamed } from '../account/find-person.ts';
import { askCode } from '../ask.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../output.ts';
import { sayEntries } from '../say-people.ts';

interface RecordOptions {
  readonly reason: string;
  readonly totpStdin?: boolean;
}

export function registerPersonCommands(program: Command, context: () => CliContext): void {
  const person = program.command('person').description('colleagues: who has left, who is back');
  withReason(person.command('leave'))
    .argument('<person>', 'their name, or p-…')
    .description('record that somebody has left: sign-ins, grants and requests of theirs end at once')
    .action((text: string, options: RecordOptions) => leave(context(), text, options));
  withReason(person.command('return'))
    .argument('<person>', 'their name, or p-…')
    .description('record that they are back: they may sign in again; what ended stays over')
    .action((text: string, options: RecordOptions) => comeBack(context(), text, options));
  person
    .command('show')
    .argument('<person>', 'their name, or p-…')
    .description('whether they are still here, and what waits for a colleague of theirs')
    .action((text: string) => show(context(), text));
}

const withReason = (command: Command): Command =>
  command
    .requiredOption('-r, --reason <text>', 'why; it stands beside the log, where it can be erased')
    .option('--totp-stdin', 'take the code from the first line of standard input');

async function leave(context: CliContext, text: string, options: RecordOptions): Promise<void> {
  const api = await context.api();
  const colleague = await findPerson(api, text);
  context.output.progress(
    `${sayNamed(colleague)} will be signed out everywhere, and what they hold will end.`,
  );
  const totp = await askCode(context, options);
  const answer = await api.client.v1.people[':id'].leaving.$post({
    param: { id: colleague.person },
    json: { reason: options.reason, totp },
  });
  const recorded = await answer.json();
  const { entries, ended } = recorded;
  const before = 'it was recorded before that they have left';
  context.output.result(recorded, [
    entries.length === 0 ? before : `recorded that ${sayNamed(colleague)} has left  ${sayEntries(entries)}`,
    ended.length === 0 ? 'They held nothing that could still be used.' : `ended  ${sayEntries(ended)}`,
  ]);
  context.output.progress(
    '→ Back again? countersign person return. Their groups are the identity provider’s matter.',
  );
}

async function comeBack(context: CliContext, text: string, options: RecordOptions): Promise<void> {
  const api = await context.api();
  const colleague = await findPerson(api, text);
  const totp = await askCode(context, options);
  const answer = await api.client.v1.people[':id'].return.$post({
    param: { id: colleague.person },
    json: { reason: options.reason, totp },
  });
  const recorded = await answer.json();
  context.output.result(recorded, [
    `recorded that ${sayNamed(colleague)} is back  ${sayEntries(recorded.entries)}`,
  ]);
  context.output.progress(
    '→ They sign in again: countersign login. What they had approved must be reviewed anew.',
  );
}

async function show(context: CliContext, text: string): Promise<void> {
  const api = await context.api();
  const { person } = await findPerson(api, text);
  const found = await (await api.client.v1.people[':id'].$get({ param: { id: person } })).json();
  context.output.result(found, [
    `${sayNamed(found)}  ${found.left ? 'has left' : 'is here'}`,
    ...found.recovered.map(
      ({ factor, enrolled_at }) =>
        `recovered ${printable(factor)} at ${enrolled_at}: countersign factor vouch-recovery ${printable(person)}`,
    ),
    ...found.resets.map(
      ({ reset, requested_by, expires_at }) =>
        `reset ${printable(reset)}, asked for by ${printable(requested_by)}, until ${expires_at}: countersign factor confirm-reset ${printable(person)}`,
    ),
  ]);
}
