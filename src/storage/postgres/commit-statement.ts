import { type SQL, sql } from 'drizzle-orm';
import type { Head, SecretChange, Write } from '../../app/store.ts';
import type { ColumnType } from './binary-array.ts';
import { prepared, type Statement } from './connection.ts';
import { columnsOf, lastOf, type Part, unnested } from './part.ts';
import { readModelParts } from './read-model-parts.ts';

const value = sql.placeholder;

interface Moved {
  readonly moved: number;
}

export interface CommitStatement {
  readonly statement: Statement<Moved>;
  readonly values: readonly unknown[];
}

/**
 * The whole commit as ONE statement, hence one transaction and one round trip: the head is moved if it is still the
 * expected one, and every other part happens if it was. All parts see the moment before: a row is never touched twice.
 */
export function advanceStatement(from: Head, write: Write): CommitStatement {
  return commitStatement('advance', moveHead, [...headValues(write.head), from.size, from.root], write);
}

/** The same for the first head of an empty log. */
export function beginStatement(write: Write): CommitStatement {
  return commitStatement('begin', insertHead, headValues(write.head), write);
}

const moveHead = sql`update head set size = ${value('size')}, root = ${value('root')}, last_leaf = ${value('leaf')},
  time_ms = ${value('time')}, checkpoint = ${value('checkpoint')}
  where id = 1 and size = ${value('from_size')} and root = ${value('from_root')} returning 1`;

/** Gives a row when there was no head yet. */
export const insertHead = sql`insert into head (id, size, root, last_leaf, time_ms, checkpoint)
  values (1, ${value('size')}, ${value('root')}, ${value('leaf')}, ${value('time')}, ${value('checkpoint')})
  on conflict (id) do nothing returning 1`;

export const headValues = (head: Head): readonly unknown[] => [
  head.size,
  head.root,
  head.lastLeaf,
  head.timeMs,
  head.checkpoint,
];

function commitStatement(
  kind: string,
  head: SQL,
  headGiven: readonly unknown[],
  write: Write,
): CommitStatement {
  const used = parts.flatMap((part) => {
    const columns = part.columns(write);
    return columns === undefined ? [] : [{ part, columns }];
  });
  const shape = [kind, ...used.map(({ part }) => part.name)].join(' ');
  const statement =
    statements.get(shape) ??
    statementOf(
      head,
      used.map(({ part }) => part),
    );
  statements.set(shape, statement);
  return { statement, values: [...headGiven, ...used.flatMap(({ columns }) => columns)] };
}

/** By the parts they have; a broker meets a few dozen. */
const statements = new Map<string, Statement<Moved>>();

function statementOf(head: SQL, used: readonly Part[]): Statement<Moved> {
  const happens = sql`exists (select from moved)`;
  const clauses = [
    sql`moved as (${head})`,
    ...used.map(({ name, template }) => sql`${sql.identifier(name)} as (${template(happens)})`),
  ];
  return prepared(sql`with ${sql.join(clauses, sql`, `)} select count(*)::int as moved from moved`);
}

const erasureKey = (one: { readonly seq: number; readonly field: string }) => `${one.seq} ${one.field}`;

/** What is disclosed and erased in one batch was never there. */
function disclosuresThatStay(write: Pick<Write, 'disclosures' | 'erase'>): Write['disclosures'] {
  const erased = new Set(write.erase.map(erasureKey));
  return erased.size === 0
    ? write.disclosures
    : write.disclosures.filter((one) => !erased.has(erasureKey(one)));
}

const entryTypes: readonly ColumnType[] = ['bigint', 'text', 'bigint', 'bytea'];

const entryPart: Part<'entries'> = {
  name: 'put_entries',
  template: (when) => sql`insert into entries (seq, stream, version, bytes)
      select * from ${unnested(entryTypes)} where ${when}`,
  columns: ({ entries }) =>
    columnsOf(entryTypes, entries, (one) => [one.seq, one.stream, one.version, one.bytes]),
};

const tileTypes: readonly ColumnType[] = ['bigint', 'bigint', 'bytea'];
const stateTypes: readonly ColumnType[] = ['text', 'bigint', 'text', 'bigint'];

const indexParts: readonly Part<'tiles' | 'states'>[] = [
  {
    name: 'put_tiles',
    template: (when) => sql`insert into tiles (level, n, hashes)
      select * from ${unnested(tileTypes)} where ${when}
      on conflict (level, n) do update set hashes = excluded.hashes`,
    columns: ({ tiles }) =>
      columnsOf(
        tileTypes,
        lastOf(tiles, ({ level, n }) => `${level}/${n}`),
        (one) => [one.level, one.n, one.hashes],
      ),
  },
  {
    name: 'put_states',
    template: (when) => sql`insert into streams (stream, version, state, due_at_ms)
      select * from ${unnested(stateTypes)} where ${when}
      on conflict (stream) do update set
        version = excluded.version, state = excluded.state, due_at_ms = excluded.due_at_ms`,
    columns: ({ states }) =>
      columnsOf(
        stateTypes,
        lastOf(states, ({ stream }) => stream),
        (one) => [one.stream, one.version, one.state, one.dueAtMs],
      ),
  },
];

