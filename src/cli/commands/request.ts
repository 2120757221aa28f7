import type { Command } from 'commander';
import { catalogLines } from '../catalog-lines.ts';
import { codeSource } from '../code-source.ts';
import type { CliContext } from '../context.ts';
import { endGrant, revokeGrant } from '../end-grant.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { findRequest } from '../find-request.ts';
import { type AskedPermission, durationOption, permissionOption, timeoutOption } from '../option-values.ts';
import { requestRows, requestStory } from '../request-lines.ts';
import { askedLine } from '../request-news.ts';
import { sayEntries } from '../say-people.ts';
import { submitRequest } from '../submit-request.ts';
import { waitForDecision } from '../wait-for-decision.ts';

export function registerRequestCommands(program: Command, context: () => CliContext): void {
  program
    .command('catalog')
    .description('what may be asked for, and by whom it is signed')
    .action(() => catalog(context()));
  askingOptions(program.command('request').description('ask for an entitlement, and wait for the decision'))
    .option('--only <action@resource>', 'part of the scope; may be given several times', permissionOption)
    .option('--no-wait', 'return at once')
    .option('--timeout <duration>', 'wait no longer than this, then end with code 5', timeoutOption)
    .action((entitlement: string, options: RequestOptions) => request(context(), entitlement, options));
  program
    .command('ls')
    .description('your requests, newest first')
    .option('--waiting', 'what waits for your review instead')
    .option('--all', 'everybody’s, for auditors and administrators')
    .option('--cursor <cursor>', 'older ones, from where the last list ended')
    .action((options: ListOptions) => list(context(), options));
  withId(program.command('show').description('one request and everything that happened to it')).action(
    (id: string) => show(context(), id),
  );
  withId(program.command('wait').description('wait for a decision'))
    .option('--timeout <duration>', 'no longer than this, then end with code 5; 0 looks once', timeoutOption)
    .action((id: string, options: { timeout?: number }) => wait(context(), id, options.timeout));
  withId(program.command('withdraw').description('take your undecided request back')).action((id: string) =>
    withdraw(context(), id),
  );
  withId(program.command('end').description('you are done: end your access early')).action((id: string) =>
    endGrant(context(), id),
  );
  withId(program.command('revoke').description('take somebody’s access away'))
    .requiredOption('-r, --reason <text>', 'why; they will read it')
    .action((id: string, options: { reason: string }) => revokeGrant(context(), id, options.reason));
}

const withId = (command: Command): Command => command.argument('<id>', 'a request r-… or its grant g-…');

export interface AskingOptions {
  readonly ticket?: string;
  readonly duration?: number;
  readonly reason?: string;
  readonly breakGlass?: boolean;
  readonly totpStdin?: boolean;
}

/** What everything that may ask for access takes. */
export const askingOptions = (command: Command): Command =>
  command
    .argument('<entitlement>', 'one of `countersign catalog`')
    .option('-t, --ticket <ticket>', 'the ticket that it is for')
    .option('-d, --duration <duration>', 'how long, for example 30m', durationOption)
    .option('-r, --reason <text>', 'why; the reviewers read it')
    .option('--break-glass', 'an emergency: access now, judged afterwards by somebody else')
    .option('--totp-stdin', 'the code is the first line of standard input');

interface RequestOptions extends AskingOptions {
  readonly only?: readonly AskedPermission[];
  readonly wait: boolean;
  readonly timeout?: number;
}

async function catalog(context: CliContext): Promise<void> {
  const { client } = await context.api();
  const answer = await (await client.v1.catalog.$get()).json();
  context.output.result(answer, catalogLines(answer.items));
}

async function request(context: CliContext, entitlement: string, options: RequestOptions): Promise<void> {
  const { ticket, duration: durationSeconds, reason, only, breakGlass = false } = options;
  const asked = { entitlement, ticket, durationSeconds, reason, only, breakGlass };
  const view = await submitRequest(context, asked, codeSource(context, options));
  if (!options.wait) return context.output.result(view, [view.request]);
  const goOn = `countersign wait ${view.request}`;
  const granted = await waitForDecision(context, view, { goOn, timeoutSeconds: options.timeout });
  context.output.result(granted, [granted.grant.grant]);
}

interface ListOptions {
  readonly waiting?: boolean;
  readonly all?: boolean;
  readonly cursor?: string;
}

async function list(context: CliContext, options: ListOptions): Promise<void> {
  if (options.waiting === true && options.all === true) {
    throw new Ending(exitCode.usage, 'Ask for one list: --waiting or --all.', 'countersign ls --waiting');
  }
  const { client } = await context.api();
  const which =
    options.waiting === true
      ? { waiting: 'true' as const }
      : options.all === true
        ? {}
        : { mine: 'true' as const };
  const cursor = options.cursor === undefined ? {} : { cursor: options.cursor };
  const page = await (await client.v1.requests.$get({ query: { ...which, ...cursor } })).json();
  const rows = requestRows(page.items, context.surroundings.nowMs());
  context.output.result(page, rows.length > 0 ? rows : [noneLine(options)]);
  if (page.next_cursor !== null)
    context.output.progress(`there are older ones: --cursor ${page.next_cursor}`);
}

function noneLine({ waiting, all }: ListOptions): string {
  if (waiting === true) return 'Nothing waits for you.';
  return all === true
    ? 'Nobody has asked for anything.'
    : 'You have asked for nothing. What there is: countersign catalog';
}

async function show(context: CliContext, id: string): Promise<void> {
  const { client } = await context.api();
  const view = await findRequest(context, id);
  const { items } = await (
    await client.v1.requests[':id'].timeline.$get({ param: { id: view.request } })
  ).json();
  context.output.result(
    { ...view, timeline: items },
    requestStory(view, items, context.surroundings.nowMs()),
  );
}

async function wait(context: CliContext, id: string, timeoutSeconds: number | undefined): Promise<void> {
  const view = await findRequest(context, id);
  if (view.status === 'pending') context.output.progress(askedLine(view));
  const goOn = `countersign wait ${view.request}`;
  const granted = await waitForDecision(context, view, { goOn, timeoutSeconds });
  context.output.result(granted, [granted.grant.grant]);
}

async function withdraw(context: CliContext, id: string): Promise<void> {
  const { client } = await context.api();
  const { request } = await findRequest(context, id);
  const view = await (await client.v1.requests[':id'].withdrawal.$post({ param: { id: request } })).json();
  context.output.result(view, [`${view.request} is withdrawn   ${sayEntries(view.entries)}`]);
}
