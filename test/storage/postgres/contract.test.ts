import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Store } from '../../../src/app/store.ts';
import { openPostgresStore } from '../../../src/storage/postgres/postgres-store.ts';
import { startTestPostgres, type TestPostgres } from '../../../tools/test-postgres.ts';
import { START_MS } from '../../app/ticket-log.ts';
import { storeContract } from '../../contract/store-contract.ts';

let server: TestPostgres;
const opened: Store[] = [];

beforeAll(async () => {
  server = await startTestPostgres();
});

afterEach(async () => {
  // One that a test closed itself says so; that is all right.
  await Promise.allSettled(opened.splice(0).map((store) => store.close()));
});

afterAll(() => server?.stop());

storeContract('PostgreSQL', async () => {
  const url = await server.createDatabase();
  return {
    async open() {
      const store = await openPostgresStore(url, { nowMs: START_MS });
      opened.push(store);
      return store;
    },
  };
});
