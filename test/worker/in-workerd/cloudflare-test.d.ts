/** What these tests use of it; its own types bring a whole runtime's globals along, which are at odds with Node's. */
declare module 'cloudflare:test' {
  import type {
    DurableObjectNamespace,
    DurableObjectState,
    DurableObjectStub,
  } from '@cloudflare/workers-types';
  import type { ObjectNamespace } from '../../../src/worker/bindings.ts';

  export const env: { readonly STORE: DurableObjectNamespace; readonly CHECKPOINTS: ObjectNamespace };
  export function runInDurableObject<R>(
    stub: DurableObjectStub,
    callback: (instance: unknown, state: DurableObjectState) => R | Promise<R>,
  ): Promise<R>;
}
