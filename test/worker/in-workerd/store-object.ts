export { CheckpointObject } from '../../../src/worker/checkpoint-object.ts';

/** Nothing but storage: the tests do the rest. */
export class StoreObject {
  /** The tests ring by themselves. */
  alarm(): void {}
}

export default { fetch: () => new Response('there is nothing here') };
