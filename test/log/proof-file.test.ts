import { expect, test } from 'vitest';
import { utf8 } from '../../src/log/bytes.ts';
import { verifierKeyOf } from '../../src/log/note.ts';
import { checkProofFile, formatProofFile, inclusionProof, parseProofFile } from '../../src/log/proof.ts';
import { leafHash } from '../../src/log/tree.ts';
import { verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { checkpointOf, newSigner, rootOf, sampleDrafts, sealAll } from './sample-log.ts';

const signer = newSigner();
const keys = [verifierKeyOf(nodeHasher, signer)];
const entries = sealAll(sampleDrafts(21));
const checkpointNote = await checkpointOf(entries, signer);
const index = 13;
const entry = entries[index] ?? new Uint8Array(0);
const hashes = await inclusionProof(nodeHasher, index, 21, (level, at) =>
  level === 0
    ? leafHash(nodeHasher, entries[at] ?? new Uint8Array(0))
    : rootOf(entries.slice(at * 2 ** level, (at + 1) * 2 ** level)),
);

test('a proof file shows an entry to be in the log, with the keys alone', async () => {
  const file = parseProofFile(formatProofFile({ index, hashes, checkpointNote }));
  const opened = await checkProofFile(nodeHasher, file, entry, keys, verifyEd25519);
  expect(opened.checkpoint).toMatchObject({ size: 21, root: rootOf(entries) });
});

test('a proof file shows nothing of another entry, at another index, or by another log', async () => {
  const file = { index, hashes, checkpointNote };
  const check = (more: object, bytes = entry, by = keys): Promise<unknown> =>
    checkProofFile(nodeHasher, { ...file, ...more }, bytes, by, verifyEd25519);
  await expect(check({}, utf8('another'))).rejects.toMatchObject({ reason: 'root-differs' });
  await expect(check({ index: 12 })).rejects.toMatchObject({ reason: 'root-differs' });
  await expect(check({ index: 21 })).rejects.toMatchObject({ reason: 'index-outside-tree' });
  await expect(check({}, entry, [verifierKeyOf(nodeHasher, newSigner())])).rejects.toMatchObject({
    reason: 'no-known-signature',
  });
});

test('a proof file with a negative index or a hash cut short is not written', () => {
  expect(() => formatProofFile({ index: -1, hashes, checkpointNote })).toThrow(
    expect.objectContaining({ reason: 'index-outside-tree' }),
  );
  expect(() => formatProofFile({ index, hashes: [new Uint8Array(31)], checkpointNote })).toThrow(
    expect.objectContaining({ reason: 'bad-hash-length' }),
  );
});
