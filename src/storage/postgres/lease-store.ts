import { sql } from 'drizzle-orm';
import type { LeaseStore } from '../../app/store.ts';
import { type Database, prepared } from './connection.ts';
import { asFailure } from './failures.ts';

const value = sql.placeholder;

/** Of this very moment, not of the transaction's beginning: whoever waited for the row must not see an earlier one. */
const nowMs = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

const takeStatement = prepared<{ job: string }>(sql`insert into jobs (job, holder, until_ms)
  values (${value('job')}, ${value('holder')}, ${nowMs} + ${value('for')}::bigint)
  on conflict (job) do update set holder = excluded.holder, until_ms = ${nowMs} + ${value('for_again')}::bigint
  where jobs.holder = excluded.holder
    or jobs.until_ms not between ${nowMs} + 1 and ${nowMs} + 2 * ${value('for_the_bound')}::bigint
  returning job`);
const releaseStatement = prepared(
  sql`delete from jobs where job = ${value('job')} and holder = ${value('holder')}`,
);

/** Leases in their own table, each change one statement. */
export function leaseStore(database: Database): LeaseStore {
  const orFailure = (error: unknown): never => {
    throw asFailure(error);
  };
  return {
    take: async (job, holder, forMs) => {
      const taken = await database.send(takeStatement, [job, holder, forMs, forMs, forMs]).catch(orFailure);
      return taken.length === 1;
    },
    release: async (job, holder) => {
      await database.send(releaseStatement, [job, holder]).catch(orFailure);
    },
  };
}
