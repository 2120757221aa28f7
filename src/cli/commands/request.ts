import type { Command } from 'commander';
import type { RequestView } from '../answers.ts';
import { catalogLines } from '../catalog-lines.ts';
import { codeSource } from '../code-source.ts';
import type { CliContext } from '../context.ts';
import { endGrant, revokeGrant } from '../end-grant.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { extensionAsked } from '../extend-grant.ts';
import { findPeople } from '../find-person.ts';
import { findRequest } from '../find-request.ts';
import { momentAsked } from '../moment-option.ts';
import {
  durationOption,
  type NamedPermission,
  parameterOption,
  permissionOption,
  severalOption,
  timeoutOption,
} from '../option-values.ts';
import { grantLines, requestRows, requestStory } from '../request-lines.ts';
import { askedLines } from '../request-news.ts';
import { sayEntries } from '../say-people.ts';
import { type Asked, submitRequest } from '../submit-request.ts';
import { waitForDecision } from '../wait-for-decision.ts';

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
  readonly param?: Readonly<Record<string, string>>;
  readonly only?: readonly NamedPermission[];
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
    .option('--param <name=value>', 'a parameter of the scope; once for each that it has', parameterOption)
    .option('--only <action[@resource]>', 'part of the scope; may be given several times', permissionOption)
    .option('--break-glass', 'an emergency: access now, judged afterwards by somebody else')
    .option('--totp-stdin', 'the code is the first line of standard input');

interface RequestOptions extends AskingOptions {
  readonly target?: readonly string[];
  readonly for?: readonly string[];
  readonly start?: string;
  readonly extend?: boolean;
  readonly wait: boolean;
  readonly timeout?: number;
}

async function catalog(context: CliContext): Promise<void> {
  const { client } = await context.api();
  const answer = await (await client.v1.catalog.$get()).json();
  context.output.result(answer, catalogLines(answer.items));
}

/** What the options say that everything which may ask for access takes. */
export const askedBy = (entitlement: string, options: AskingOptions): Asked => ({
  entitlement,
  ticket: options.ticket,
  durationSeconds: options.duration,
  reason: options.reason,
  parameters: options.param,
  only: options.only,
  breakGlass: options.breakGlass ?? false,
});

async function request(context: CliContext, entitlement: string, options: RequestOptions): Promise<void> {
  refuseWhatContradicts(entitlement, options);
  const view = await submittedOrPending(context, entitlement, options);
  if (!options.wait) return context.output.result(view, [view.request]);
  const goOn = `countersign wait ${view.request}`;
  tellGrants(context, await waitForDecision(context, view, { goOn, timeoutSeconds: options.timeout }));
}

async function submittedOrPending(
  context: CliContext,
  entitlement: string,
  options: RequestOptions,
): Promise<RequestView> {
  const { start, target } = options;
  const startsAtMs = start === undefined ? undefined : momentAsked(start, context.surroundings.nowMs());
  const people = options.for === undefined ? undefined : await findPeople(await context.api(), options.for);
  const asked = {
    ...askedBy(entitlement, options),
    targets: target,
    people: people?.map(({ person }) => person),
    startsAtMs,
  };
  const code = codeSource(context, options);
  if (options.extend !== true) return submitRequest(context, asked, code);
  const extension = await extensionAsked(context, asked);
  if ('asked' in extension) return submitRequest(context, extension.asked, code);
  tellAsked(context, extension.pending);
  return extension.pending;
}

function refuseWhatContradicts(
  entitlement: string,
  { extend, start, breakGlass, ...options }: RequestOptions,
): void {
  const contradictions = [
    [extend && start !== undefined, 'An extension begins where its grant ends: leave --start out.'],
    [extend && options.for !== undefined, 'An extension is for yourself: leave --for out.'],
    [extend && breakGlass, 'An emergency is not extended; ask in the ordinary way, without --break-glass.'],
    [breakGlass && start !== undefined, 'An emergency begins now: leave --start out.'],
  ] as const;
  const found = contradictions.find(([contradicts]) => contradicts === true);
  if (found === undefined) return;
  throw new Ending(exitCode.usage, found[1], `countersign request ${entitlement} …, with one of the two`);
}

function tellAsked(context: CliContext, view: RequestView): void {
  if (view.status !== 'pending') return;
  for (const line of askedLines(view, context.surroundings.nowMs())) context.output.progress(line);
}

/** The grants alone are the result; of several, whose and where each is goes beside it. */
function tellGrants(context: CliContext, view: RequestView): void {
  for (const line of grantLines(view, context.surroundings.nowMs())) context.output.progress(line);
  context.output.result(
    view,
    view.grants.map(({ grant }) => grant),
  );
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
  tellAsked(context, view);
  const goOn = `countersign wait ${view.request}`;
  tellGrants(context, await waitForDecision(context, view, { goOn, timeoutSeconds }));
}

async function withdraw(context: CliContext, id: string): Promise<void> {
  const { client } = await context.api();
  const { request } = await findRequest(context, id);
  const view = await (await client.v1.requests[':id'].withdrawal.$post({ param: { id: request } })).json();
  context.output.result(view, [`${view.request} is withdrawn   ${sayEntries(view.entries)}`]);
}
