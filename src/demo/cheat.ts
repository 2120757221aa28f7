import Database from 'better-sqlite3';
import { fromUtf8, utf8 } from '../log/bytes.ts';
import { signCheckpoint } from '../log/checkpoint.ts';
import { NO_PREVIOUS, readEntry, sealEntry } from '../log/entry.ts';
import type { NoteSigner } from '../log/note.ts';
import { appendToTiles, emptyTileEdge } from '../log/tile.ts';
import { edgeRoot, leafHash } from '../log/tree.ts';
import { nodeHasher } from '../platform/node-hasher.ts';

/** A consistent copy of a database that is being written to. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const database = new Database(from, { readonly: true });
  await database.backup(to);
  database.close();
}

interface Row {
  readonly seq: number;
  readonly bytes: Buffer;
}

/** The insider with a database console: one entry says something else. Triggers do not stop whoever owns the file. */
export function editOneEntry(path: string, seq: number, change: (text: string) => string): void {
  const database = new Database(path);
  const row = database.prepare('select seq, bytes from entries where seq = ?').get(seq) as Row;
  database.exec('drop trigger entries_are_never_changed');
  const bytes = Buffer.from(change(row.bytes.toString('utf8')));
  database.prepare('update entries set bytes = ? where seq = ?').run(bytes, seq);
  database.close();
}

/** The insider who also has the log's key: one entry changed, and all that follows made anew and signed again. */
export async function rewriteAll(
  path: string,
  seq: number,
  change: (text: string) => string,
  signer: NoteSigner,
): Promise<void> {
  const database = new Database(path);
  const rows = database.prepare('select seq, bytes from entries order by seq').all() as Row[];
  const remade: Uint8Array[] = [];
  const leaves: Uint8Array[] = [];
  for (const row of rows) {
    const text = row.bytes.toString('utf8');
    const bytes = resealed(utf8(row.seq === seq ? change(text) : text), leaves.at(-1) ?? NO_PREVIOUS);
    remade.push(bytes);
    leaves.push(leafHash(nodeHasher, bytes));
  }
  const { edge, tiles } = appendToTiles(nodeHasher, emptyTileEdge, leaves);
  const root = edgeRoot(nodeHasher, edge);
  const checkpoint = await signCheckpoint(
    nodeHasher,
    { origin: signer.name, size: rows.length, root },
    signer,
  );
  database.exec('drop trigger entries_are_never_changed');
  database.transaction(() => {
    const update = database.prepare('update entries set bytes = ? where seq = ?');
    for (const [at, bytes] of remade.entries()) update.run(bytes, at);
    const putTile = database.prepare('insert or replace into tiles (level, n, hashes) values (?, ?, ?)');
    for (const { level, n, hashes } of tiles) putTile.run(level, n, hashes);
    database
      .prepare('update head set root = ?, last_leaf = ?, checkpoint = ?')
      .run(root, leaves.at(-1), checkpoint);
  })();
  database.close();
}

function resealed(bytes: Uint8Array, prev: Uint8Array): Uint8Array {
  const { type, stream, subject, data, seq, id, source, timeMs, streamVersion } = readEntry(bytes);
  return sealEntry({ type, stream, subject, data }, { seq, prev, id, origin: source, timeMs, streamVersion });
}

/** The checkpoint as it stands: what an auditor keeps outside. */
export function currentCheckpoint(path: string): { readonly size: number; readonly note: string } {
  const database = new Database(path, { readonly: true });
  const row = database.prepare('select size, checkpoint from head').get() as {
    size: number;
    checkpoint: Buffer;
  };
  database.close();
  return { size: row.size, note: fromUtf8(row.checkpoint) };
}
