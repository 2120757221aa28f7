import { storeContract } from '../../contract/store-contract.ts';
import { newPlace } from './store-place.ts';

storeContract('Durable Object', async () => newPlace());
