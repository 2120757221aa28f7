import { expect, test } from 'vitest';
import { caughtUp } from '../../src/app/sequencer/catch-up.ts';
import type { TrustedLog } from '../../src/app/sequencer/checked-log.ts';
import { openLog, trustOf } from '../../src/app/sequencer/sequencer.ts';
import type { Head, Store } from '../../src/app/store.ts';
import { utf8 } from '../../src/log/bytes.ts';
import { signCheckpoint } from '../../src/log/checkpoint.ts';
import { NO_PREVIOUS, sealEntry } from '../../src/log/entry.ts';
import { appendToTiles, emptyTileEdge } from '../../src/log/tile.ts';
import { edgeRoot, leafHash } from '../../src/log/tree.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { storeWith } from './tampering.ts';
import { openStore, temporaryDatabase } from './temporary-database.ts';
import { openTicketLog, origin, partsOn, START_MS, signer, ticketStream, writeTicket } from './ticket-log.ts';

interface Forgery {
  readonly prev?: Uint8Array;
  readonly timeMs?: number;
  readonly origin?: string;
  readonly seq?: number;
}

/** An entry as the log's own key would be made to sign it by a broker gone wrong. */
function forged(position: number, prev: Uint8Array, forgery: Forgery = {}): Uint8Array {
  return sealEntry(
    { type: 'countersign.ticket.written.v1', stream: ticketStream('one'), subject: 'ticket', data: {} },
    {
      id: 'A'.repeat(22),
      seq: forgery.seq ?? position,
      prev: forgery.prev ?? prev,
      origin: forgery.origin ?? origin,
      timeMs: forgery.timeMs ?? START_MS,
      streamVersion: position + 1,
    },
  );
}

/** What we trust (one entry), and a store that goes on with `entries` under a well-signed head. */
async function continued(forgery: Forgery, headMore: Partial<Head> = {}): Promise<() => Promise<TrustedLog>> {
  const first = forged(0, NO_PREVIOUS);
  const second = forged(1, leafHash(nodeHasher, first), forgery);
  const store = storeWith(openStore(temporaryDatabase()), {
    async *entries(from, to) {
      yield* [first, second].slice(from, to);
    },
  });
  const known = await signed([first]);
  const next = await signed([first, second]);
  return () => caughtUp(trustOf(partsOn(store)), known, { ...next.head, ...headMore });
}

async function signed(entries: readonly Uint8Array[]): Promise<TrustedLog> {
  const leaves = entries.map((bytes) => leafHash(nodeHasher, bytes));
  const { edge } = appendToTiles(nodeHasher, emptyTileEdge, leaves);
  const root = edgeRoot(nodeHasher, edge);
  const checkpoint = await signCheckpoint(nodeHasher, { origin, size: edge.size, root }, signer);
  const lastLeaf = leaves.at(-1) ?? NO_PREVIOUS;
  return { head: { size: edge.size, root, lastLeaf, timeMs: START_MS, checkpoint }, edge };
}

test('a well-made continuation is taken over', async () => {
  const { head, edge } = await (await continued({}))();
  expect([head.size, edge.size]).toEqual([2, 2]);
});

test.each<[string, Forgery, RegExp]>([
  ['follows another entry', { prev: new Uint8Array(32).fill(1) }, /#1: does not follow/],
  ['goes back in time', { timeMs: START_MS - 1 }, /#1: its time lies before/],
  ['belongs to another log', { origin: 'log.example.com/other' }, /#1: belongs to the log/],
  ['stands at another position', { seq: 7 }, /#1: its bytes belong to another position/],
])('an entry that %s is refused, though it is signed', async (_, forgery, reason) => {
  await expect((await continued(forgery))()).rejects.toThrow(reason);
});

test('a head that names another last leaf or time than its last entry is refused', async () => {
  await expect((await continued({}, { lastLeaf: NO_PREVIOUS }))()).rejects.toThrow(/last leaf or time/);
  await expect((await continued({}, { timeMs: START_MS + 1 }))()).rejects.toThrow(/last leaf or time/);
});

test('entries under a signed root that is not theirs are refused', async () => {
  const first = forged(0, NO_PREVIOUS);
  const second = forged(1, leafHash(nodeHasher, first));
  const other = forged(1, leafHash(nodeHasher, first), { timeMs: START_MS + 5 });
  const store: Store = storeWith(openStore(temporaryDatabase()), {
    async *entries(from, to) {
      yield* [first, second].slice(from, to);
    },
  });
  const { head } = await signed([first, other]);
  const stored = { ...head, lastLeaf: leafHash(nodeHasher, second) };
  await expect(caughtUp(trustOf(partsOn(store)), await signed([first]), stored)).rejects.toThrow(
    /root that was signed/,
  );
});

test('the same head signed anew is taken, signed by nobody it is not', async () => {
  const known = await signed([forged(0, NO_PREVIOUS)]);
  const trust = trustOf(partsOn(openStore(temporaryDatabase())));
  const cosigned = utf8(`${new TextDecoder().decode(known.head.checkpoint)}— somebody.else AAAAAAAA\n`);
  const again = await caughtUp(trust, known, { ...known.head, checkpoint: cosigned });
  expect(again.head.checkpoint).toBe(cosigned);
  const broken = { ...known.head, checkpoint: utf8('nothing') };
  await expect(caughtUp(trust, known, broken)).rejects.toThrow(/cannot be believed/);
});

test('a broker takes over what another one wrote across several tiles', async () => {
  const path = temporaryDatabase();
  const log = await openTicketLog(openStore(path));
  const other = await openLog(partsOn(openStore(path)));
  for (let round = 0; round < 6; round++) {
    await Promise.all(Array.from({ length: 900 }, (_, at) => log.submit(writeTicket(`t${at}`))));
  }
  expect(await other.submit(writeTicket('t5'))).toEqual({ version: 7, seq: 5_400 });
  expect(await log.submit(writeTicket('t5'))).toEqual({ version: 8, seq: 5_401 });
});

test('a broker comes up beside one that writes between any two of its reads', async () => {
  const path = temporaryDatabase();
  const busy = await openTicketLog(openStore(path));
  await busy.submit(writeTicket('one'));
  const bare = openStore(path);
  let isBusy = true;
  const store = storeWith(bare, {
    entries: async function* (from, to) {
      if (isBusy) await busy.submit(writeTicket('one'));
      yield* bare.entries(from, to);
    },
  });
  const log = await openLog(partsOn(store));
  isBusy = false;
  expect(log.status()).toEqual({ writable: true, reason: null });
  const { version, seq } = await log.submit(writeTicket('one'));
  expect(version).toBe(seq + 1);
});
