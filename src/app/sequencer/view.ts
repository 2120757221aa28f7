import type { StreamId } from '../../domain/ids.ts';
import type { View } from '../command.ts';
import { type Registry, stateFor } from '../registry.ts';
import type { Head } from '../store.ts';
import type { Folded } from './load-streams.ts';

/** What a decision may see: the streams it named and nothing else. */
export function viewOf(
  registry: Registry,
  origin: string,
  head: Head,
  named: readonly StreamId[],
  folded: (stream: StreamId) => Folded | undefined,
): View {
  const find = (stream: StreamId): Folded => {
    const found = named.includes(stream) ? folded(stream) : undefined;
    if (found === undefined) throw new Error(`the command did not name the stream ${stream} that it reads`);
    return found;
  };
  return {
    head,
    origin,
    names: (stream) => named.includes(stream),
    state: (fold, stream) => stateFor(registry, fold, stream, find(stream).state),
    version: (stream) => find(stream).version,
  };
}
