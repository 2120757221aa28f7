import { idPattern } from '../../domain/ids.ts';
import type { GrantView, RequestView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { sayPerson } from '../say-people.ts';

/** The request that an id names: its own, or its grant's. @throws Ending `usage`, Failure `not-found` */
export async function findRequest(context: CliContext, id: string): Promise<RequestView> {
  const { client } = await context.api();
  const request = idPattern.grant.test(id) ? (await oneGrant(context, id)).request : id;
  if (!idPattern.request.test(request)) throw noSuchId(id);
  return (await client.v1.requests[':id'].$get({ param: { id: request } })).json();
}

/** The grant that an id names: its own, or its request's. @throws Ending, Failure `not-found` */
export async function findGrant(context: CliContext, id: string): Promise<GrantView> {
  if (idPattern.grant.test(id)) return oneGrant(context, id);
  const { grants, request, status } = await findRequest(context, id);
  const [only] = grants;
  if (grants.length > 1) {
    const ids = grants.map(
      ({ grant, person, target }) => `${grant} (${sayPerson(person)} on ${printable(target)})`,
    );
    throw new Ending(exitCode.usage, `${request} has ${grants.length} grants: say which.`, ids.join(' · '));
  }
  if (only !== undefined) return only;
  const mend = status === 'pending' ? `countersign withdraw ${request}` : `countersign show ${request}`;
  throw new Ending(exitCode.failure, `${request} is ${status}; no grant came of it.`, mend);
}

async function oneGrant(context: CliContext, id: string): Promise<GrantView> {
  const { client } = await context.api();
  return (await client.v1.grants[':id'].$get({ param: { id } })).json();
}

// The id becomes part of a path: nothing but an id may get there.
const noSuchId = (id: string): Ending =>
  new Ending(
    exitCode.usage,
    `“${printable(id)}” is no request and no grant.`,
    'Ids look like r-… and g-…: countersign ls',
  );
