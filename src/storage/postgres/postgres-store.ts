import { OutcomeUnknown, type Store } from '../../app/store.ts';
import { advanceStatement, beginStatement, type CommitStatement } from './commit-statement.ts';
import { type Database, openDatabase } from './connection.ts';
import { derivedRows, replaceDerivedRows } from './derived.ts';
import { asFailure, leavesDoubt } from './failures.ts';
import { leaseStore } from './lease-store.ts';
import { migrate } from './migrate.ts';
import { rowsStatement } from './read-model-parts.ts';
import {
  attachmentPages,
  entryPages,
  readAttachment,
  readDisclosures,
  readDue,
  readHead,
  readState,
  readTile,
} from './read-statements.ts';
import { checkRights, grantToBroker } from './rights.ts';
import { secretStore } from './secret-store.ts';
import { readSnapshot } from './snapshot.ts';
import { turns } from './turns.ts';

export interface PostgresStoreOptions {
  /** When a migration is applied; only remembered. */
  readonly nowMs: number;
  readonly migrationsDirectory?: string;
  /** Told, in a sentence, what is less guarded than it could be. */
  readonly notice?: (what: string) => void;
}

/**
 * The log in a PostgreSQL database, which several brokers may share. Makes the schema if it is missing and the role
 * may. Throws `Failure`: `malformed-input` for a wrong address, `store-unavailable` for a server that does not answer,
 * is too old or gives too few rights, `read-only` for a schema that this program does not know.
 */
export async function openPostgresStore(url: string, options: PostgresStoreOptions): Promise<Store> {
  const database = openDatabase(url);
  try {
    await migrate(database, options.nowMs, options.migrationsDirectory);
    for (const notice of await checkRights(database)) options.notice?.(notice);
    return storeOn(database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Brings the schema up, as its owner, and gives `role`, if one is named, what a broker needs and no more.
 * @returns the migrations that were applied
 */
export async function migratePostgres(
  url: string,
  given: { readonly nowMs: number; readonly role?: string; readonly migrationsDirectory?: string },
): Promise<readonly string[]> {
  const database = openDatabase(url);
  try {
    const applied = await migrate(database, given.nowMs, given.migrationsDirectory);
    if (given.role !== undefined) await grantToBroker(database, given.role);
    return applied;
  } finally {
    await database.close();
  }
}

function storeOn(database: Database): Store {
  const queue = turns(database);
  return {
    load: (streams, idempotency) => readSnapshot(database, streams, idempotency),
    async advance(from, write) {
      const moved = await commit(database, advanceStatement(from, write));
      if (!moved) queue.lost();
      return moved;
    },
    commitsElsewhere: true,
    turn: (work) => queue.take(work),
    entries: (from, to) => entryPages(database, from, to),
    head: () => readHead(database),
    begin: (write) => commit(database, beginStatement(write)),
    tile: (level, n) => readTile(database, level, n),
    attachment: (digest) => readAttachment(database, digest),
    attachments: () => attachmentPages(database),
    disclosures: (seqs) => readDisclosures(database, seqs),
    async rows(query) {
      const { statement, values } = rowsStatement(query);
      return database.read(statement, values);
    },
    state: (stream) => readState(database, stream),
    due: (nowMs, limit) => readDue(database, nowMs, limit),
    async replaceDerived(from, derived) {
      try {
        return await replaceDerivedRows(database, from, derived);
      } catch (error) {
        throw asFailure(error);
      }
    },
    derived: () => derivedRows(database),
    secrets: secretStore(database),
    leases: leaseStore(database),
    close: () => database.close(),
  };
}

async function commit(database: Database, { statement, values }: CommitStatement): Promise<boolean> {
  try {
    const [answer] = await database.send(statement, values);
    return answer?.moved === 1;
  } catch (error) {
    if (leavesDoubt(error))
      throw new OutcomeUnknown('the database did not answer a commit', { cause: error });
    throw asFailure(error);
  }
}
