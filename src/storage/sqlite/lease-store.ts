import { sql } from 'drizzle-orm';
import type { LeaseStore } from '../../app/store.ts';
import { answered, type Engine, prepare } from './sql-client.ts';

const value = sql.placeholder;

/** The machine's clock, which is the same for every process that has the file open. */
const nowMs = sql`cast(unixepoch('subsec') * 1000 as integer)`;

/** Leases in their own table, each change one statement. */
export function leaseStore(engine: Engine): LeaseStore {
  const { client } = engine;
  const take = prepare<[string, string, number, number]>(
    client,
    sql`insert into jobs (job, holder, until_ms)
      values (${value('job')}, ${value('holder')}, ${nowMs} + ${value('for')})
      on conflict (job) do update set holder = excluded.holder, until_ms = excluded.until_ms
      where jobs.holder = excluded.holder
        or jobs.until_ms not between ${nowMs} + 1 and ${nowMs} + 2 * ${value('for_again')}
      returning 1`,
  );
  const release = prepare<[string, string]>(
    client,
    sql`delete from jobs where job = ${value('job')} and holder = ${value('holder')}`,
  );
  return {
    take: (job, holder, forMs) => answered(engine, () => take.get(job, holder, forMs, forMs) !== undefined),
    release: (job, holder) => answered(engine, () => void release.run(job, holder)),
  };
}
