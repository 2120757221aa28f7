import type { Command } from 'commander';
import { endGrant, revokeGrant } from '../access/end-grant.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import {
  durationOption,
  noPicture,
  parameterOption,
  permissionOption,
  severalOption,
  timeoutOption,
} from '../option-values.ts';
import { catalogLines } from '../requests/catalog-lines.ts';
import { findRequest } from '../requests/find-request.ts';
import { nudgeReviewers } from '../requests/nudge-reviewers.ts';
import { type RequestOptions, requestAccess, tellAsked, waitAndTell } from '../requests/request-access.ts';
import { requestRows, requestStory } from '../requests/request-lines.ts';
import { type PageOptions, tellReviewPage } from '../requests/review-page.ts';
import { sayEntries } from '../say-people.ts';

export function registerRequestCommands(program: Command, context: () => CliContext): void {
  program
    .command('catalog')
    .description('what may be asked for, and by whom it is signed')
    .action(() => catalog(context()));
  askingOptions(program.command('request').description('ask for an entitlement, and wait for the decision'))
    .option('--target <target>', 'where; may be given several times, a grant for each', severalOption)
    .option('--for <person>', 'for whom: me, an id or a name; several times, a grant for each', severalOption)
    .option('--start <moment>', 'not at once but then: +2h, 2026-12-01T22:00 here, or with Z or +01:00')
    .option('--extend', 'carry your running grant on, from its end, as it is')
    .option('--no-wait', 'return at once')
    .option(...noPicture)
    .option('--timeout <duration>', 'wait no longer than this, then end with code 5', timeoutOption)
    .addHelpText('after', requestHelp)
    .action((entitlement: string, options: RequestOptions) => requestAccess(context(), entitlement, options));
  program
    .command('ls')
    .description('your requests, newest first')
    .option('--waiting', 'what waits for your review instead')
    .option('--all', 'everybody’s, for auditors and administrators')
    .option('--cursor <cursor>', 'older ones, from where the last list ended')
    .action((options: ListOptions) => list(context(), options));
  withId(program.command('show').description('one request and everything that happened to it'))
    .option(...noPicture)
    .action((id: string, options: PageOptions) => show(context(), id, options));
  withId(program.command('wait').description('wait for a decision'))
    .option('--timeout <duration>', 'no longer than this, then end with code 5; 0 looks once', timeoutOption)
    .option(...noPicture)
    .action((id: string, options: WaitOptions) => wait(context(), id, options));
  withId(
    program.command('nudge').description('remind those who can still sign your waiting request off'),
  ).action((id: string) => nudgeReviewers(context(), id));
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

const requestHelp = `
  countersign request orders-db-operator -t INC-2291 -d 30m -r "stuck export batch"
  countersign request orders-db-operator -t INC-2291 -r "all of us" --for me --for "Tomas Brandt"
  countersign request ledger-repair -t CHG-18 --start 2026-12-01T22:00 -d 2h -r "in the change window"
  countersign request ledger-repair --extend -d 30m -r "takes longer"

Ctrl-C leaves it pending; the same command, or \`countersign wait\`, picks it up again.`;

const withId = (command: Command): Command => command.argument('<id>', 'a request r-… or its grant g-…');

/** What everything that may ask for access takes. */
export const askingOptions = (command: Command): Command =>
  command
    .argument('<entitlement>', 'one of `countersign catalog`')
    .option('-t, --ticket <ticket>', 'the ticket that it is for')
    .option('-d, --duration <duration>', 'how long, for example 30m', durationOption)
    .option('-r, --reason <text>', 'why; the reviewers read it')
    .option('--param <name=value>', 'a parameter of the scope; once for each that it has', parameterOption)
    .option('--only <action[@resource]>', 'part of the scope; may be given several times', permissionOption)
    .option('--break-glass', 'an emergency: access now, judged afterwards by somebody else')
    .option('--totp-stdin', 'the code is the first line of standard input');

async function catalog(context: CliContext): Promise<void> {
  const { client } = await context.api();
  const answer = await (await client.v1.catalog.$get()).json();
  context.output.result(answer, catalogLines(answer.items));
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

async function show(context: CliContext, id: string, options: PageOptions): Promise<void> {
  const { client } = await context.api();
  const view = await findRequest(context, id);
  const { items } = await (
    await client.v1.requests[':id'].timeline.$get({ param: { id: view.request } })
  ).json();
  context.output.result(
    { ...view, timeline: items },
    requestStory(view, items, context.surroundings.nowMs()),
  );
  await tellReviewPage(context, view, options);
}

interface WaitOptions extends PageOptions {
  readonly timeout?: number;
}

async function wait(context: CliContext, id: string, { timeout, ...page }: WaitOptions): Promise<void> {
  const view = await findRequest(context, id);
  tellAsked(context, view);
  await tellReviewPage(context, view, page);
  await waitAndTell(context, view, timeout);
}

async function withdraw(context: CliContext, id: string): Promise<void> {
  const { client } = await context.api();
  const { request } = await findRequest(context, id);
  const view = await (await client.v1.requests[':id'].withdrawal.$post({ param: { id: request } })).json();
  context.output.result(view, [`${view.request} is withdrawn   ${sayEntries(view.entries)}`]);
}
