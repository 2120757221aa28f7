import { sql } from 'drizzle-orm';
import type { SecretChange, SecretStore, StoredSecret } from '../../app/store.ts';
import { answered, type Engine, prepare } from './sql-client.ts';

const value = sql.placeholder;

/** Secrets in their own table; each change is one durable transaction, and what is deleted is overwritten. */
export function secretStore(engine: Engine, changeSecret: (change: SecretChange) => void): SecretStore {
  const { client } = engine;
  const columns = sql`id, person, kind, value, expires_at_ms as "expiresAtMs"`;
  const isOne = sql`kind = ${value('kind')} and id = ${value('id')}`;
  const get = prepare<[string, string], StoredSecret>(
    client,
    sql`select ${columns} from secrets where ${isOne}`,
  );
  const ofPerson = prepare<[string, string], StoredSecret>(
    client,
    sql`select ${columns} from secrets where kind = ${value('kind')} and person = ${value('person')}`,
  );
  const take = prepare<[string, string], StoredSecret>(
    client,
    sql`delete from secrets where ${isOne} returning ${columns}`,
  );
  const expired = (table: string) =>
    prepare<[number]>(
      client,
      sql`delete from ${sql.identifier(table)} where expires_at_ms <= ${value('now')} returning 1`,
    );
  const [secretsExpired, keysExpired] = [expired('secrets'), expired('idempotency')];
  const changeAll = (changes: readonly SecretChange[]) => {
    for (const change of changes) changeSecret(change);
  };
  const change = async <T>(work: () => T): Promise<T> => {
    const done = await answered(engine, () => engine.transaction(work, 'secrets'));
    await engine.settled();
    return done;
  };
  return {
    get: (kind, id) => answered(engine, () => get.get(kind, id)),
    // Sorted here: `order by` made it three times as slow.
    ofPerson: (kind, person) =>
      answered(engine, () => ofPerson.all(kind, person).sort((a, b) => (a.id < b.id ? -1 : 1))),
    put: (changes) => change(() => changeAll(changes)),
    take: (kind, id, changes = []) =>
      change(() => {
        const taken = take.get(kind, id);
        if (taken !== undefined) changeAll(changes);
        return taken;
      }),
    deleteExpired: (nowMs) => change(() => secretsExpired.all(nowMs).length + keysExpired.all(nowMs).length),
  };
}
