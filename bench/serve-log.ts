import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { Broker } from '../src/app/broker.ts';
import type { Head, Store, StoredEntry, Write } from '../src/app/store.ts';
import type { StreamId } from '../src/domain/ids.ts';
import { encodedFor, readAssets } from '../src/http/assets.ts';
import { secureHeaders } from '../src/http/middleware/headers.ts';
import type { PageKit } from '../src/http/page-kit.tsx';
import type { HttpEnv } from '../src/http/parts.ts';
import { logPages } from '../src/http/routes/log-page.tsx';
import { signCheckpoint } from '../src/log/checkpoint.ts';
import { formatVerifierKey, verifierKeyOf } from '../src/log/note.ts';
import { appendToTiles, emptyTileEdge, type TileEdge } from '../src/log/tile.ts';
import { edgeRoot } from '../src/log/tree.ts';
import { ed25519Signer, generateEd25519Pem } from '../src/platform/node-ed25519.ts';
import { nodeHasher } from '../src/platform/node-hasher.ts';
import { systemClock } from '../src/platform/system-clock.ts';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { writeAccesses } from './generate-log.ts';

const ENTRIES_A_WRITE = 8_192;

/** A log in a store, with the key it is believed by. */
export interface FilledStore {
  readonly store: Store;
  readonly origin: string;
  /** C2SP verifier key. */
  readonly logKey: string;
}

/** Everyday accesses in a real store, signed at their end. */
export async function fillStore(path: string, size: number): Promise<FilledStore> {
  const store = openSqliteStore(path, { nowMs: Date.now() });
  const waiting: StoredEntry[] = [];
  const leaves: Uint8Array[] = [];
  let timeMs = 0;
  const { origin, attachments } = writeAccesses(size, ({ entry, bytes }) => {
    // The story's streams are those of the catalogue.
    waiting.push({ seq: entry.seq, stream: entry.stream as StreamId, version: entry.streamVersion, bytes });
    leaves.push(entry.leafHash);
    timeMs = entry.timeMs;
  });
  const signer = ed25519Signer(origin, generateEd25519Pem());
  let head: Head | undefined;
  let edge: TileEdge = emptyTileEdge;
  for (let from = 0; from < size; from += ENTRIES_A_WRITE) {
    const grown = appendToTiles(nodeHasher, edge, leaves.slice(from, from + ENTRIES_A_WRITE));
    edge = grown.edge;
    const root = edgeRoot(nodeHasher, edge);
    const checkpoint = await signCheckpoint(nodeHasher, { origin, size: edge.size, root }, signer);
    const next: Head = { size: edge.size, root, lastLeaf: leaves[edge.size - 1] ?? root, timeMs, checkpoint };
    const write: Write = {
      ...nothing,
      head: next,
      entries: waiting.slice(from, from + ENTRIES_A_WRITE),
      tiles: grown.tiles,
      attachments: from > 0 ? [] : [...attachments].map(([digest, bytes]) => ({ digest, bytes })),
    };
    const isWritten = head === undefined ? await store.begin(write) : await store.advance(head, write);
    if (!isWritten) throw new Error('the store took no entries');
    head = next;
  }
  return { store, origin, logKey: formatVerifierKey(verifierKeyOf(nodeHasher, signer)) };
}

const nothing = { states: [], rows: [], disclosures: [], erase: [], secrets: [], idempotency: [] } as const;

const AUDITOR = 'p-auditorauditorauditoraudit';

/** The log's pages over a store, for one auditor who is signed in already: what is measured is reading. */
export async function serveLog({ store, origin }: FilledStore) {
  const reading = {
    store,
    origin,
    hasher: nodeHasher,
    clock: systemClock,
    policies: { inForceIfAny: async () => undefined },
    // Before a policy is in force, the genesis says who reads the log.
    sequencer: { read: async () => ({ state: () => ({ administrators: [{ person: AUDITOR }] }) }) },
  };
  const assets = readAssets();
  // The pages of the log reach nothing else of a broker.
  const kit = { broker: reading as unknown as Broker, assets } as PageKit;
  const app = new Hono<HttpEnv>();
  app.use(secureHeaders('http://127.0.0.1'));
  app.use(async (c, next) => {
    // Of a caller, only who it is: the pages of the log ask for nothing more.
    const caller = { kind: 'human', actor: { kind: 'human', person: AUDITOR } };
    c.set('caller', caller as unknown as HttpEnv['Variables']['caller']);
    await next();
  });
  app.get('/assets/:file', (c) => {
    const asset = assets.find(c.req.path);
    if (asset === undefined) return c.notFound();
    const { bytes, encoding } = encodedFor(asset, c.req.header('accept-encoding') ?? '');
    if (encoding !== undefined) c.header('content-encoding', encoding);
    return c.body(bytes, 200, { 'content-type': asset.type });
  });
  app.route('/', logPages(kit));
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening on a port, it has one
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
