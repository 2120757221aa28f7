import type { Database } from './connection.ts';

/** Advisory locks hold for one database; any number will do that nobody else uses. */
const LOCK = 4_715_063_221;
const WAIT_MS = 500;
/** A holder that is paused loses the lock to the server's own clock. */
const MOST_IDLE_SECONDS = 10;
/** How long turns are waited for after brokers were last in each other's way. */
const WARY_MS = 1_000;
/** A lock that took longer was somebody's: they are still at it. */
const WAITED_MS = 3;
/** After a turn of this length the next is asked for: somebody may be at the door, and among long ones it costs little. */
const LONG_TURN_MS = 20;

/** Who decides next, among brokers that write to one database. Only saves work: what is safe, the head's condition says. */
export interface Turns {
  take<T>(work: () => Promise<T>): Promise<T>;
  /** Another broker was first: from now on it is worth waiting. */
  lost(): void;
}

/** Brokers that are never in each other's way never wait, and pay nothing. */
export function turns(database: Database, monotonicMs: () => number = () => performance.now()): Turns {
  let waryUntilMs = Number.NEGATIVE_INFINITY;
  let lastMs = 0;
  const beWary = () => {
    waryUntilMs = monotonicMs() + WARY_MS;
  };
  return {
    lost: beWary,
    async take(work) {
      const askedMs = monotonicMs();
      const isWary = askedMs <= waryUntilMs || lastMs >= LONG_TURN_MS;
      const release = isWary ? await lock(database).catch(() => undefined) : undefined;
      const beganMs = monotonicMs();
      if (isWary && beganMs - askedMs > WAITED_MS) beWary();
      try {
        return await work();
      } finally {
        lastMs = monotonicMs() - beganMs;
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
