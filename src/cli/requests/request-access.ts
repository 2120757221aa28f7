import { fillScope } from '../../domain/policy/parameters.ts';
import { extensionAsked } from '../access/extend-grant.ts';
import { findPeople } from '../account/find-person.ts';
import type { RequestView } from '../answers.ts';
import { codeSource } from '../code-source.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import type { NamedPermission } from '../option-values.ts';
import { momentAsked } from './moment-option.ts';
import { isSameScope, permissionsNamed } from './narrow-scope.ts';
import { grantLines } from './request-lines.ts';
import { askedLines } from './request-news.ts';
import { type PageOptions, tellReviewPage } from './review-page.ts';
import { type Asked, findInCatalog, submitRequest } from './submit-request.ts';
import { waitForDecision } from './wait-for-decision.ts';

export interface AskingOptions {
  readonly ticket?: string;
  readonly duration?: number;
  readonly reason?: string;
  readonly param?: Readonly<Record<string, string>>;
  readonly only?: readonly NamedPermission[];
  readonly breakGlass?: boolean;
  readonly totpStdin?: boolean;
}

export interface RequestOptions extends AskingOptions, PageOptions {
  readonly target?: readonly string[];
  readonly for?: readonly string[];
  readonly start?: string;
  readonly extend?: boolean;
  readonly wait: boolean;
  readonly timeout?: number;
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

/** Asks, or picks up what the same words asked for before, and waits for the decision. */
export async function requestAccess(
  context: CliContext,
  entitlement: string,
  options: RequestOptions,
): Promise<void> {
  refuseWhatContradicts(entitlement, options);
  const view = await submittedOrPending(context, entitlement, options);
  await tellReviewPage(context, view, options);
  if (!options.wait) return context.output.result(view, [view.request]);
  await waitAndTell(context, view, options.timeout);
}

/** The grants alone are the result; of several, whose and where each is goes beside it. */
export async function waitAndTell(
  context: CliContext,
  view: RequestView,
  timeoutSeconds: number | undefined,
): Promise<void> {
  const goOn = `countersign wait ${view.request}`;
  const granted = await waitForDecision(context, view, { goOn, timeoutSeconds });
  for (const line of grantLines(granted, context.surroundings.nowMs())) context.output.progress(line);
  context.output.result(
    granted,
    granted.grants.map(({ grant }) => grant),
  );
}

export function tellAsked(context: CliContext, view: RequestView): void {
  if (view.status !== 'pending') return;
  for (const line of askedLines(view, context.surroundings.nowMs())) context.output.progress(line);
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
  const next =
    options.extend === true ? await extensionAsked(context, asked) : await pendingOrAsked(context, asked);
  if ('asked' in next) return submitRequest(context, next.asked, codeSource(context, options));
  tellAsked(context, next.pending);
  return next.pending;
}

/** The same words again, after Ctrl-C or in another terminal: asking twice would only wear the reviewers down. */
async function pendingOrAsked(
  context: CliContext,
  asked: Asked,
): Promise<{ readonly asked: Asked } | { readonly pending: RequestView }> {
  if (asked.breakGlass || asked.reason === undefined) return { asked };
  const { client, person } = await context.api();
  const { items } = await (await client.v1.requests.$get({ query: { mine: 'true', limit: '100' } })).json();
  const alike = items.filter((view) => view.status === 'pending' && isAlike(view, asked, person));
  if (alike.length === 0) return { asked };
  const declared = (await findInCatalog(context, asked.entitlement))?.scope ?? [];
  const whole = fillScope(declared, asked.parameters ?? {});
  const wanted = asked.only === undefined ? whole : permissionsNamed(whole, asked.only);
  const pending = alike.find(({ scope }) => isSameScope(scope, wanted));
  return pending === undefined ? { asked } : { pending };
}

const isAlike = (view: RequestView, asked: Asked, person: string): boolean =>
  view.extends === null &&
  view.entitlement === asked.entitlement &&
  view.justification === asked.reason &&
  view.ticket === (asked.ticket ?? null) &&
  (asked.durationSeconds === undefined || view.duration_seconds === asked.durationSeconds) &&
  view.starts_at === (asked.startsAtMs === undefined ? null : new Date(asked.startsAtMs).toISOString()) &&
  isSameSet(
    view.people.map((one) => one.person),
    asked.people ?? [person],
  ) &&
  isSameSet(view.targets, asked.targets ?? view.targets) &&
  isSameSet(Object.entries(view.parameters).map(String), Object.entries(asked.parameters ?? {}).map(String));

const isSameSet = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((one) => right.includes(one));

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
