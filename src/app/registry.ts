import type { Fold } from '../domain/fold.ts';
import type { StreamId } from '../domain/ids.ts';
import type { Registered } from './command.ts';

/** Every kind of stream there is, by the text before the first `/` of its name. */
export type Registry = ReadonlyMap<string, Registered<unknown>>;

/** Throws when two folds claim one kind. */
export function registryOf(...registered: readonly Registered<unknown>[]): Registry {
  const registry = new Map<string, Registered<unknown>>();
  for (const one of registered) {
    if (registry.has(one.fold.kind)) throw new Error(`two folds for streams of kind ${one.fold.kind}`);
    registry.set(one.fold.kind, one);
  }
  return registry;
}

/** Throws for a stream of a kind that nothing folds. */
export function registeredFor(registry: Registry, stream: StreamId): Registered<unknown> {
  const slash = stream.indexOf('/');
  const found = registry.get(slash === -1 ? stream : stream.slice(0, slash));
  if (found === undefined) throw new Error(`nothing folds streams like ${stream}`);
  return found;
}

/** The fold's own type for a state that was folded by it. Throws when `fold` is not the registered one. */
export function stateFor<State>(
  registry: Registry,
  fold: Fold<State>,
  stream: StreamId,
  state: unknown,
): State {
  const registered: Fold<unknown> = registeredFor(registry, stream).fold;
  if (registered !== fold)
    throw new Error(`streams like ${stream} are not folded by the fold of ${fold.kind}`);
  return state as State; // made by this very fold's `initial` and `evolve`, as just compared
}
