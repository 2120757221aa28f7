import { sql } from 'drizzle-orm';
import type { SecretChange, SecretStore, StoredSecret } from '../../app/store.ts';
import { type Client, inWriteTransaction, prepare } from './connection.ts';
import { answered } from './failures.ts';
import { withTracesWiped } from './wipe-traces.ts';

const value = sql.placeholder;

/** Secrets in their own table; each change is one durable transaction, and what is deleted is overwritten. */
export function secretStore(client: Client, changeSecret: (change: SecretChange) => void): SecretStore {
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
      sql`delete from ${sql.identifier(table)} where expires_at_ms <= ${value('now')}`,
    );
  const [secretsExpired, keysExpired] = [expired('secrets'), expired('idempotency')];
  const changeAll = (changes: readonly SecretChange[]) => {
    for (const change of changes) changeSecret(change);
  };
  const change = <T>(work: () => T) =>
    answered(() => withTracesWiped(client, () => inWriteTransaction(client, work)));
  return {
    get: (kind, id) => answered(() => get.get(kind, id)),
    // Sorted here: `order by` made it three times as slow.
    ofPerson: (kind, person) =>
      answered(() => ofPerson.all(kind, person).sort((a, b) => (a.id < b.id ? -1 : 1))),
    put: (changes) => change(() => changeAll(changes)),
    take: (kind, id, changes = []) =>
      change(() => {
        const taken = take.get(kind, id);
        if (taken !== undefined) changeAll(changes);
        return taken;
      }),
    deleteExpired: (nowMs) =>
      change(() => secretsExpired.run(nowMs).changes + keysExpired.run(nowMs).changes),
  };
}
