import type { DurableObjectStorage } from '@cloudflare/workers-types';
import { utf8 } from '../log/bytes.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { splitNote } from '../log/note.ts';

const KEPT = 'checkpoint';

/**
 * The newest checkpoint, in an object of its own: the platform can set the log's object back by days, and then this one
 * still knows how far it had come. `GET` tells it, `PUT` brings another, which is kept if it is newer.
 */
export class CheckpointObject {
  readonly #storage: DurableObjectStorage;

  constructor(state: { readonly storage: DurableObjectStorage }) {
    this.#storage = state.storage;
  }

  async fetch(request: Request): Promise<Response> {
    // Read first: between looking and keeping nobody else may come.
    const brought = request.method === 'PUT' ? await request.text() : undefined;
    const kept = await this.#storage.get<string>(KEPT);
    if (brought === undefined) return new Response(kept ?? null, { status: kept === undefined ? 404 : 200 });
    if (kept === undefined || sizeOf(brought) > sizeOf(kept)) await this.#storage.put(KEPT, brought);
    return new Response(null, { status: 204 });
  }
}

const sizeOf = (checkpoint: string): number => parseCheckpoint(splitNote(utf8(checkpoint)).text).size;
