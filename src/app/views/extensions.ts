import { type RequestId, streams } from '../../domain/ids.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { GrantState, RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';

/** A grant that carries another on from its end. */
export interface Extension {
  /** The grant that it carries on. */
  readonly extends: string;
  readonly request: RequestId;
  readonly grant: GrantState;
}

/** Extensions of extensions are followed this far: an access that is asked for hour by hour, for a day. */
const FOLLOWED = 24;

/**
 * Those that carry these grants on, approved and not taken away, one after the other. The list finds them; what is told
 * of them is folded from the log.
 */
export async function extensionsOf(
  broker: Broker,
  grants: readonly string[],
): Promise<(grant: string) => readonly Extension[]> {
  const found = new Map<string, Extension>();
  let wanted: readonly string[] = [...new Set(grants)];
  for (let step = 0; step < FOLLOWED && wanted.length > 0; step += 1) {
    const next = (await Promise.all(wanted.map((grant) => extensionOf(broker, grant)))).filter(
      (extension) => extension !== undefined,
    );
    for (const extension of next) found.set(extension.extends, extension);
    wanted = next.map(({ grant }) => grant.grant).filter((grant) => !found.has(grant));
  }
  return (grant) => chainFrom(found, grant);
}

function chainFrom(found: ReadonlyMap<string, Extension>, grant: string): readonly Extension[] {
  const chain: Extension[] = [];
  for (let next = found.get(grant); next !== undefined && chain.length < FOLLOWED; ) {
    chain.push(next);
    next = found.get(next.grant.grant);
  }
  return chain;
}

/** Several may have been asked for: the newest that became a grant and was not taken away. */
async function extensionOf(broker: Broker, grant: string): Promise<Extension | undefined> {
  for (const state of await requestsExtending(broker, grant)) {
    const [approved] = Object.values(state.grants);
    const isThere = approved !== undefined && approved.revokeRequestedAtMs === null;
    if (isThere && state.request !== null) return { extends: grant, request: state.request, grant: approved };
  }
  return undefined;
}

/** Every request that is, by its own entries, to carry this grant on; newest first. */
export async function requestsExtending(broker: Broker, grant: string): Promise<readonly RequestState[]> {
  const rows = await broker.store.rows({ table: 'requests', where: { extends_grant: grant }, limit: 20 });
  if (rows.length === 0) return [];
  const named = rows.map((row) => streams.request(String(row['key'])));
  const view = await broker.sequencer.read(named);
  return named
    .map((stream) => view.state(requestFold, stream))
    .filter((state) => state.extends?.grant === grant);
}
