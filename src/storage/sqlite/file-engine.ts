import { OutcomeUnknown } from '../../app/store.ts';
import { type Client, readTransaction } from './connection.ts';
import { asFailure, leavesDoubt } from './failures.ts';
import { joinedEntries } from './joined-entries.ts';
import type { Engine, Wipes } from './sql-client.ts';
import { emptyWriteAheadLog, withTracesWiped } from './wipe-traces.ts';

/** SQLite in this process, on a file that others may have open too. */
export function fileEngine(client: Client): Engine {
  const commit = committing(client);
  return {
    client,
    transaction<T>(work: () => T, wipes: Wipes = 'nothing'): T {
      if (wipes === 'nothing') return commit(work);
      const done = withTracesWiped(client, () => commit(work));
      if (wipes === 'texts' && done !== false) emptyAfterErasure(client);
      return done;
    },
    prepareEntries: () => joinedEntries(client),
    atOneMoment: readTransaction(client),
    // COMMIT has flushed it.
    settled: async () => undefined,
    asFailure: (error) => asFailure(error instanceof OutcomeUnknown ? error.cause : error),
    close: () => void client.close(),
  };
}

/**
 * Makes what runs its work in a transaction that takes the write lock at once, and commits it unless it answers false.
 * Prepared once, and written out, so that an error of COMMIT is told from one before it.
 */
export function committing(client: Client): <T>(work: () => T) => T {
  const begin = client.prepare('begin immediate');
  const commit = client.prepare('commit');
  const rollback = client.prepare('rollback');
  const rollBack = () => {
    // SQLite may have rolled back by itself (disk full, I/O error).
    if (client.inTransaction) rollback.run();
  };
  return <T>(work: () => T): T => {
    let done: T;
    try {
      begin.run();
      done = work();
      if (done === false) {
        rollBack();
        return done;
      }
    } catch (error) {
      rollBack();
      throw asFailure(error);
    }
    try {
      commit.run();
      return done;
    } catch (error) {
      rollBack();
      throw leavesDoubt(error) ? new OutcomeUnknown('COMMIT failed', { cause: error }) : asFailure(error);
    }
  };
}

function emptyAfterErasure(client: Client): void {
  try {
    emptyWriteAheadLog(client);
  } catch {
    // The erasure is committed; a busy reader only delays when its old page leaves the write-ahead log.
  }
}
