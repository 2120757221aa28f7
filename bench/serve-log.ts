import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import Database from 'better-sqlite3';
import { Hono } from 'hono';
import type { Broker } from '../src/app/broker.ts';
import type { Attachment, Head, Store, StoredEntry, Write } from '../src/app/store.ts';
import type { StreamId } from '../src/domain/ids.ts';
import { readAssets } from '../src/http/asset-files.ts';
import { type BuiltAssets, encodedFor } from '../src/http/assets.ts';
import { secureHeaders } from '../src/http/middleware/headers.ts';
import type { PageKit } from '../src/http/page-kit.tsx';
import type { HttpEnv } from '../src/http/parts.ts';
import { logPages } from '../src/http/routes/log-page.tsx';
import { readEntry } from '../src/log/entry.ts';
import { formatVerifierKey } from '../src/log/note.ts';
import { appendToTiles, emptyTileEdge, type TileEdge } from '../src/log/tile.ts';
import { edgeRoot, leafHash } from '../src/log/tree.ts';
import { nodeHasher } from '../src/platform/node-hasher.ts';
import { systemClock } from '../src/platform/system-clock.ts';
import { openVerifySource } from '../src/platform/verify-source.ts';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { generateLog } from './generate-log.ts';

const ENTRIES_A_WRITE = 8_192;

/** A log in a store, with the key it is believed by. */
export interface FilledStore {
  readonly store: Store;
  readonly origin: string;
  /** C2SP verifier key. */
  readonly logKey: string;
}

/** Everyday accesses, copied from a file of entries into a real store page by page: neither is ever in memory whole. */
export async function fillStore(path: string, size: number): Promise<FilledStore> {
  const log = await generateLog(`${path}.entries`, size);
  const source = openVerifySource(log.source);
  const store = openSqliteStore(path, { nowMs: Date.now() });
  let head: Head | undefined;
  let edge: TileEdge = emptyTileEdge;
  for (let from = 0; from < size; from += ENTRIES_A_WRITE) {
    const entries = [...source.entries(from, Math.min(from + ENTRIES_A_WRITE, size))].map(storedEntry);
    const leaves = entries.map(({ bytes }) => leafHash(nodeHasher, bytes));
    const grown = appendToTiles(nodeHasher, edge, leaves);
    edge = grown.edge;
    const root = edgeRoot(nodeHasher, edge);
    const next: Head = {
      size: edge.size,
      root,
      lastLeaf: leaves.at(-1) ?? root,
      timeMs: 0,
      checkpoint: log.checkpointNote, // what counts is the last head's
    };
    const attachments = head === undefined ? attachmentsOf(log.source.path) : [];
    const write: Write = { ...nothing, head: next, entries, tiles: grown.tiles, attachments };
    const isWritten = head === undefined ? await store.begin(write) : await store.advance(head, write);
    if (!isWritten) throw new Error('the store took no entries');
    head = next;
  }
  source.close();
  const [key] = log.logKeys;
  return { store, origin: log.origin, logKey: key === undefined ? '' : formatVerifierKey(key) };
}

function storedEntry(bytes: Uint8Array): StoredEntry {
  const { seq, stream, streamVersion } = readEntry(bytes);
  // The story's streams are those of the catalogue.
  return { seq, stream: stream as StreamId, version: streamVersion, bytes };
}

function attachmentsOf(path: string): Attachment[] {
  const database = new Database(path, { readonly: true });
  const rows = database.prepare('select digest, bytes from attachments').all() as Attachment[];
  database.close();
  return rows;
}

const nothing = { states: [], rows: [], disclosures: [], erase: [], secrets: [], idempotency: [] } as const;

const AUDITOR = 'p-auditorauditorauditoraudit';

/**
 * The log's pages over a store, for one auditor who is signed in already: what is measured is reading.
 * @param more what a bench serves beside them
 */
export async function serveLog({ store, origin }: FilledStore, more: Hono<HttpEnv> = new Hono()) {
  const reading = {
    store,
    origin,
    hasher: nodeHasher,
    clock: systemClock,
    policies: { inForceIfAny: async () => undefined },
    // Before a policy is in force, the genesis says who reads the log.
    sequencer: { read: async () => ({ state: () => ({ administrators: [{ person: AUDITOR }] }) }) },
  };
  const assets: BuiltAssets = readAssets();
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
  app.route('/', logPages(kit)).route('/', more);
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
