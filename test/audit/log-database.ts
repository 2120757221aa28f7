import Database from 'better-sqlite3';
import { type LogKey, signCheckpoint } from '../../src/log/checkpoint.ts';
import { verifierKeyOf } from '../../src/log/note.ts';
import { appendToTiles, emptyTileEdge, type TileEdge } from '../../src/log/tile.ts';
import { edgeRoot } from '../../src/log/tree.ts';
import { ed25519Signer, generateEd25519Pem, verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import type { Written } from './write-log.ts';

/** A log in a database, with what an auditor needs to judge it. */
export interface StoredLog {
  readonly hasher: typeof nodeHasher;
  readonly verify: typeof verifyEd25519;
  readonly origin: string;
  readonly size: number;
  readonly logKeys: readonly LogKey[];
  readonly checkpointNote: Uint8Array;
  readonly source: { readonly kind: 'sqlite'; readonly path: string };
}

const ENTRIES_A_TRANSACTION = 8192;

/** Stores entries with their tiles in a new database, whose removal is the caller's, and signs the end. */
export function logDatabase(path: string) {
  const database = new Database(path);
  database.pragma('journal_mode = OFF');
  database.pragma('synchronous = OFF');
  database.exec(`create table entries (seq integer primary key, stream text, version integer, bytes blob);
    create table tiles (level integer, n integer, hashes blob, primary key (level, n));
    create table attachments (digest text primary key, bytes blob);
    begin`);
  const insert = database.prepare('insert into entries values (?, ?, ?, ?)');
  const put = database.prepare('insert or replace into tiles values (?, ?, ?)');
  const attach = database.prepare('insert into attachments values (?, ?)');
  let edge: TileEdge = emptyTileEdge;
  let leaves: Uint8Array[] = [];

  const flush = () => {
    const grown = appendToTiles(nodeHasher, edge, leaves);
    for (const { level, n, hashes } of grown.tiles) put.run(level, n, hashes);
    edge = grown.edge;
    leaves = [];
    database.exec('commit; begin');
  };

  return {
    put({ entry, bytes }: Written): void {
      insert.run(entry.seq, entry.stream, entry.streamVersion, bytes);
      leaves.push(entry.leafHash);
      if (leaves.length === ENTRIES_A_TRANSACTION) flush();
    },
    async finish(origin: string, attachments: ReadonlyMap<string, Uint8Array>): Promise<StoredLog> {
      for (const [digest, bytes] of attachments) attach.run(digest, bytes);
      flush();
      database.exec('commit');
      database.close();
      const signer = ed25519Signer(origin, generateEd25519Pem());
      const { size } = edge;
      const checkpoint = { origin, size, root: edgeRoot(nodeHasher, edge) };
      return {
        hasher: nodeHasher,
        verify: verifyEd25519,
        origin,
        size,
        logKeys: [verifierKeyOf(nodeHasher, signer)],
        checkpointNote: await signCheckpoint(nodeHasher, checkpoint, signer),
        source: { kind: 'sqlite', path },
      };
    },
  };
}
