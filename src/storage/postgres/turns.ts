import type { Database } from './connection.ts';

/** Advisory locks hold for one database; any number will do that nobody else uses. */
const LOCK = 4_715_063_221;
const WAIT_MS = 500;
/** A holder that is paused loses the lock to the server's own clock. */
const MOST_IDLE_SECONDS = 10;
/** How many turns are waited for after another broker's entries were seen. */
const WARY_TURNS = 256;

/** Who decides next, among brokers that write to one database. Only saves work: what is safe, the head's condition says. */
export interface Turns {
  take<T>(work: () => Promise<T>): Promise<T>;
  /** Another broker writes too: from now on it is worth waiting. */
  othersWrite(): void;
}

/** A broker that is alone never waits, and pays nothing. */
export function turns(database: Database): Turns {
  let wary = 0;
  return {
    othersWrite: () => {
      wary = WARY_TURNS;
    },
    async take(work) {
      if (wary === 0) return work();
      wary--;
      const release = await lock(database).catch(() => undefined);
      if (release === undefined) wary = 0;
      try {
        return await work();
      } finally {
        await release?.();
      }
    },
  };
}

/** Rejects when somebody keeps it too long, or the database does not answer. */
function lock(database: Database): Promise<() => Promise<void>> {
  return new Promise((locked, refused) => {
    const held = database.on(async (client) => {
      await client.query(
        `begin; set local lock_timeout = ${WAIT_MS}; set local idle_in_transaction_session_timeout = '${MOST_IDLE_SECONDS}s'; select pg_advisory_xact_lock(${LOCK})`,
      );
      await new Promise<void>((release) => {
        locked(async () => {
          release();
          await held.catch(() => undefined);
        });
      });
      await client.query('rollback');
    });
    held.catch(refused);
  });
}
