import type { Command } from 'commander';
import { findPerson, sayNamed } from '../account/find-person.ts';
import type { Api } from '../api.ts';
import { askCode } from '../ask.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { sayEntries } from '../say-people.ts';

interface CodeOptions {
  readonly totpStdin?: boolean;
}
interface VouchOptions extends CodeOptions {
  readonly factor?: string;
}
interface ResetOptions extends CodeOptions {
  readonly reason: string;
}
interface ConfirmOptions extends CodeOptions {
  readonly reset?: string;
}

/** What others do about somebody's factors, after a loss. */
export function registerFactorResets(factor: Command, context: () => CliContext): void {
  withCode(factor.command('vouch-recovery'))
    .argument('<person>', 'their name, or p-…')
    .option('--factor <id>', 'which of theirs, where several wait: f-…')
    .description('say that it was a colleague themselves who used a recovery code')
    .action((text: string, options: VouchOptions) => vouchRecovery(context(), text, options));
  withCode(factor.command('reset'))
    .argument('<person>', 'their name, or p-…')
    .requiredOption('-r, --reason <text>', 'why; it stands beside the log, where it can be erased')
    .description('ask, as an administrator, that all their factors be taken away; another one confirms')
    .action((text: string, options: ResetOptions) => requestReset(context(), text, options));
  withCode(factor.command('confirm-reset'))
    .argument('<person>', 'their name, or p-…')
    .option('--reset <id>', 'which, where several wait: x-…')
    .description('confirm the reset that another administrator asked for')
    .action((text: string, options: ConfirmOptions) => confirmReset(context(), text, options));
}

const withCode = (command: Command): Command =>
  command.option('--totp-stdin', 'take the code from the first line of standard input');

async function vouchRecovery(context: CliContext, text: string, options: VouchOptions): Promise<void> {
  const api = await context.api();
  const colleague = await findPerson(api, text);
  context.output.progress(
    `You vouch that you spoke with ${sayNamed(colleague)}, and that it was they who used a recovery code.`,
  );
  const totp = await askCode(context, options);
  const answer = await api.client.v1.people[':id']['recovery-vouchers'].$post({
    param: { id: colleague.person },
    json: { totp, ...(options.factor === undefined ? {} : { factor: options.factor }) },
  });
  const { entries } = await answer.json();
  context.output.result({ person: colleague.person, entries }, [
    `vouched for the recovery of ${sayNamed(colleague)}  ${sayEntries(entries)}`,
  ]);
  context.output.progress('→ They can ask and open again. They sign for others a day after the recovery.');
}

async function requestReset(context: CliContext, text: string, options: ResetOptions): Promise<void> {
  const api = await context.api();
  const colleague = await findPerson(api, text);
  context.output.progress(
    `All factors of ${sayNamed(colleague)} will be gone once another administrator confirms.`,
  );
  const totp = await askCode(context, options);
  const answer = await api.client.v1.people[':id']['factor-resets'].$post({
    param: { id: colleague.person },
    json: { reason: options.reason, totp },
  });
  const asked = await answer.json();
  context.output.result({ person: colleague.person, ...asked }, [
    `${printable(asked.reset)} waits until ${asked.expires_at}  ${sayEntries(asked.entries)}`,
  ]);
  context.output.progress(
    `→ Another administrator runs: countersign factor confirm-reset ${printable(colleague.person)}`,
  );
}

async function confirmReset(context: CliContext, text: string, options: ConfirmOptions): Promise<void> {
  const api = await context.api();
  const colleague = await findPerson(api, text);
  const reset = await resetOf(api, colleague.person, options.reset);
  context.output.progress(
    `${sayNamed(colleague)} will be signed out, and every factor and recovery code of theirs will be gone.`,
  );
  const totp = await askCode(context, options);
  const answer = await api.client.v1.people[':id']['factor-resets'][':reset'].confirmation.$post({
    param: { id: colleague.person, reset },
    json: { totp },
  });
  const { entries } = await answer.json();
  context.output.result({ person: colleague.person, reset, entries }, [
    `the factors of ${sayNamed(colleague)} are reset  ${sayEntries(entries)}`,
  ]);
  context.output.progress(
    '→ They run countersign login; somebody who knows them runs countersign factor vouch.',
  );
}

/** The one that waits; which of several is not for a program to choose. */
async function resetOf({ client }: Api, person: string, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const { resets } = await (await client.v1.people[':id'].$get({ param: { id: person } })).json();
  const [only, other] = resets;
  if (only === undefined) {
    throw new Ending(
      exitCode.failure,
      'No reset of theirs waits to be confirmed, or you are no administrator.',
      'An administrator asks for one: countersign factor reset',
    );
  }
  if (other !== undefined) {
    const ids = resets.map(({ reset }) => printable(reset)).join(', ');
    throw new Ending(exitCode.usage, `Several resets of theirs wait: ${ids}.`, 'Name one with --reset.');
  }
  return only.reset;
}
