import type { Store } from '../app/store.ts';
import { formatEntryBundle, TILE_WIDTH } from '../log/tile.ts';

/** Entries [from, to), each after its length in 16 bits as in C2SP entry bundles; read as fast as they are taken. */
export function entryStream(
  store: Pick<Store, 'entries'>,
  from: number,
  to: number,
): ReadableStream<Uint8Array> {
  let next = from;
  return new ReadableStream({
    async pull(controller) {
      const end = Math.min(next + TILE_WIDTH, to);
      const entries: Uint8Array[] = [];
      for await (const bytes of store.entries(next, end)) entries.push(bytes);
      controller.enqueue(formatEntryBundle(entries));
      // A store with fewer than it should have ends the answer early, which the verifier finds.
      next = entries.length < end - next ? to : end;
      if (next >= to) controller.close();
    },
  });
}
