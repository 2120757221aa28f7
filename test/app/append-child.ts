import { openLog } from '../../src/app/sequencer/sequencer.ts';
import type { Store } from '../../src/app/store.ts';
import { Failure } from '../../src/domain/errors.ts';
import { ed25519Signer } from '../../src/platform/node-ed25519.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { storeWith } from './tampering.ts';
import { openStore } from './temporary-database.ts';
import { origin, partsOn, writeTicket } from './ticket-log.ts';

/**
 * A broker in a process of its own: `node append-child.ts PLACE NAME COUNT STEP`, the log's key in the environment; the
 * place is a file or an address of PostgreSQL.
 * Writes COUNT tickets, eight at a time, and prints a line for each only after it was answered. It kills itself in its
 * first commit at STEP: `before` or `after` the store's answer, or as the store begins to write that part of it.
 */
const [path = '', name = '', count = '0', dieAt = 'never'] = process.argv.slice(2);
const signer = ed25519Signer(origin, process.env['LOG_KEY'] ?? '');
const store = await openPlace(path);
const log = await openLog(partsOn(dying(store), { signer, clock: systemClock }));
let next = 0;

async function openPlace(place: string): Promise<Store> {
  if (!place.startsWith('postgres:')) return openStore(place);
  const { openPostgresStore } = await import('../../src/storage/postgres/postgres-store.ts');
  return openPostgresStore(place, { nowMs: 0 });
}

/** What was refused is not written again: whether it was recorded is just what is to be found out. */
async function writeOne(ticket: string): Promise<void> {
  try {
    const { seq } = await log.submit(writeTicket(ticket));
    process.stdout.write(`${ticket} ${seq}\n`);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'store-unavailable') throw error;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('outlived SIGKILL');
}

/** Each part of a write is read when the transaction comes to it: reading one of them is the end. */
function dying(store: Store): Store {
  return storeWith(store, {
    advance: async (from, write) => {
      if (dieAt === 'before') die();
      const part = Object.hasOwn(write, dieAt) ? { get: die } : undefined;
      const answer = await store.advance(
        from,
        part === undefined ? write : Object.defineProperty({ ...write }, dieAt, part),
      );
      return dieAt === 'after' ? die() : answer;
    },
  });
}

async function write(): Promise<void> {
  while (next < Number(count)) {
    await writeOne(`${name}-${next++}`);
  }
}

await Promise.all(Array.from({ length: 8 }, write));
await log.stop();
await store.close();
