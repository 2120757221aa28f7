import { storeContract } from '../contract/store-contract.ts';
import { emptyDatabase } from './memory-database.ts';
import { memoryStore } from './memory-store.ts';

storeContract('In memory', async () => {
  const database = emptyDatabase();
  return { open: async () => memoryStore(database) };
});
