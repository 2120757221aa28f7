import { type SQL, sql } from 'drizzle-orm';
import type { SecretChange, SecretStore, StoredSecret } from '../../app/store.ts';
import { Failure } from '../../domain/errors.ts';
import { secretParts } from './commit-statement.ts';
import { type Database, prepared, type Statement } from './connection.ts';
import { asFailure, leavesDoubt } from './failures.ts';

const value = sql.placeholder;
const columns = sql`id, person, kind, value, expires_at_ms as "expiresAtMs"`;
const isOne = sql`kind = ${value('kind')} and id = ${value('id')}`;

const getStatement = prepared<StoredSecret>(sql`select ${columns} from secrets where ${isOne}`);
const ofPersonStatement = prepared<StoredSecret>(
  sql`select ${columns} from secrets where kind = ${value('kind')} and person = ${value('person')} order by id`,
);
const takeOne = sql`taken as (delete from secrets where ${isOne} returning *)`;
const expiredStatement = prepared<{ count: number }>(sql`with
  old_secrets as (delete from secrets where expires_at_ms <= ${value('now')} returning 1),
  old_keys as (delete from idempotency where expires_at_ms <= ${value('now_again')} returning 1)
  select (select count(*) from old_secrets)::int + (select count(*) from old_keys)::int as count`);

/** Secrets in their own table; each change is one statement, hence one durable transaction. */
export function secretStore(database: Database): SecretStore {
  const send = async <Row>(
    statement: Statement<Row>,
    values: readonly unknown[],
  ): Promise<readonly Row[]> => {
    try {
      return await database.send(statement, values);
    } catch (error) {
      throw leavesDoubt(error) ? unknown(error) : asFailure(error);
    }
  };
  return {
    get: async (kind, id) => (await database.read(getStatement, [kind, id]))[0],
    ofPerson: (kind, person) => database.read(ofPersonStatement, [kind, person]),
    async put(changes) {
      if (changes.length === 0) return;
      const { clauses, values } = changing(changes, sql`true`);
      await send(prepared(sql`with ${sql.join(clauses, sql`, `)} select 1 as done`), values);
    },
    async take(kind, id, changes = []) {
      const { clauses, values } = changing(changes, sql`exists (select from taken)`);
      const text = sql`with ${sql.join([takeOne, ...clauses], sql`, `)} select ${columns} from taken`;
      return (await send(prepared<StoredSecret>(text), [kind, id, ...values]))[0];
    },
    deleteExpired: async (nowMs) => (await send(expiredStatement, [nowMs, nowMs]))[0]?.count ?? 0,
  };
}

function changing(
  secrets: readonly SecretChange[],
  when: SQL,
): { readonly clauses: SQL[]; readonly values: readonly unknown[] } {
  const used = secretParts.flatMap(({ name, template, columns: columnsOf }) => {
    const values = columnsOf({ secrets });
    return values === undefined
      ? []
      : [{ clause: sql`${sql.identifier(name)} as (${template(when)})`, values }];
  });
  return { clauses: used.map(({ clause }) => clause), values: used.flatMap(({ values }) => values) };
}

const unknown = (cause: unknown): Failure =>
  new Failure('store-unavailable', 'the database did not say whether this was kept', {
    mend: 'Begin this step again: what was half done is of no use to anybody.',
    cause,
  });
