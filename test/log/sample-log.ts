import { createHash } from 'node:crypto';
import { base64url } from '../../src/log/bytes.ts';
import { signCheckpoint } from '../../src/log/checkpoint.ts';
import type { EntryDraft } from '../../src/log/entry.ts';
import { NO_PREVIOUS, sealEntry } from '../../src/log/entry.ts';
import type { NoteSigner } from '../../src/log/note.ts';
import { appendLeaves, edgeRoot, emptyEdge, leafHash } from '../../src/log/tree.ts';
import type { ReadEntries } from '../../src/log/verify.ts';
import { ed25519Signer, generateEd25519Pem } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

export const origin = 'log.example/countersign';
export const startMs = Date.UTC(2030, 0, 2, 3, 4, 5, 678);

export function newSigner(name: string = origin): NoteSigner {
  return ed25519Signer(name, generateEd25519Pem());
}

/** Seals drafts into a chain, one second apart, with ids made from the position and a salt. */
export function sealAll(drafts: readonly EntryDraft[], salt = ''): Uint8Array[] {
  const versions = new Map<string, number>();
  const sealed: Uint8Array[] = [];
  let prev = NO_PREVIOUS;
  for (const [seq, draft] of drafts.entries()) {
    const streamVersion = (versions.get(draft.stream) ?? 0) + 1;
    versions.set(draft.stream, streamVersion);
    const id = base64url(createHash('sha256').update(`${salt}/${seq}`).digest().subarray(0, 16));
    const bytes = sealEntry(draft, { seq, prev, id, origin, timeMs: startMs + 1000 * seq, streamVersion });
    prev = leafHash(nodeHasher, bytes);
    sealed.push(bytes);
  }
  return sealed;
}

export function sampleDrafts(count: number): EntryDraft[] {
  return Array.from({ length: count }, (_, at) => ({
    type: 'countersign.request.submitted.v1',
    stream: `request/${at % 7}`,
    subject: `${at % 7}`,
    data: { number: at, text: 'naïve “quotes” \\ 😀' },
  }));
}

export function rootOf(entries: readonly Uint8Array[]): Uint8Array {
  const leaves = entries.map((bytes) => leafHash(nodeHasher, bytes));
  return edgeRoot(nodeHasher, appendLeaves(nodeHasher, emptyEdge, leaves));
}

export function checkpointOf(entries: readonly Uint8Array[], signer: NoteSigner): Promise<Uint8Array> {
  return signCheckpoint(nodeHasher, { origin, size: entries.length, root: rootOf(entries) }, signer);
}

export function reader(entries: readonly Uint8Array[]): ReadEntries {
  return async function* (from, to) {
    yield* entries.slice(from, to);
  };
}
