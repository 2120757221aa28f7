import { sql } from 'drizzle-orm';
import type { Attachment, Disclosure, Head, StateRow } from '../../app/store.ts';
import type { StreamId } from '../../domain/ids.ts';
import { type Database, prepared } from './connection.ts';

const value = sql.placeholder;

const PAGE_ENTRIES = 1_000;

export const headStatement = prepared<Head>(
  sql`select size, root, last_leaf as "lastLeaf", time_ms as "timeMs", checkpoint from head where id = 1`,
);
const entriesStatement = prepared<{ bytes: Uint8Array }>(
  sql`select bytes from entries where seq >= ${value('from')} and seq < ${value('to')} order by seq`,
);
const tileStatement = prepared<{ hashes: Uint8Array }>(
  sql`select hashes from tiles where level = ${value('level')} and n = ${value('n')}`,
);
const stateStatement = prepared<StateRow>(
  sql`select stream, version, state, due_at_ms as "dueAtMs" from streams where stream = ${value('stream')}`,
);
const dueStatement = prepared<{ stream: StreamId; dueAtMs: number }>(
  sql`select stream, due_at_ms as "dueAtMs" from streams
    where due_at_ms is not null and due_at_ms <= ${value('now')} order by due_at_ms, stream limit ${value('limit')}`,
);
const attachmentStatement = prepared<Attachment>(
  sql`select digest, bytes from attachments where digest = ${value('digest')}`,
);
const nextAttachmentStatement = prepared<Attachment>(
  sql`select digest, bytes from attachments where digest > ${value('digest')} order by digest limit 1`,
);
const disclosuresStatement = prepared<Omit<Disclosure, 'value'> & { value: Uint8Array }>(
  sql`select seq, field, key, value from disclosures where seq = any(${value('seqs')}::bigint[]) order by seq, field`,
);

export async function readHead(database: Database): Promise<Head | undefined> {
  return (await database.read(headStatement))[0];
}

export async function* entryPages(database: Database, from: number, to: number): AsyncIterable<Uint8Array> {
  for (let at = from; at < to; at += PAGE_ENTRIES) {
    const page = await database.read(entriesStatement, [at, Math.min(to, at + PAGE_ENTRIES)]);
    yield* page.map(({ bytes }) => bytes);
  }
}

export async function readTile(
  database: Database,
  level: number,
  n: number,
): Promise<Uint8Array | undefined> {
  return (await database.read(tileStatement, [level, n]))[0]?.hashes;
}

export async function readState(database: Database, stream: StreamId): Promise<StateRow | undefined> {
  return (await database.read(stateStatement, [stream]))[0];
}

export function readDue(database: Database, nowMs: number, limit: number) {
  return database.read(dueStatement, [nowMs, limit]);
}

export async function readAttachment(database: Database, digest: string): Promise<Uint8Array | undefined> {
  return (await database.read(attachmentStatement, [digest]))[0]?.bytes;
}

export async function* attachmentPages(database: Database): AsyncIterable<Attachment> {
  const next = async (after: string) => (await database.read(nextAttachmentStatement, [after]))[0];
  for (let one = await next(''); one !== undefined; one = await next(one.digest)) yield one;
}

/** In the order asked for. */
export async function readDisclosures(
  database: Database,
  seqs: readonly number[],
): Promise<readonly Disclosure[]> {
  const found = Map.groupBy(await database.read(disclosuresStatement, [seqs]), ({ seq }) => seq);
  return seqs.flatMap((seq) =>
    (found.get(seq) ?? []).map((one) => ({ ...one, value: new TextDecoder().decode(one.value) })),
  );
}
