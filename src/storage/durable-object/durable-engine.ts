import type { DurableObjectStorage } from '@cloudflare/workers-types';
import { OutcomeUnknown } from '../../app/store.ts';
import { Failure } from '../../domain/errors.ts';
import type { Engine } from '../sqlite/sql-client.ts';
import { sqlStorageClient } from './sql-storage.ts';

const TAKEN_BACK = new Error('the work was taken back');

/** SQLite in a Durable Object: one connection, one thread, one writer. */
export function durableEngine(storage: DurableObjectStorage): Engine {
  return {
    client: sqlStorageClient(storage.sql),
    // Nothing is wiped here: what is deleted stays in the platform's point-in-time recovery for its thirty days.
    transaction<T>(work: () => T): T {
      const done: T[] = [];
      try {
        storage.transactionSync(() => {
          done.push(work());
          if (done[0] === false) throw TAKEN_BACK;
        });
      } catch (error) {
        if (error !== TAKEN_BACK) throw asFailure(error);
      }
      return done[0] as T; // the work ran, or this line is not reached
    },
    // Nobody else runs between two statements.
    atOneMoment: (work) => work(),
    async settled() {
      try {
        await storage.sync();
      } catch (cause) {
        throw new OutcomeUnknown('the Durable Object could not say that its commit is durable', { cause });
      }
    },
    asFailure,
    close: () => undefined,
  };
}

/** What its SQLite refused, as `store-unavailable`; anything else unchanged. */
function asFailure(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes('SQLITE_')) return error;
  const mend = error.message.includes('SQLITE_FULL')
    ? 'The object has reached the size that the platform gives it: docs/scale.md says what can be done.'
    : 'Try again; the platform’s status page and `wrangler tail` may say more.';
  return new Failure('store-unavailable', `the Durable Object’s database refused: ${error.message}`, {
    mend,
    cause: error,
  });
}
