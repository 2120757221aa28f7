import type { GrantView, RequestView } from './answers.ts';
import type { CodeSource } from './code-source.ts';
import type { CliContext } from './context.ts';
import { askedLine, newsLine } from './request-news.ts';
import { type Asked, submitRequest } from './submit-request.ts';
import { type Waiting, waitForDecision } from './wait-for-decision.ts';

/**
 * A grant for this entitlement: one that is there, or what comes of a request that waits already, or of a new one. A
 * ticket that is named must be that one's, because the work goes on its account.
 */
export async function obtainGrant(
  context: CliContext,
  asked: Asked,
  code: CodeSource,
  waiting: Waiting,
): Promise<GrantView> {
  const usable = await findUsableGrant(context, asked);
  if (usable !== undefined) {
    context.output.progress(newsLine('goes on under', usable.grant));
    return usable;
  }
  const pending = asked.breakGlass ? undefined : await findPendingRequest(context, asked);
  if (pending !== undefined) context.output.progress(askedLine(pending));
  const request = pending ?? (await submitRequest(context, asked, code));
  return (await waitForDecision(context, request, waiting)).grant;
}

type Wanted = Pick<Asked, 'entitlement' | 'ticket'>;

/** The caller's grant that lasts longest. */
export async function findUsableGrant(context: CliContext, wanted: Wanted): Promise<GrantView | undefined> {
  const { client } = await context.api();
  // What one person can use at a time is bounded far below a page.
  const { items } = await (await client.v1.grants.$get({ query: { active: 'true', limit: '100' } })).json();
  const fitting = items
    .filter(({ entitlement }) => entitlement === wanted.entitlement)
    .toSorted((a, b) => Date.parse(b.ends_at ?? b.activate_by) - Date.parse(a.ends_at ?? a.activate_by));
  for (const grant of fitting) {
    if (wanted.ticket === undefined) return grant;
    const { ticket } = await (await client.v1.requests[':id'].$get({ param: { id: grant.request } })).json();
    if (ticket === wanted.ticket) return grant;
  }
  return undefined;
}

/** The caller's newest undecided request. */
export async function findPendingRequest(
  context: CliContext,
  wanted: Wanted,
): Promise<RequestView | undefined> {
  const { client } = await context.api();
  const { items } = await (await client.v1.requests.$get({ query: { mine: 'true', limit: '100' } })).json();
  return items.find(
    ({ status, entitlement, ticket }) =>
      status === 'pending' &&
      entitlement === wanted.entitlement &&
      (wanted.ticket === undefined || ticket === wanted.ticket),
  );
}
