import { writeFileSync } from 'node:fs';
import { fromUtf8 } from '../../log/bytes.ts';
import { HASH_BYTES } from '../../log/hasher.ts';
import {
  BadProof,
  checkProofFile,
  formatProofFile,
  inclusionProof,
  parseProofFile,
} from '../../log/proof.ts';
import { appendLeaves, emptyEdge, leafHash } from '../../log/tree.ts';
import { verifyEd25519 } from '../../platform/node-ed25519.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { pathFrom } from '../surroundings.ts';
import { findEntry } from './find-entry.ts';
import { beliefOf, type LogSource } from './log-source.ts';

/**
 * Writes one entry and the proof that it is in the signed log (C2SP tlog-proof), to be checked by whoever has the log's
 * key and nothing else. The proof is checked here first.
 * @throws Ending `usage`, `verificationFailed`
 */
export async function proveEntry(
  { surroundings, output }: CliContext,
  source: LogSource,
  named: string,
  out: string | undefined,
): Promise<void> {
  const seq = await findEntry(source, named);
  const entry = await entryAt(source, seq);
  const hashes = await inclusionProof(nodeHasher, seq, source.size, await subtreesFor(source, seq));
  const proof = formatProofFile({ index: seq, hashes, checkpointNote: source.checkpointNote });
  await check(source, proof, entry, seq);
  const text = fromUtf8(proof);
  if (out === undefined)
    return output.result({ entry: seq, size: source.size, proof: text }, text.trimEnd().split('\n'));
  const base = pathFrom(surroundings, out);
  const files = { entry: `${base}.json`, proof: `${base}.tlog-proof` };
  writeNew(files.entry, entry);
  writeNew(files.proof, proof);
  output.result({ entry: seq, size: source.size, files }, [
    `#${seq} of ${source.size} entries: ${files.entry}, proved by ${files.proof}`,
  ]);
}

async function entryAt(source: LogSource, seq: number): Promise<Uint8Array> {
  for await (const bytes of source.entries(seq, seq + 1)) return bytes;
  throw new Ending(exitCode.failure, `Entry #${seq} is not there.`, 'Export the log anew.');
}

const place = (level: number, index: number): string => `${level}/${index}`;

/** Of all the tree the few hashes that the proof is made of, from the entries themselves: nothing stored is believed. */
async function subtreesFor(source: LogSource, seq: number) {
  const wanted = new Set<string>();
  await inclusionProof(nodeHasher, seq, source.size, (level, index) => {
    wanted.add(place(level, index));
    return new Uint8Array(HASH_BYTES);
  });
  const kept = new Map<string, Uint8Array>();
  const keep = (level: number, index: number, hash: Uint8Array) => {
    if (wanted.has(place(level, index))) kept.set(place(level, index), hash);
  };
  let edge = emptyEdge;
  for await (const bytes of source.entries(0, source.size)) {
    const leaf = leafHash(nodeHasher, bytes);
    keep(0, edge.size, leaf);
    edge = appendLeaves(nodeHasher, edge, [leaf], keep);
  }
  return (level: number, index: number): Uint8Array => {
    const hash = kept.get(place(level, index));
    if (hash === undefined) throw new BadProof('missing-hashes');
    return hash;
  };
}

async function check(source: LogSource, proof: Uint8Array, entry: Uint8Array, seq: number): Promise<void> {
  const { logKeys } = await beliefOf(source, undefined);
  try {
    await checkProofFile(nodeHasher, parseProofFile(proof), entry, logKeys, verifyEd25519);
  } catch {
    throw new Ending(
      exitCode.verificationFailed,
      `Entry #${seq} does not lead to the root that was signed: the log was altered.`,
      'countersign log verify says where.',
    );
  }
}

function writeNew(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes, { flag: 'wx' });
  } catch {
    throw new Ending(exitCode.usage, `${path} is there already, or cannot be written.`, 'Name a new file.');
  }
}
