import { type Command, Option } from 'commander';
import { findPeople, findPerson } from '../account/find-person.ts';
import type { Api } from '../api.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { type Ticket, ticketLines } from '../ticket-lines.ts';

type State = Ticket['state'];

interface OpenOptions {
  readonly title: string;
  readonly responder?: readonly string[];
  readonly assignee?: string;
  readonly window?: string;
}

interface ChangeOptions {
  readonly title?: string;
  readonly addResponder?: readonly string[];
  readonly removeResponder?: readonly string[];
  readonly assignee?: string;
  readonly window?: string;
  readonly state?: State;
}

export function registerTicketCommands(program: Command, context: () => CliContext): void {
  const ticket = program.command('ticket').description('tickets of the built-in register');
  const named = (name: string) => ticket.command(name).argument('<ticket>', 'for example INC-2291');
  named('open')
    .description('open one; your part in it must be named by somebody else')
    .requiredOption('--title <text>', 'what is wrong, in a line')
    .option('--responder <person>', 'who works on it, each with this option: a name, p-…, or me', collect)
    .option('--assignee <person>', 'who carries the change out')
    .option('--window <from/to>', WINDOW)
    .action((id: string, options: OpenOptions) => open(context(), id, options));
  named('show')
    .description('a ticket, with who put whom in it')
    .action((id: string) => show(context(), id));
  named('change')
    .description('change one: what is left out stays as it is')
    .option('--title <text>', 'a new title')
    .option('--add-responder <person>', 'a name, p-…, or me; each with this option', collect)
    .option('--remove-responder <person>', 'a name, p-…, or me; each with this option', collect)
    .option('--assignee <person>', 'a name, p-…, or me; none takes it away')
    .option('--window <from/to>', `${WINDOW}; none takes it away`)
    .addOption(new Option('--state <state>', 'where it stands').choices(['open', 'approved', 'closed']))
    .action((id: string, options: ChangeOptions) => change(context(), id, options));
  named('close')
    .description('close one: nothing is asked for under it any more')
    .action((id: string) => change(context(), id, { state: 'closed' }));
  named('approve')
    .description('approve a change that somebody else opened and carries out')
    .action((id: string) => change(context(), id, { state: 'approved' }));
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const WINDOW = 'when it may be done, for example 2026-11-21T22:00Z/2026-11-22T02:00Z';

async function open(context: CliContext, ticket: string, options: OpenOptions): Promise<void> {
  const api = await context.api();
  const { title, responder, assignee, window } = options;
  const json = {
    ticket,
    title,
    ...(responder === undefined ? {} : { responders: await idsOf(api, responder) }),
    ...(await sharedFields(api, { assignee, window })),
  };
  tell(context, await (await api.client.v1.tickets.$post({ json })).json());
}

async function show(context: CliContext, ticket: string): Promise<void> {
  const { client } = await context.api();
  tell(context, await (await client.v1.tickets[':ticket'].$get({ param: { ticket } })).json());
}

async function change(context: CliContext, ticket: string, options: ChangeOptions): Promise<void> {
  const { title, addResponder, removeResponder, assignee, window, state } = options;
  if (Object.keys(options).length === 0) {
    throw new Ending(exitCode.usage, 'There is nothing to change.', 'countersign ticket change --help');
  }
  const api = await context.api();
  const json = {
    ...(title === undefined ? {} : { title }),
    ...(state === undefined ? {} : { state }),
    ...(addResponder === undefined ? {} : { add_responders: await idsOf(api, addResponder) }),
    ...(removeResponder === undefined ? {} : { remove_responders: await idsOf(api, removeResponder) }),
    ...(await sharedFields(api, { assignee, window })),
  };
  tell(context, await (await api.client.v1.tickets[':ticket'].$patch({ param: { ticket }, json })).json());
}

async function sharedFields(
  api: Api,
  { assignee, window }: { readonly assignee: string | undefined; readonly window: string | undefined },
) {
  return {
    ...(assignee === undefined
      ? {}
      : { assignee: assignee === 'none' ? null : (await findPerson(api, assignee)).person }),
    ...(window === undefined ? {} : { window: window === 'none' ? null : windowOf(window) }),
  };
}

const idsOf = async (api: Api, people: readonly string[]): Promise<string[]> =>
  (await findPeople(api, people)).map(({ person }) => person);

/** A moment without its zone means another hour to whoever reads it elsewhere, so it must have one. */
const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/;

function windowOf(text: string): { from: string; to: string } {
  const [from = '', to = '', ...more] = text.split('/');
  const [begins, ends] = [from, to].map((part) => (moment.test(part) ? Date.parse(part) : Number.NaN));
  if (begins !== undefined && ends !== undefined && begins < ends && more.length === 0) {
    return { from: new Date(begins).toISOString(), to: new Date(ends).toISOString() };
  }
  throw new Ending(exitCode.usage, `“${printable(text)}” is no window.`, `Write FROM/TO, ${WINDOW}.`);
}

function tell(context: CliContext, ticket: Ticket): void {
  context.output.result(ticket, ticketLines(ticket));
}
