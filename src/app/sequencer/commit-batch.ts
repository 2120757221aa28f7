import { equalBytes } from '../../log/bytes.ts';
import { signCheckpoint } from '../../log/checkpoint.ts';
import type { Hasher } from '../../log/hasher.ts';
import type { NoteSigner } from '../../log/note.ts';
import { appendToTiles } from '../../log/tile.ts';
import { edgeRoot } from '../../log/tree.ts';
import { type Registry, registeredFor } from '../registry.ts';
import { type Head, OutcomeUnknown, type StateRow, type Store, type Write } from '../store.ts';
import type { TrustedLog } from './checked-log.ts';
import type { Batch } from './decide-batch.ts';

export interface Signing {
  readonly hasher: Hasher;
  /** Its name is the log's origin. */
  readonly signer: NoteSigner;
  readonly registry: Registry;
}

/** Extends the tree by the batch's leaves and signs the new root: everything a commit writes, before it begins. */
export async function signBatch(
  signing: Signing,
  trusted: TrustedLog,
  batch: Batch,
): Promise<{ readonly write: Write; readonly next: TrustedLog }> {
  const { hasher, signer } = signing;
  const { edge, tiles } = appendToTiles(hasher, trusted.edge, batch.leaves);
  const root = edgeRoot(hasher, edge);
  const checkpoint = await signCheckpoint(hasher, { origin: signer.name, size: edge.size, root }, signer);
  const lastLeaf = batch.leaves.at(-1) ?? trusted.head.lastLeaf;
  const head: Head = { size: edge.size, root, lastLeaf, timeMs: batch.timeMs, checkpoint };
  const write: Write = {
    head,
    entries: batch.entries,
    tiles,
    states: stateRows(signing.registry, batch),
    rows: [...batch.rows.values()],
    disclosures: batch.disclosures,
    erase: batch.erase,
    attachments: batch.attachments,
    secrets: batch.secrets,
    idempotency: [...batch.used.values()],
  };
  return { write, next: { head, edge } };
}

/** How often a commit whose answer was lost is looked up and sent again. */
const MOST_SENDINGS = 3;

/**
 * `advance`, with a lost answer looked up in the store. The very same bytes are sent again, never new ones: a commit
 * that was only slow then meets itself, and nothing is recorded twice. false: nothing of ours is there.
 * @throws OutcomeUnknown when the store does not tell
 */
export async function advanceForSure(store: Store, from: Head, write: Write): Promise<boolean> {
  let lost: OutcomeUnknown | undefined;
  for (let sending = 1; sending <= MOST_SENDINGS; sending++) {
    const answer = await send(store, from, write, lost !== undefined);
    if (answer === true) return true;
    if (answer === false) return lost !== undefined && (await isStored(store, write, lost));
    lost = answer;
    if (await isStored(store, write, lost)) return true;
  }
  throw lost ?? new OutcomeUnknown('the commit was never sent');
}

/** A first sending that fails wrote nothing, and says why; after a lost one, any failure leaves doubt. */
async function send(
  store: Store,
  from: Head,
  write: Write,
  again: boolean,
): Promise<boolean | OutcomeUnknown> {
  try {
    return await store.advance(from, write);
  } catch (error) {
    if (error instanceof OutcomeUnknown) return error;
    if (again) return new OutcomeUnknown('no answer to a repeated commit', { cause: error });
    throw error;
  }
}

async function isStored(store: Store, write: Write, unknown: OutcomeUnknown): Promise<boolean> {
  try {
    const head = await store.head();
    if (head === undefined || head.size < write.head.size) return false;
    return await holdsEntries(store, write);
  } catch (error) {
    throw new OutcomeUnknown(unknown.message, { cause: error });
  }
}

/** Entry ids are random: bytes that are equal are ours and nobody else's. */
async function holdsEntries(store: Store, write: Write): Promise<boolean> {
  const first = write.entries[0]?.seq ?? write.head.size;
  let at = 0;
  for await (const bytes of store.entries(first, write.head.size)) {
    const ours = write.entries[at++];
    if (ours === undefined || !equalBytes(ours.bytes, bytes)) return false;
  }
  return at === write.entries.length;
}

function stateRows(registry: Registry, batch: Batch): readonly StateRow[] {
  return [...batch.changed].map(([stream, { version, state }]) => {
    const { fold } = registeredFor(registry, stream);
    return { stream, version, state: JSON.stringify(state), dueAtMs: fold.dueAtMs(state, stream) };
  });
}
