import type { GrantView, RequestView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import type { Asked } from '../requests/submit-request.ts';
import { sayMoment } from '../say-time.ts';
import { extensionOf } from './grant-standing.ts';
import { liveGrants } from './obtain-grant.ts';

/**
 * What to ask for so that a running grant goes on as it is: its target, parameters and ticket, and as much of the scope
 * as it has; what the command line says stands in their place. Or the request that asks for it already.
 * @throws Ending when nothing of that name runs, several do, or it is extended already
 */
export async function extensionAsked(
  context: CliContext,
  asked: Asked,
): Promise<{ readonly asked: Asked } | { readonly pending: RequestView }> {
  const grants = await liveGrants(context);
  const grant = runningGrant(grants, asked);
  const extension = extensionOf(grant, grants);
  if (extension !== undefined) throw extendedAlready(context, grant, extension);
  const { client } = await context.api();
  const [{ items }, request] = await Promise.all([
    client.v1.requests.$get({ query: { mine: 'true', limit: '100' } }).then((answer) => answer.json()),
    client.v1.requests[':id'].$get({ param: { id: grant.request } }).then((answer) => answer.json()),
  ]);
  const pending = items.find((view) => view.status === 'pending' && view.extends === grant.grant);
  if (pending !== undefined) return { pending };
  const only = grant.scope.map(({ action, resource }) => ({ action, resource }));
  return {
    asked: {
      ...asked,
      only: asked.only ?? only,
      targets: [grant.target],
      parameters: asked.parameters ?? request.parameters,
      ticket: asked.ticket ?? request.ticket ?? undefined,
      extends: grant.grant,
    },
  };
}

function runningGrant(grants: readonly GrantView[], { entitlement, targets }: Asked): GrantView {
  const fitting = grants.filter(
    (grant) =>
      grant.status === 'active' &&
      grant.entitlement === entitlement &&
      (targets === undefined || targets.includes(grant.target)),
  );
  const [only, ...more] = fitting;
  if (only === undefined) throw nothingRuns(grants, entitlement);
  if (more.length === 0) return only;
  throw new Ending(
    exitCode.usage,
    `${fitting.length} grants of ${printable(entitlement)} run; one is extended at a time.`,
    `Say which: ${[...new Set(fitting.map(({ target }) => `--target ${target}`))].join(' or ')}`,
  );
}

function nothingRuns(grants: readonly GrantView[], entitlement: string): Ending {
  const unopened = grants.find((grant) => grant.entitlement === entitlement && grant.status !== 'active');
  const message = `You have no running grant of ${printable(entitlement)} to extend.`;
  const mend =
    unopened === undefined
      ? `Ask anew: countersign request ${entitlement}`
      : `${unopened.grant} was not opened yet, and its time runs from then: countersign exec ${entitlement} -- COMMAND …`;
  return new Ending(exitCode.failure, message, mend);
}

function extendedAlready({ surroundings }: CliContext, grant: GrantView, extension: GrantView): Ending {
  const from = sayMoment(extension.starts_at ?? grant.ends_at ?? '', surroundings.nowMs());
  return new Ending(
    exitCode.failure,
    `${grant.grant} is extended already, from ${from}, by ${extension.grant}.`,
    'Once that one runs it can be extended in its turn.',
  );
}
