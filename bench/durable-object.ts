import type { DurableObjectStorage } from '@cloudflare/workers-types';
import type { Sequencer } from '../src/app/command.ts';
import { beginLog } from '../src/app/sequencer/begin-log.ts';
import { openLog } from '../src/app/sequencer/sequencer.ts';
import { ed25519Signer, generateEd25519Pem } from '../src/platform/node-ed25519.ts';
import { bundledMigrations } from '../src/storage/durable-object/bundled-migrations.ts';
import { openDurableStore } from '../src/storage/durable-object/durable-store.ts';
import { append, BENCH_ORIGIN, benchParts } from './bench-commands.ts';
import { ratePerSecond } from './harness.ts';

export { CheckpointObject } from '../src/worker/checkpoint-object.ts';

/** The store in workerd, measured where it runs: `POST /ours` or `/bare` with `?writers=N&milliseconds=N`. */
export class BrokerObject {
  readonly #storage: DurableObjectStorage;
  #log: Promise<Sequencer> | undefined;
  #rows = 0;

  constructor(state: { readonly storage: DurableObjectStorage }) {
    this.#storage = state.storage;
  }

  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [writers, milliseconds] = [
      Number(searchParams.get('writers')),
      Number(searchParams.get('milliseconds')),
    ];
    const rate =
      pathname === '/ours'
        ? await this.#ours(writers, milliseconds)
        : await this.#bare(writers, milliseconds, await request.bytes());
    return Response.json(rate);
  }

  async #ours(writers: number, milliseconds: number): Promise<number> {
    this.#log ??= this.#begin();
    const log = await this.#log;
    return ratePerSecond(writers, milliseconds, () => log.submit(append()));
  }

  async #begin(): Promise<Sequencer> {
    const store = openDurableStore(this.#storage, { migrations: bundledMigrations, nowMs: Date.now() });
    const parts = { ...benchParts(ed25519Signer(BENCH_ORIGIN, generateEd25519Pem())), store };
    await beginLog(parts);
    return openLog(parts);
  }

  /** The same bytes into a table like that of entries, as many rows a commit as there are writers. */
  async #bare(writers: number, milliseconds: number, bytes: Uint8Array): Promise<number> {
    const { sql } = this.#storage;
    sql.exec(
      'create table if not exists bare (seq integer primary key, stream text, version integer, bytes blob, unique (stream, version)) strict',
    );
    const write = async () => {
      this.#storage.transactionSync(() => {
        for (const end = this.#rows + writers; this.#rows < end; this.#rows++) {
          sql.exec('insert into bare values (?, ?, 1, ?)', this.#rows, crypto.randomUUID(), bytes);
        }
      });
      await this.#storage.sync();
    };
    return writers * (await ratePerSecond(1, milliseconds, write));
  }
}

interface BenchEnvironment {
  readonly BROKER: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

export default {
  /** Ours and the bare rows are in objects of their own. */
  fetch: (request: Request, { BROKER }: BenchEnvironment): Promise<Response> =>
    BROKER.get(BROKER.idFromName(new URL(request.url).pathname)).fetch(request),
};
