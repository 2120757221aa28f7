import type { Command } from 'commander';
import { type EnrolOptions, enrolFactor } from '../account/enrol-factor.ts';
import { findPerson, sayNamed } from '../account/find-person.ts';
import { askCode } from '../ask.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../output.ts';
import { sayEntries } from '../say-people.ts';
import { tableLines } from '../table.ts';
import { registerFactorResets } from './factor-reset.ts';

interface CodeOptions {
  readonly totpStdin?: boolean;
}

export function registerFactorCommands(program: Command, context: () => CliContext): void {
  const factor = program.command('factor').description('authenticators that you sign and step up with');
  factor
    .command('enrol')
    .description('add an authenticator: the first by an enrolment code, further ones by one you have')
    .option('--label <text>', 'what you call it', 'authenticator')
    .option('--enrolment-code', 'by a code somebody vouched for you with; it is asked for')
    .option('--recovery', 'after a loss, by a recovery code; it is asked for')
    .option('--codes-stdin', 'take each code that would be asked for from a line of standard input')
    .action((options: EnrolOptions) => enrolFactor(context(), options));
  withCode(factor.command('vouch'))
    .argument('<person>', 'their name, or p-…')
    .description('make an enrolment code for a colleague whom you know to be who they say')
    .action((person: string, options: CodeOptions) => vouch(context(), person, options));
  factor
    .command('ls')
    .description('your authenticators')
    .action(() => list(context()));
  withCode(factor.command('remove'))
    .argument('<id>', 'f-…')
    .description('remove one, by a code of any you have; the last one stays')
    .action((id: string, options: CodeOptions) => remove(context(), id, options));
  registerFactorResets(factor, context);
}

const withCode = (command: Command): Command =>
  command.option('--totp-stdin', 'take the code from the first line of standard input');

async function vouch(context: CliContext, text: string, options: CodeOptions): Promise<void> {
  const api = await context.api();
  const colleague = await findPerson(api, text);
  context.output.progress(
    `You vouch that you spoke with ${sayNamed(colleague)}, and that it is they who ask.`,
  );
  const totp = await askCode(context, options);
  const answer = await api.client.v1.people[':id'].vouchers.$post({
    param: { id: colleague.person },
    json: { totp },
  });
  const { enrolment_code, expires_at, entries } = await answer.json();
  context.output.result({ person: colleague.person, enrolment_code, expires_at, entries }, [
    `${printable(enrolment_code)}  good until ${expires_at}, shown only now  ${sayEntries(entries)}`,
  ]);
  context.output.progress(
    '→ Tell it to them in person or by a call, never in a chat. They run: countersign factor enrol',
  );
}

async function list(context: CliContext): Promise<void> {
  const { client } = await context.api();
  const { factors, rests_until, person } = await (await client.v1.me.$get()).json();
  const rows = factors.map(({ factor, kind, label, enrolled_at, means, waits_for_voucher }) => {
    const waits = waits_for_voucher ? ', which nobody has vouched for' : '';
    return [factor, printable(label ?? kind), `since ${enrolled_at}`, `by ${sayMeans[means]}${waits}`];
  });
  context.output.result(
    factors,
    rows.length > 0 ? tableLines(rows) : ['You have none. Add one: countersign factor enrol'],
  );
  if (factors.some(({ waits_for_voucher }) => waits_for_voucher)) {
    context.output.progress(
      `→ Have a colleague who knows you run: countersign factor vouch-recovery ${printable(person)}`,
    );
  }
  if (rests_until !== null) context.output.progress(`→ You sign for others from ${rests_until} on.`);
}

const sayMeans = {
  'enrolment-code': 'an enrolment code',
  factor: 'another factor',
  'recovery-code': 'a recovery code',
} as const;

async function remove(context: CliContext, id: string, options: CodeOptions): Promise<void> {
  const { client } = await context.api();
  const totp = await askCode(context, options);
  const { entries } = await (
    await client.v1.factors[':id'].$delete({ param: { id }, json: { totp } })
  ).json();
  context.output.result({ factor: id, entries }, [`removed ${printable(id)}  ${sayEntries(entries)}`]);
}
