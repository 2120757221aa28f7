import { signCheckpoint } from '../../log/checkpoint.ts';
import { NO_PREVIOUS } from '../../log/entry.ts';
import type { Hasher } from '../../log/hasher.ts';
import type { NoteSigner } from '../../log/note.ts';
import { emptyRoot } from '../../log/tree.ts';
import type { Store } from '../store.ts';

/**
 * Signs the head of the empty log, so that the first entry is a command like any other. false: a log is there already,
 * and it is left as it is.
 */
export async function beginLog(parts: {
  readonly store: Store;
  readonly hasher: Hasher;
  readonly signer: NoteSigner;
}): Promise<boolean> {
  const { store, hasher, signer } = parts;
  const root = emptyRoot(hasher);
  const checkpoint = await signCheckpoint(hasher, { origin: signer.name, size: 0, root }, signer);
  return store.begin({
    head: { size: 0, root, lastLeaf: NO_PREVIOUS, timeMs: 0, checkpoint },
    entries: [],
    tiles: [],
    states: [],
    rows: [],
    disclosures: [],
    erase: [],
    attachments: [],
    secrets: [],
    idempotency: [],
  });
}
