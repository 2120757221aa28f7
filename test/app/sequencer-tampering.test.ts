import { describe, expect, test } from 'vitest';
import type { Sequencer } from '../../src/app/command.ts';
import { rebuildDerived } from '../../src/app/sequencer/rebuild.ts';
import { openLog, trustOf } from '../../src/app/sequencer/sequencer.ts';
import { Failure } from '../../src/domain/errors.ts';
import { fromUtf8, hex, utf8 } from '../../src/log/bytes.ts';
import { leafHash } from '../../src/log/tree.ts';
import { ed25519Signer, generateEd25519Pem } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { storeWith, tamper } from './tampering.ts';
import { openStore, temporaryDatabase } from './temporary-database.ts';
import {
  entriesOf,
  openTicketLog,
  origin,
  partsOn,
  registry,
  signer,
  ticketStream,
  tickets,
  writeTicket,
} from './ticket-log.ts';

/** `count` tickets, ticket t0 twice (its second entry is the last), in a file that nobody has open. */
async function writtenLog(count: number): Promise<string> {
  const path = temporaryDatabase();
  const store = openStore(path);
  const log = await openTicketLog(store);
  await Promise.all(Array.from({ length: count - 1 }, (_, at) => log.submit(writeTicket(`t${at}`))));
  await log.submit(writeTicket('t0'));
  await log.stop();
  await store.close();
  return path;
}

const opened = (path: string): Promise<Sequencer> => openLog(partsOn(openStore(path)));

const failureOf = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    },
  );

const FLIP_BYTES = `bytes = cast(replace(cast(bytes as text), '"open"', '"shut"') as blob)`;

