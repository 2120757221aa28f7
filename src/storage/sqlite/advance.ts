import { type Head, OutcomeUnknown, type Write } from '../../app/store.ts';
import type { Client } from './connection.ts';
import { asFailure, leavesDoubt } from './failures.ts';
import { emptyWriteAheadLog, withTracesWiped } from './wipe-traces.ts';
import type { WriteStatements } from './write-statements.ts';

/** Runs `work` in a transaction that takes the write lock at once, and commits it if it answers true. */
export type CommitIf = (work: () => boolean) => boolean;

/** The one transaction that moves the log. */
export function advanceLog(
  client: Client,
  commitIf: CommitIf,
  statements: WriteStatements,
  from: Head,
  write: Write,
): boolean {
  const commit = () => commitIf(() => writeIf(statements, from, write));
  if (write.erase.length === 0 && write.secrets.length === 0) return commit();
  const moved = withTracesWiped(client, commit);
  if (moved && write.erase.length > 0) emptyAfterErasure(client);
  return moved;
}

/** Prepared once, and written out, so that an error of COMMIT is told from one before it. */
export function committing(client: Client): CommitIf {
  const begin = client.prepare('begin immediate');
  const commit = client.prepare('commit');
  const rollback = client.prepare('rollback');
  const rollBack = () => {
    // SQLite may have rolled back by itself (disk full, I/O error).
    if (client.inTransaction) rollback.run();
  };
  return (work) => {
    try {
      begin.run();
      if (!work()) {
        rollBack();
        return false;
      }
    } catch (error) {
      rollBack();
      throw asFailure(error);
    }
    try {
      commit.run();
      return true;
    } catch (error) {
      rollBack();
      throw leavesDoubt(error) ? new OutcomeUnknown('COMMIT failed', { cause: error }) : asFailure(error);
    }
  };
}

function writeIf(statements: WriteStatements, from: Head, write: Write): boolean {
  if (!statements.moveHead(from, write.head)) return false;
  statements.putAll(write);
  return true;
}

function emptyAfterErasure(client: Client): void {
  try {
    emptyWriteAheadLog(client);
  } catch {
    // The erasure is committed; a busy reader only delays when its old page leaves the write-ahead log.
  }
}
