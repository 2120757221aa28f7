import { sql } from 'drizzle-orm';
import type { Head, SecretChange, StateRow, Write } from '../../app/store.ts';
import type { Tile } from '../../log/tile.ts';
import type { ReadModelStatements } from './read-model-statements.ts';
import { prepare, prepareRows, type SqlClient } from './sql-client.ts';

const value = sql.placeholder;

/** The parts of a commit, prepared once. All run inside the caller's transaction. */
export interface WriteStatements {
  /** False: there is a head already. */
  insertHead(head: Head): boolean;
  /** False: the stored head is not `from`. */
  moveHead(from: Head, to: Head): boolean;
  isHead(head: Head): boolean;
  putAll(write: Write): void;
  putTile(tile: Tile): void;
  putState(row: StateRow): void;
  changeSecret(change: SecretChange): void;
}

export function writeStatements(client: SqlClient, readModels: ReadModelStatements): WriteStatements {
  const puts = { ...logStatements(client), ...besideStatements(client), readModels };
  return {
    ...headStatements(client),
    putTile: puts.putTile,
    putState: (row) => puts.putStates([row]),
    changeSecret: puts.changeSecret,
    putAll: (write) => putAll(puts, write),
  };
}

type Puts = ReturnType<typeof logStatements> &
  ReturnType<typeof besideStatements> & { readonly readModels: ReadModelStatements };

function putAll(puts: Puts, write: Write): void {
  puts.putEntries(write.entries.map(({ seq, stream, version, bytes }) => [seq, stream, version, bytes]));
  for (const tile of write.tiles) puts.putTile(tile);
  puts.putStates(write.states);
  for (const change of write.rows) puts.readModels.apply(change);
  for (const one of write.disclosures) puts.putDisclosure.run(one.seq, one.field, one.key, one.value);
  for (const one of write.erase) puts.erase.run(one.seq, one.field);
  for (const one of write.attachments) puts.putAttachment.run(one.digest, one.bytes);
  for (const change of write.secrets) puts.changeSecret(change);
  for (const used of write.idempotency) {
    puts.putIdempotency.run(used.key, used.digest, used.about, used.expiresAtMs);
  }
}

function headStatements(client: SqlClient): Pick<WriteStatements, 'insertHead' | 'moveHead' | 'isHead'> {
  const insert = prepare(
    client,
    sql`insert into head (id, size, root, last_leaf, time_ms, checkpoint)
      values (1, ${value('size')}, ${value('root')}, ${value('leaf')}, ${value('time')}, ${value('checkpoint')})
      on conflict (id) do nothing returning 1`,
  );
  const move = prepare(
    client,
    sql`update head set size = ${value('size')}, root = ${value('root')}, last_leaf = ${value('leaf')},
      time_ms = ${value('time')}, checkpoint = ${value('checkpoint')}
      where id = 1 and size = ${value('from_size')} and root = ${value('from_root')} returning 1`,
  );
  const same = prepare(
    client,
    sql`select 1 from head where id = 1 and size = ${value('from_size')} and root = ${value('from_root')}`,
  );
  return {
    insertHead: (head) => insert.get(...headValues(head)) !== undefined,
    moveHead: (from, to) => move.get(...headValues(to), from.size, from.root) !== undefined,
    isHead: (head) => same.get(head.size, head.root) !== undefined,
  };
}

function headValues(head: Head): unknown[] {
  return [head.size, head.root, head.lastLeaf, head.timeMs, head.checkpoint];
}

function logStatements(client: SqlClient) {
  const putEntries = prepareRows<[number, string, number, Uint8Array]>(client, {
    into: 'entries',
    columns: ['seq', 'stream', 'version', 'bytes'],
  });
  const putTile = prepare<[number, number, Uint8Array]>(
    client,
    sql`insert into tiles (level, n, hashes) values (${value('level')}, ${value('n')}, ${value('hashes')})
      on conflict (level, n) do update set hashes = excluded.hashes`,
  );
  const putRows = prepareRows<[string, number, string, number | null]>(client, {
    into: 'streams',
    columns: ['stream', 'version', 'state', 'due_at_ms'],
    onConflict: `on conflict (stream) do update set
      version = excluded.version, state = excluded.state, due_at_ms = excluded.due_at_ms`,
  });
  return {
    putEntries,
    putTile: (tile: Tile) => void putTile.run(tile.level, tile.n, tile.hashes),
    putStates: (rows: readonly StateRow[]) =>
      putRows(rows.map(({ stream, version, state, dueAtMs }) => [stream, version, state, dueAtMs])),
  };
}

function besideStatements(client: SqlClient) {
  const putSecret = prepare<[string, string, string, Uint8Array, number | null]>(
    client,
    sql`insert into secrets (kind, id, person, value, expires_at_ms)
      values (${value('kind')}, ${value('id')}, ${value('person')}, ${value('value')}, ${value('expires')})
      on conflict (kind, id) do update set
        person = excluded.person, value = excluded.value, expires_at_ms = excluded.expires_at_ms`,
  );
  const dropSecret = prepare<[string, string]>(
    client,
    sql`delete from secrets where kind = ${value('kind')} and id = ${value('id')}`,
  );
  return {
    putDisclosure: prepare<[number, string, Uint8Array, string]>(
      client,
      sql`insert into disclosures (seq, field, key, value)
        values (${value('seq')}, ${value('field')}, ${value('key')}, ${value('value')})`,
    ),
    erase: prepare<[number, string]>(
      client,
      sql`delete from disclosures where seq = ${value('seq')} and field = ${value('field')}`,
    ),
    putAttachment: prepare<[string, Uint8Array]>(
      client,
      sql`insert into attachments (digest, bytes) values (${value('digest')}, ${value('bytes')})
        on conflict (digest) do nothing`,
    ),
    putIdempotency: prepare<[string, string, string, number]>(
      client,
      sql`insert into idempotency (key, digest, about, expires_at_ms)
        values (${value('key')}, ${value('digest')}, ${value('about')}, ${value('expires')})
        on conflict (key) do update set
          digest = excluded.digest, about = excluded.about, expires_at_ms = excluded.expires_at_ms`,
    ),
    changeSecret: (change: SecretChange) => {
      if (change.value === null) dropSecret.run(change.kind, change.id);
      else putSecret.run(change.kind, change.id, change.person, change.value, change.expiresAtMs);
    },
  };
}
