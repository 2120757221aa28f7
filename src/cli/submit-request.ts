import type { CatalogItem, RequestView } from './answers.ts';
import { askLine } from './ask.ts';
import type { CodeSource } from './code-source.ts';
import type { CliContext } from './context.ts';
import { Ending } from './ending.ts';
import { exitCode } from './exit-codes.ts';
import type { AskedPermission } from './option-values.ts';
import { askedLine } from './request-news.ts';

export interface Asked {
  readonly entitlement: string;
  readonly ticket?: string | undefined;
  /** Left out: half an hour, or the limit where that is less. */
  readonly durationSeconds?: number | undefined;
  /** Left out: it is asked for. */
  readonly reason?: string | undefined;
  readonly only?: readonly AskedPermission[] | undefined;
  readonly breakGlass: boolean;
}

const USUAL_SECONDS = 1800;

/** Asks for access, and tells who was asked. @throws Failure, most often `refused-by-rule` */
export async function submitRequest(
  context: CliContext,
  asked: Asked,
  code: CodeSource,
): Promise<RequestView> {
  const { client } = await context.api();
  const item = await findInCatalog(context, asked.entitlement);
  const justification = asked.reason ?? (await askLine(context, 'reason: '));
  if (justification.trim() === '')
    throw new Ending(exitCode.usage, 'A request says what it is for.', 'Say it with -r TEXT.');
  const seconds = asked.durationSeconds ?? Math.min(USUAL_SECONDS, mostSeconds(item, asked.breakGlass));
  // What the policy does not allow is refused, on the record, without spending a code on it.
  const isAllowed = item !== undefined && mayBeAllowed(item, asked, seconds);
  const totp = isAllowed && item.factors.request === 'totp' ? await code() : undefined;
  const answer = await client.v1.requests.$post({
    json: {
      entitlement: asked.entitlement,
      duration_seconds: seconds,
      justification,
      ...(asked.ticket === undefined ? {} : { ticket: asked.ticket }),
      ...(asked.only === undefined ? {} : { scope: [...asked.only] }),
      ...(asked.breakGlass ? { break_glass: true } : {}),
      ...(totp === undefined ? {} : { totp }),
    },
  });
  const view = await answer.json();
  context.output.progress(askedLine(view));
  return view;
}

export async function findInCatalog(
  context: CliContext,
  entitlement: string,
): Promise<CatalogItem | undefined> {
  const { client } = await context.api();
  const { items } = await (await client.v1.catalog.$get()).json();
  return items.find((item) => item.entitlement === entitlement);
}

const mayBeAllowed = (item: CatalogItem, { ticket, breakGlass }: Asked, seconds: number): boolean =>
  item.eligible &&
  (item.ticket === null || ticket !== undefined) &&
  (!breakGlass || item.break_glass !== null) &&
  seconds <= mostSeconds(item, breakGlass);

const mostSeconds = (item: CatalogItem | undefined, breakGlass: boolean): number =>
  (breakGlass ? item?.break_glass?.at_most_seconds : undefined) ?? item?.at_most_seconds ?? USUAL_SECONDS;
