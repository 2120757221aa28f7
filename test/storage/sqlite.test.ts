import { openStore, temporaryDatabase } from '../app/temporary-database.ts';
import { storeContract } from '../contract/store-contract.ts';

storeContract('SQLite', async () => {
  const path = temporaryDatabase();
  return { open: async () => openStore(path) };
});
