import { openStore, temporaryDatabase } from '../app/ticket-log.ts';
import { storeContract } from '../contract/store-contract.ts';

storeContract('SQLite', async () => {
  const path = temporaryDatabase();
  return { open: async () => openStore(path) };
});
