/** Nothing but storage: the tests do the rest. */
export class StoreObject {}

export default { fetch: () => new Response('there is nothing here') };
