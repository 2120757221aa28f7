import { join } from 'node:path';
import type { AuditReport } from '../../src/audit/report.ts';
import { utf8 } from '../../src/log/bytes.ts';
import { parseCheckpoint } from '../../src/log/checkpoint.ts';
import { readEntry } from '../../src/log/entry.ts';
import { splitNote, verifierKeyOf } from '../../src/log/note.ts';
import { auditLog } from '../../src/platform/audit-log.ts';
import { readKeyFiles } from '../../src/platform/key-files.ts';
import { ed25519Signer, verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { exportTileDirectory } from '../../src/platform/tile-directory.ts';
import { must } from '../http/story.ts';
import { keysOf, type WorkerWorld } from './worker-world.ts';

const PAGE = 500;

/** What an auditor takes away: the checkpoint, and every entry up to it. */
export async function downloaded({ people }: Pick<WorkerWorld, 'people'>) {
  const checkpointNote = utf8(must(await people.noor.get('/v1/log/checkpoint'), 200));
  const { size, origin } = parseCheckpoint(splitNote(checkpointNote).text);
  const entries: Uint8Array[] = [];
  while (entries.length < size) {
    const limit = Math.min(PAGE, size - entries.length);
    const page = must(await people.noor.get(`/v1/log/entries?from=${entries.length}&limit=${limit}`), 200);
    entries.push(...page.items.map(({ bytes }: { bytes: string }) => utf8(bytes)));
  }
  return { checkpointNote, size, origin, entries };
}

/** All three verdicts of the verifier that runs in Node, over files, under the key that `server init` made. */
export async function audited(
  world: WorkerWorld,
  name: string,
  heldCheckpoints: readonly Uint8Array[] = [],
): Promise<AuditReport> {
  const { checkpointNote, size, origin, entries } = await downloaded(world);
  const directory = join(world.data, name);
  await exportTileDirectory({
    directory,
    checkpointNote,
    size,
    entries: async function* (from, to) {
      yield* entries.slice(from, to);
    },
    attachments: attachmentsOf(world, entries),
    hasher: nodeHasher,
  });
  const signer = ed25519Signer(origin, readKeyFiles(keysOf(world)).logPem);
  return auditLog({
    hasher: nodeHasher,
    verify: verifyEd25519,
    origin,
    logKeys: [verifierKeyOf(nodeHasher, signer)],
    checkpointNote,
    heldCheckpoints: [...heldCheckpoints],
    notAfterMs: world.clock.nowMs() + 60_000,
    source: { kind: 'tiles', directory },
    isSelfDeclared: false,
  });
}

async function* attachmentsOf(world: WorkerWorld, entries: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  const digests = new Set(entries.flatMap((bytes) => digestsIn(readEntry(bytes).data)));
  for (const digest of digests) {
    yield utf8(must(await world.people.noor.get(`/v1/log/attachments/${digest}`), 200));
  }
}

const digestsIn = (data: Readonly<Record<string, unknown>>): string[] =>
  ['to_digest', 'text_digest', 'key_set_digest']
    .map((field) => data[field])
    .filter((digest): digest is string => typeof digest === 'string');

export const typesOf = (entries: readonly Uint8Array[]): readonly string[] =>
  entries.map((bytes) => readEntry(bytes).type.replace('countersign.', ''));