const disclosureTypes: readonly ColumnType[] = ['bigint', 'text', 'bytea', 'bytea'];
const erasedTypes: readonly ColumnType[] = ['bigint', 'text'];
const attachmentTypes: readonly ColumnType[] = ['text', 'bytea'];
const idempotencyTypes: readonly ColumnType[] = ['text', 'text', 'text', 'bigint'];

const besideParts: readonly Part<'disclosures' | 'erase' | 'attachments' | 'idempotency'>[] = [
  {
    name: 'put_disclosures',
    template: (when) => sql`insert into disclosures (seq, field, key, value)
      select * from ${unnested(disclosureTypes)} where ${when}`,
    columns: (write) =>
      columnsOf(disclosureTypes, disclosuresThatStay(write), (one) => [
        one.seq,
        one.field,
        one.key,
        Buffer.from(one.value),
      ]),
  },
  {
    name: 'erase',
    template: (when) => sql`delete from disclosures using ${unnested(erasedTypes)} as gone (seq, field)
      where disclosures.seq = gone.seq and disclosures.field = gone.field and ${when}`,
    columns: ({ erase }) => columnsOf(erasedTypes, erase, (one) => [one.seq, one.field]),
  },
  {
    name: 'put_attachments',
    template: (when) => sql`insert into attachments (digest, bytes)
      select * from ${unnested(attachmentTypes)} where ${when}
      on conflict (digest) do nothing`,
    columns: ({ attachments }) => columnsOf(attachmentTypes, attachments, (one) => [one.digest, one.bytes]),
  },
  {
    name: 'put_idempotency',
    template: (when) => sql`insert into idempotency (key, digest, about, expires_at_ms)
      select * from ${unnested(idempotencyTypes)} where ${when}
      on conflict (key) do update set
        digest = excluded.digest, about = excluded.about, expires_at_ms = excluded.expires_at_ms`,
    columns: ({ idempotency }) =>
      columnsOf(
        idempotencyTypes,
        lastOf(idempotency, ({ key }) => key),
        (one) => [one.key, one.digest, one.about, one.expiresAtMs],
      ),
  },
];

const secretTypes: readonly ColumnType[] = ['text', 'text', 'text', 'bytea', 'bigint'];
const droppedTypes: readonly ColumnType[] = ['text', 'text'];

/** Also what a secret store writes by itself, under a condition of its own. */
export const secretParts: readonly Part<'secrets'>[] = [
  {
    name: 'put_secrets',
    template: (when) => sql`insert into secrets (kind, id, person, value, expires_at_ms)
      select * from ${unnested(secretTypes)} where ${when}
      on conflict (kind, id) do update set
        person = excluded.person, value = excluded.value, expires_at_ms = excluded.expires_at_ms`,
    columns: ({ secrets }) =>
      columnsOf(
        secretTypes,
        lastSecrets(secrets).filter(({ value: kept }) => kept !== null),
        (one) => [one.kind, one.id, one.person, one.value, one.expiresAtMs],
      ),
  },
  {
    name: 'drop_secrets',
    template: (when) => sql`delete from secrets using ${unnested(droppedTypes)} as gone (kind, id)
      where secrets.kind = gone.kind and secrets.id = gone.id and ${when}`,
    columns: ({ secrets }) =>
      columnsOf(
        droppedTypes,
        lastSecrets(secrets).filter(({ value: kept }) => kept === null),
        (one) => [one.kind, one.id],
      ),
  },
];

/** In one order everywhere, so that two writers never wait for each other. */
const lastSecrets = (changes: readonly SecretChange[]): readonly SecretChange[] =>
  lastOf(changes, ({ kind, id }) => `${kind}\n${id}`);

/** What a rebuild writes too. */
export const derivedParts: readonly Part<'tiles' | 'states' | 'rows'>[] = [...indexParts, ...readModelParts];

/** What a copy takes along. */
export const storedParts: readonly Part<
  'entries' | 'disclosures' | 'erase' | 'attachments' | 'secrets' | 'idempotency'
>[] = [entryPart, ...besideParts, ...secretParts];

const parts: readonly Part[] = [entryPart, ...derivedParts, ...besideParts, ...secretParts];