describe('at start', () => {
  /** Comes up read-only for this reason, refuses commands with it, and wrote nothing. */
  async function comesUpReadOnly(path: string, reason: RegExp): Promise<Sequencer> {
    const log = await opened(path);
    expect(log.status()).toEqual({ writable: false, reason: expect.stringMatching(reason) });
    const failure = await failureOf(log.submit(writeTicket('new')));
    expect(failure.code).toBe('read-only');
    expect(failure.message).toMatch(reason);
    return log;
  }

  test('an untouched log is writable', async () => {
    const log = await opened(await writtenLog(20));
    expect(log.status()).toEqual({ writable: true, reason: null });
    expect(await log.submit(writeTicket('t0'))).toEqual({ version: 3, seq: 20 });
  });

  test('a log that was never begun cannot be written', async () => {
    const path = temporaryDatabase();
    const log = await comesUpReadOnly(path, /never begun/);
    expect((await failureOf(log.read([ticketStream('t0')]))).code).toBe('read-only');
    expect(await entriesOf(openStore(path))).toHaveLength(0);
  });

  test('a checkpoint that another key signed is not believed', async () => {
    const path = await writtenLog(3);
    const stranger = ed25519Signer(origin, generateEd25519Pem());
    const log = await openLog(partsOn(openStore(path), { signer: stranger }));
    expect(log.status().reason).toMatch(/checkpoint cannot be believed/);
  });

  test('a log whose key was changed goes on, when the old key is told', async () => {
    const path = await writtenLog(3);
    const changed = ed25519Signer(origin, generateEd25519Pem());
    const retired = trustOf(partsOn(openStore(path))).keys.map((key) => ({ ...key, finalSize: 3 }));
    const parts = partsOn(openStore(path), { signer: changed, retiredKeys: retired });
    const log = await openLog(parts);
    expect(await log.submit(writeTicket('t0'))).toEqual({ version: 3, seq: 3 });
    expect((await openLog(parts)).status().writable).toBe(true);
    expect((await openLog({ ...parts, signer })).status().writable).toBe(false);
  });

  test.each([
    ['its size', 'size = size - 1', /size or root/],
    ['its root', 'root = zeroblob(32)', /size or root/],
    ['its last leaf', 'last_leaf = zeroblob(32)', /last leaf or time/],
    ['its time', 'time_ms = time_ms + 1', /last leaf or time/],
    [
      'its checkpoint',
      `checkpoint = cast(replace(cast(checkpoint as text), '20', '19') as blob)`,
      /checkpoint cannot be believed/,
    ],
  ])('a head edited in %s is seen', async (_, change, reason) => {
    const path = await writtenLog(20);
    tamper(path, `update head set ${change}`);
    await comesUpReadOnly(path, reason);
  });

  test.each([
    ['changed', `update entries set ${FLIP_BYTES} where seq = 17`, /#17: its bytes/],
    ['cut off', 'delete from entries where seq = 19', /missing/],
    ['dropped in the middle', 'delete from entries where seq = 7', /missing/],
    ['put past the end', `insert into entries values (20, 'ticket/x', 1, x'00')`, /#20: stands past/],
    [
      'swapped',
      'update entries set bytes = (select bytes from entries where seq = 4) where seq = 5',
      /#5: its bytes belong/,
    ],
  ])('an entry %s is seen', async (_, change, reason) => {
    const path = await writtenLog(20);
    tamper(path, change);
    await comesUpReadOnly(path, reason);
  });

  test.each([
    [
      'changed',
      'update tiles set hashes = zeroblob(length(hashes)) where level = 0 and n = 1',
      /tiles do not have the root/,
    ],
    ['cut short', 'update tiles set hashes = substr(hashes, 1, 32) where level = 0 and n = 1', /too short/],
    ['deleted', 'delete from tiles where level = 1', /missing or too short/],
  ])('a tile of the edge %s is seen, and mended by a rebuild', async (_, change, reason) => {
    const path = await writtenLog(300);
    tamper(path, change);
    await comesUpReadOnly(path, reason);
    const rebuilt = await rebuildDerived(trustOf(partsOn(openStore(path))), registry);
    expect(rebuilt.replaced).toBe(true);
    expect(rebuilt.differences.map((one) => one.kind)).toEqual(['tile']);
    expect((await opened(path)).status().writable).toBe(true);
  });

  test('reading works while nothing is written', async () => {
    const path = await writtenLog(20);
    tamper(path, 'update head set time_ms = time_ms + 1');
    const log = await opened(path);
    const view = await log.read([ticketStream('t0')]);
    expect(view.state(tickets.fold, ticketStream('t0')).writes).toBe(2);
  });

  test('what is read while nothing is written is still checked', async () => {
    const path = await writtenLog(20);
    tamper(path, 'update head set time_ms = time_ms + 1', `update entries set ${FLIP_BYTES} where seq = 3`);
    const log = await opened(path);
    await expect(log.read([ticketStream('t3')])).rejects.toThrow(/read-only|nothing is written/);
    expect((await log.read([ticketStream('t4')])).version(ticketStream('t4'))).toBe(1);
  });
});

describe('while it runs', () => {
  /** A decision on this ticket is refused for this reason, and from then on nothing is written. */
  async function refusesToDecide(log: Sequencer, ticket: string, reason: RegExp): Promise<void> {
    const failure = await failureOf(log.submit(writeTicket(ticket)));
    expect(failure.code).toBe('read-only');
    expect(failure.message).toMatch(reason);
    expect(log.status()).toEqual({ writable: false, reason: expect.stringMatching(reason) });
    expect((await failureOf(log.submit(writeTicket('unheard-of')))).code).toBe('read-only');
  }

  test('an old entry whose bytes were changed decides nothing', async () => {
    const path = await writtenLog(900);
    tamper(path, `update entries set ${FLIP_BYTES} where seq = 5`);
    const log = await opened(path);
    expect(await log.submit(writeTicket('t6'))).toEqual({ version: 2, seq: 900 });
    await refusesToDecide(log, 't5', /#5: its bytes are not those that were signed/);
  });

  test('an old tile that was changed vouches for nothing', async () => {
    const path = await writtenLog(900);
    tamper(path, 'update tiles set hashes = zeroblob(8192) where level = 0 and n = 0');
    await refusesToDecide(await opened(path), 't5', /tile 0\/0/);
  });

  test('an entry and its tile changed together decide nothing', async () => {
    const path = await writtenLog(900);
    const store = openStore(path);
    const bytes = (await entriesOf(store))[5] ?? utf8('');
    const forged = utf8(fromUtf8(bytes).replace('"open"', '"shut"'));
    const tile = Uint8Array.from((await store.tile(0, 0)) ?? []);
    tile.set(leafHash(nodeHasher, forged), 5 * 32);
    tamper(
      path,
      `update entries set bytes = x'${hex(forged)}' where seq = 5`,
      `update tiles set hashes = x'${hex(tile)}' where level = 0 and n = 0`,
    );
    await refusesToDecide(await opened(path), 't5', /tile 0\/0/);
  });

  test('an entry whose row was moved to another stream decides nothing', async () => {
    const path = await writtenLog(900);
    tamper(path, `update entries set stream = 'ticket/register/t7', version = 2 where seq = 5`);
    await refusesToDecide(await opened(path), 't7', /#5: its row names another stream/);
    await refusesToDecide(await opened(path), 't5', /has 0 entries where 1 are counted/);
  });

  test('an entry taken from the end of a stream decides nothing', async () => {
    const path = await writtenLog(900);
    tamper(path, 'delete from entries where seq = 5');
    await refusesToDecide(await opened(path), 't5', /has 0 entries where 1 are counted/);
  });

  test('an entry taken from the middle of a stream decides nothing', async () => {
    const path = await writtenLog(900);
    tamper(path, 'delete from entries where seq = 0');
    await refusesToDecide(await opened(path), 't0', /#899: is not entry 1 of the stream/);
  });

  test('a head edited under a running broker stops it', async () => {
    const path = await writtenLog(20);
    const log = await opened(path);
    tamper(path, 'update head set last_leaf = zeroblob(32)');
    await refusesToDecide(log, 't5', /stored head is not the one/);
  });

  test('the last entry changed under a running broker stops it', async () => {
    const path = await writtenLog(20);
    const log = await opened(path);
    tamper(path, `update entries set ${FLIP_BYTES} where seq = 19`);
    await refusesToDecide(log, 't5', /#19: its bytes/);
  });

  test('an older copy of the log put under a running broker stops it, though its head is well signed', async () => {
    const path = await writtenLog(20);
    const before = await openStore(path).head();
    const log = await opened(path);
    await log.submit(writeTicket('t0'));
    const hexed = (bytes: Uint8Array | undefined) => `x'${Buffer.from(bytes ?? []).toString('hex')}'`;
    tamper(
      path,
      `update head set size = 20, root = ${hexed(before?.root)}, last_leaf = ${hexed(before?.lastLeaf)},
        time_ms = ${before?.timeMs}, checkpoint = ${hexed(before?.checkpoint)}`,
      'delete from entries where seq = 20',
    );
    await refusesToDecide(log, 't5', /went back from 21 entries to 20/);
  });

  test('entries put in by somebody without the key stop it', async () => {
    const path = await writtenLog(20);
    const log = await opened(path);
    tamper(
      path,
      'update head set size = 21',
      `insert into entries select 20, stream, 9, bytes from entries where seq = 19`,
    );
    await refusesToDecide(log, 't5', /size or root/);
  });

  test('a list row edited by hand changes the list, no decision, and a rebuild shows and mends it', async () => {
    const path = await writtenLog(20);
    tamper(
      path,
      `update tickets set creator = 'p-mallory' where key = 'register/t5'`,
      `update streams set state = '{"writes":77}' where stream = 'ticket/register/t5'`,
      `delete from tickets where key = 'register/t6'`,
      `insert into tickets select 'register/invented', seq, ordinal, source, project, state, creator from tickets where key = 'register/t7'`,
    );
    const store = openStore(path);
    const log = await openLog(partsOn(store));
    const view = await log.read([ticketStream('t5')]);
    expect(view.state(tickets.fold, ticketStream('t5')).writes).toBe(1);
    expect(await store.rows({ table: 'tickets', where: { creator: 'p-mallory' }, limit: 9 })).toHaveLength(1);
    const { differences, replaced } = await rebuildDerived(trustOf(partsOn(store)), registry);
    const told = differences.map(({ kind, key, stored, rebuilt }) =>
      [kind, key, stored !== null, rebuilt !== null].join(' '),
    );
    expect(told.sort()).toEqual([
      'stream ticket/register/t5 true true',
      'tickets register/invented true false',
      'tickets register/t5 true true',
      'tickets register/t6 false true',
    ]);
    expect(replaced).toBe(true);
    expect(await store.rows({ table: 'tickets', where: { creator: 'p-mallory' }, limit: 9 })).toEqual([]);
    expect((await rebuildDerived(trustOf(partsOn(store)), registry)).differences).toEqual([]);
  });
});

describe('a rebuild', () => {
  test('tells an entry whose row names another stream, and leaves it', async () => {
    const path = await writtenLog(20);
    tamper(path, `update entries set stream = 'ticket/register/t7', version = 2 where seq = 5`);
    const { differences } = await rebuildDerived(trustOf(partsOn(openStore(path))), registry);
    expect(differences).toEqual([
      { kind: 'entry', key: 'ticket/register/t5 1', stored: null, rebuilt: 'ticket/register/t5 1' },
      { kind: 'entry', key: '5', stored: 'ticket/register/t7 2', rebuilt: 'ticket/register/t5 1' },
    ]);
  });

  test('refuses a last entry that was changed together with the leaf that the head names', async () => {
    const path = await writtenLog(20);
    const bytes = (await entriesOf(openStore(path)))[19] ?? utf8('');
    const forged = utf8(fromUtf8(bytes).replace('"open"', '"shut"'));
    tamper(
      path,
      `update entries set bytes = x'${hex(forged)}' where seq = 19`,
      `update head set last_leaf = x'${hex(leafHash(nodeHasher, forged))}'`,
    );
    await expect(rebuildDerived(trustOf(partsOn(openStore(path))), registry)).rejects.toThrow(/signed root/);
    expect((await opened(path)).status().reason).toMatch(/#19: its bytes/);
  });

  test.each([
    ['changed', `update entries set ${FLIP_BYTES} where seq = 5`, /do(es)? not follow|signed root/],
    ['missing', 'delete from entries where seq = 5', /#5/],
    ['missing at the end', 'delete from entries where seq = 19', /#19: is missing/],
  ])('refuses a log with an entry that is %s, and changes nothing', async (_, change, reason) => {
    const path = await writtenLog(20);
    tamper(path, change, `update tickets set creator = 'p-mallory' where key = 'register/t9'`);
    const store = openStore(path);
    await expect(rebuildDerived(trustOf(partsOn(store)), registry)).rejects.toThrow(reason);
    expect(await store.rows({ table: 'tickets', where: { creator: 'p-mallory' }, limit: 9 })).toHaveLength(1);
  });
});

test('a start reads no more of a long log than of a short one', async () => {
  const store = openStore(await writtenLog(2_000));
  let entries = 0;
  let tiles = 0;
  const counting = storeWith(store, {
    async *entries(from, to) {
      for await (const bytes of store.entries(from, to)) {
        entries += 1;
        yield bytes;
      }
    },
    tile: (level, n) => {
      tiles += 1;
      return store.tile(level, n);
    },
  });
  expect((await openLog(partsOn(counting))).status().writable).toBe(true);
  expect(entries).toBe(512);
  expect(tiles).toBeLessThanOrEqual(6);
});

test('a start while another broker appends is no misfit', async () => {
  const path = await writtenLog(20);
  const other = await opened(path);
  const store = openStore(path);
  let interruptions = 3;
  const interrupted = storeWith(store, {
    head: async () => {
      const head = await store.head();
      if (interruptions-- > 0) await other.submit(writeTicket('t0'));
      return head;
    },
  });
  const log = await openLog(partsOn(interrupted));
  expect(log.status()).toEqual({ writable: true, reason: null });
});
