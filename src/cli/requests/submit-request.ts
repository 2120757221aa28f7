import { fillScope, parametersMisfit } from '../../domain/policy/parameters.ts';
import { signInBrowser } from '../account/sign-in-browser.ts';
import type { CatalogItem, RequestView } from '../answers.ts';
import { askLine } from '../ask.ts';
import type { CodeSource } from '../code-source.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import type { AskedPermission, NamedPermission } from '../option-values.ts';
import { printable } from '../output.ts';
import { sayDuration } from '../say-time.ts';
import { permissionsNamed } from './narrow-scope.ts';
import { askedLines } from './request-news.ts';

export interface Asked {
  readonly entitlement: string;
  readonly ticket?: string | undefined;
  /** Left out: half an hour, or the limit where that is less; in any case what `needsSeconds` says. */
  readonly durationSeconds?: number | undefined;
  /** Less than this is of no use. */
  readonly needsSeconds?: number | undefined;
  /** Left out: it is asked for. */
  readonly reason?: string | undefined;
  readonly only?: readonly NamedPermission[] | undefined;
  readonly breakGlass: boolean;
  /** Person ids; left out: for oneself. */
  readonly people?: readonly string[] | undefined;
  /** Left out: the only target there is. */
  readonly targets?: readonly string[] | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds since 1970; left out: at once. */
  readonly startsAtMs?: number | undefined;
  /** The running grant to carry on from its end. */
  readonly extends?: string | undefined;
}

const USUAL_SECONDS = 1800;
const REASON_OPTION = 'Say it with -r TEXT.';

/** Asks for access, and tells who was asked. @throws Failure, most often `refused-by-rule` */
export async function submitRequest(
  context: CliContext,
  asked: Asked,
  code: CodeSource,
): Promise<RequestView> {
  const api = await context.api();
  const { client } = api;
  const item = await findInCatalog(context, asked.entitlement);
  const seconds = secondsFor(item, asked);
  const scope = scopeFor(item, asked);
  const justification = asked.reason ?? (await askLine(context, 'reason: ', REASON_OPTION));
  if (justification.trim() === '')
    throw new Ending(exitCode.usage, 'A request says what it is for.', REASON_OPTION);
  // What the policy does not allow is refused, on the record, without spending a code on it.
  const nowMs = context.surroundings.nowMs();
  const isAllowed = item !== undefined && mayBeAllowed(item, asked, seconds, nowMs);
  if (isAllowed && item.factors.request === 'passkey') throw signInBrowser(api, '/ask');
  const totp = isAllowed && item.factors.request === 'totp' ? await code() : undefined;
  const answer = await client.v1.requests.$post({
    json: {
      entitlement: asked.entitlement,
      duration_seconds: seconds,
      justification,
      ...whatElse(asked),
      ...(scope === undefined ? {} : { scope: [...scope] }),
      ...(totp === undefined ? {} : { totp }),
    },
  });
  const view = await answer.json();
  for (const line of askedLines(view, nowMs)) context.output.progress(line);
  return view;
}

/** What is left out of the command line is left out of the request. */
function whatElse({ ticket, breakGlass, people, targets, parameters, startsAtMs, ...asked }: Asked) {
  return {
    ...(ticket === undefined ? {} : { ticket }),
    ...(breakGlass ? { break_glass: true } : {}),
    ...(people === undefined ? {} : { people: [...people] }),
    ...(targets === undefined ? {} : { targets: [...targets] }),
    ...(parameters === undefined ? {} : { parameters: { ...parameters } }),
    ...(startsAtMs === undefined ? {} : { starts_at: new Date(startsAtMs).toISOString() }),
    ...(asked.extends === undefined ? {} : { extends: asked.extends }),
  };
}

export async function findInCatalog(
  context: CliContext,
  entitlement: string,
): Promise<CatalogItem | undefined> {
  const { client } = await context.api();
  const { items } = await (await client.v1.catalog.$get()).json();
  return items.find((item) => item.entitlement === entitlement);
}

/** @throws Ending `usage` when what is needed is more than may be asked for at a time */
function secondsFor(item: CatalogItem | undefined, asked: Asked): number {
  const most = mostSeconds(item, asked.breakGlass);
  const { durationSeconds, needsSeconds = 0 } = asked;
  const seconds = durationSeconds ?? Math.max(needsSeconds, Math.min(USUAL_SECONDS, most));
  if (item !== undefined && needsSeconds > most) {
    const name = printable(asked.entitlement);
    throw new Ending(
      exitCode.usage,
      `${name} is given for ${sayDuration(most)} at a time, and the command needs ${sayDuration(needsSeconds)}.`,
      `Ask for ${sayDuration(most)} without --needs, and while it runs: countersign request ${name} --extend`,
    );
  }
  if (seconds >= needsSeconds) return seconds;
  throw new Ending(
    exitCode.usage,
    `It is asked for ${sayDuration(seconds)}, and the command needs ${sayDuration(needsSeconds)}.`,
    'Leave -d out, or make it as long as --needs.',
  );
}

function scopeFor(item: CatalogItem | undefined, asked: Asked): readonly AskedPermission[] | undefined {
  if (asked.only === undefined) return undefined;
  return permissionsNamed(fillScope(item?.scope ?? [], asked.parameters ?? {}), asked.only);
}

const mayBeAllowed = (item: CatalogItem, asked: Asked, seconds: number, nowMs: number): boolean =>
  item.eligible &&
  (item.ticket === null || asked.ticket !== undefined) &&
  (!asked.breakGlass || item.break_glass !== null) &&
  seconds <= mostSeconds(item, asked.breakGlass) &&
  parametersMisfit(item.parameters, asked.parameters ?? {}) === undefined &&
  isOfItsTargets(item, asked) &&
  isSoonEnough(item, asked, nowMs);

const isOfItsTargets = (item: CatalogItem, { targets }: Asked): boolean =>
  targets === undefined
    ? item.targets.length === 1
    : targets.every((target) => item.targets.includes(target));

const isSoonEnough = (item: CatalogItem, { startsAtMs }: Asked, nowMs: number): boolean =>
  startsAtMs === undefined ||
  (startsAtMs > nowMs && startsAtMs <= nowMs + (item.schedule_at_most_seconds ?? 0) * 1000);

const mostSeconds = (item: CatalogItem | undefined, breakGlass: boolean): number =>
  (breakGlass ? item?.break_glass?.at_most_seconds : undefined) ?? item?.at_most_seconds ?? USUAL_SECONDS;
