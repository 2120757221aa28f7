import { describe, expect, test } from 'vitest';
import { rebuildDerived } from '../../src/app/sequencer/rebuild.ts';
import { openLog, trustOf } from '../../src/app/sequencer/sequencer.ts';
import type { Head, RowChange, SecretChange, Store, StoredEntry, Write } from '../../src/app/store.ts';
import type { StreamId } from '../../src/domain/ids.ts';
import { hex, utf8 } from '../../src/log/bytes.ts';
import { rowChange } from '../../src/projections/tables.ts';
import { openTicketLog, partsOn, registry, writeTicket } from '../app/ticket-log.ts';

/** One place where a store keeps its data, which can be opened again and again, also twice at a time. */
export interface StorePlace {
  open(): Promise<Store>;
}

/** Everything that `Store` promises, for any engine. */
export function storeContract(name: string, makePlace: () => Promise<StorePlace>): void {
  const begun = async (): Promise<{ store: Store; place: StorePlace; head: Head }> => {
    const place = await makePlace();
    const store = await place.open();
    const first = head(0, 0);
    expect(await store.begin(write({ head: first }))).toBe(true);
    return { store, place, head: first };
  };

  describe(`${name}: beginning`, () => {
    test('a place that was never begun has no head', async () => {
      const store = await (await makePlace()).open();
      expect(await store.head()).toBeUndefined();
    });

    test('a log is begun once: the second time says no and changes nothing', async () => {
      const { store, head: first } = await begun();
      expect(await store.begin(write({ head: head(0, 99) }))).toBe(false);
      expect(plainHead(await store.head())).toEqual(plainHead(first));
    });
  });

  describe(`${name}: advancing`, () => {
    test('what was advanced is there after the store is opened again', async () => {
      const { store, place, head: first } = await begun();
      const next = head(2, 1);
      const entries = [entry(0, 'ticket/a', 1), entry(1, 'ticket/b', 1)];
      expect(await store.advance(first, write({ head: next, entries }))).toBe(true);
      await store.close();
      const again = await place.open();
      expect(plainHead(await again.head())).toEqual(plainHead(next));
      expect(await bytesOf(again, 0, 9)).toEqual(entries.map((one) => hex(one.bytes)));
    });

    test('of two advances from one head exactly one happens', async () => {
      const { store, place, head: first } = await begun();
      const other = await place.open();
      const ours = write({ head: head(1, 1), entries: [entry(0, 'ticket/a', 1)] });
      const theirs = write({ head: head(1, 2), entries: [entry(0, 'ticket/b', 1)] });
      const won = await Promise.all([store.advance(first, ours), other.advance(first, theirs)]);
      expect(won.filter((one) => one)).toHaveLength(1);
      const winner = won[0] === true ? ours : theirs;
      expect(plainHead(await store.head())).toEqual(plainHead(winner.head));
      expect(await bytesOf(store, 0, 9)).toEqual(winner.entries.map((one) => hex(one.bytes)));
    });

    test('an advance from a head of the same size but another root writes nothing', async () => {
      const { store, head: first } = await begun();
      const wrong = { ...first, root: new Uint8Array(32).fill(7) };
      const refused = write({
        head: head(1, 1),
        entries: [entry(0, 'ticket/a', 1)],
        attachments: [{ digest: 'sha256:a', bytes: utf8('a') }],
      });
      expect(await store.advance(wrong, refused)).toBe(false);
      expect(plainHead(await store.head())).toEqual(plainHead(first));
      expect(await bytesOf(store, 0, 9)).toEqual([]);
      expect(await store.attachment('sha256:a')).toBeUndefined();
    });

    test('an advance that fails half way leaves nothing behind', async () => {
      const { store, head: first } = await begun();
      const doubled = write({
        head: head(2, 1),
        disclosures: [{ seq: 0, field: 'title', key: new Uint8Array(32), value: 'text' }],
        entries: [entry(0, 'ticket/a', 1), entry(1, 'ticket/a', 1)],
      });
      await expect(store.advance(first, doubled)).rejects.toThrow();
      expect(plainHead(await store.head())).toEqual(plainHead(first));
      expect(await bytesOf(store, 0, 9)).toEqual([]);
      expect(await store.disclosures([0])).toEqual([]);
      expect(
        await store.advance(first, write({ head: head(1, 1), entries: [entry(0, 'ticket/a', 1)] })),
      ).toBe(true);
    });

    test('a row of a table that is no read model, or with other columns, fails the whole advance', async () => {
      const { store, head: first } = await begun();
      const rows: RowChange[] = [
        { table: 'secrets', key: 'k', row: { seq: 1 } },
        { table: 'tickets', key: 'k', row: { seq: 1 } },
        { table: 'tickets', key: 'k', row: { ...ticketRow('k', 1, 'x').row, person: 'p' } },
      ];
      for (const row of rows) {
        await expect(store.advance(first, write({ head: head(1, 1), rows: [row] }))).rejects.toThrow(
          /read model/,
        );
      }
      expect(plainHead(await store.head())).toEqual(plainHead(first));
    });

    test('a turn gives back what its work gives, and its error', async () => {
      const { store } = await begun();
      expect(await store.turn(async () => 7)).toBe(7);
      await expect(store.turn(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    });
  });

  describe(`${name}: loading`, () => {
    test('a load gives head, last entry, and of each stream what lies above the version known', async () => {
      const { store, head: first } = await begun();
      const entries = [
        entry(0, 'ticket/a', 1),
        entry(1, 'ticket/b', 1),
        entry(2, 'ticket/a', 2),
        entry(3, 'ticket/a', 3),
      ];
      const states = [state('ticket/a', 3), state('ticket/b', 1)];
      await store.advance(first, write({ head: head(4, 1), entries, states }));
      const known = new Map<StreamId, number>([
        ['ticket/a', 1],
        ['ticket/b', 1],
        ['ticket/absent', 0],
      ]);
      const snapshot = await store.load(known, ['unused']);
      expect(plainHead(snapshot.head)).toEqual(plainHead(head(4, 1)));
      expect(snapshot.streams.get('ticket/a')?.map((one) => [one.seq, one.stream, one.version])).toEqual([
        [2, 'ticket/a', 2],
        [3, 'ticket/a', 3],
      ]);
      expect(snapshot.streams.get('ticket/b')).toEqual([]);
      expect(snapshot.streams.get('ticket/absent')).toEqual([]);
      expect([...snapshot.versions.values()]).toEqual([3, 1, 0]);
      expect(snapshot.last?.seq).toBe(3);
      expect(hex(snapshot.last?.bytes ?? new Uint8Array(0))).toBe(hex(entry(3, 'ticket/a', 3).bytes));
      expect(snapshot.idempotency.size).toBe(0);
    });

    test('a load of an empty log has no last entry', async () => {
      const { store } = await begun();
      expect((await store.load(new Map(), [])).last).toBeUndefined();
    });

    test('a load fails where no log was begun', async () => {
      const store = await (await makePlace()).open();
      await expect(store.load(new Map(), [])).rejects.toThrow();
    });

    test('entries are given in order from the first to before the last, across pages', async () => {
      const { store, head: first } = await begun();
      const entries = Array.from({ length: 2_500 }, (_, seq) => entry(seq, `ticket/${seq}`, 1));
      await store.advance(first, write({ head: head(2_500, 1), entries }));
      expect(await bytesOf(store, 998, 2_003)).toEqual(
        entries.slice(998, 2_003).map((one) => hex(one.bytes)),
      );
      expect(await bytesOf(store, 2_499, 9_999)).toHaveLength(1);
      expect(await bytesOf(store, 5, 5)).toEqual([]);
    });

    test('a tile is what was written last', async () => {
      const { store, head: first } = await begun();
      const [small, grown] = [new Uint8Array(32).fill(1), new Uint8Array(64).fill(1)];
      await store.advance(first, write({ head: head(1, 1), tiles: [{ level: 0, n: 0, hashes: small }] }));
      await store.advance(
        head(1, 1),
        write({ head: head(2, 2), tiles: [{ level: 0, n: 0, hashes: grown }] }),
      );
      expect(hex((await store.tile(0, 0)) ?? small)).toBe(hex(grown));
      expect(await store.tile(1, 0)).toBeUndefined();
    });
  });

  describe(`${name}: beside the log`, () => {
    test('an idempotency key is remembered with digest and answer, and replaced when used anew', async () => {
      const { store, head: first } = await begun();
      const used = { key: 'k', digest: 'd', about: 'r-1', expiresAtMs: 5 };
      await store.advance(first, write({ head: head(1, 1), idempotency: [used] }));
      expect((await store.load(new Map(), ['k', 'l'])).idempotency).toEqual(new Map([['k', used]]));
      const anew = { ...used, digest: 'e', expiresAtMs: 9 };
      await store.advance(head(1, 1), write({ head: head(2, 2), idempotency: [anew] }));
      expect((await store.load(new Map(), ['k'])).idempotency.get('k')).toEqual(anew);
      expect(await store.secrets.deleteExpired(9)).toBe(1);
      expect((await store.load(new Map(), ['k'])).idempotency.size).toBe(0);
    });

    test('a disclosure is given back until it is erased, and only that one is erased', async () => {
      const { store, head: first } = await begun();
      const disclosures = ['ticket', 'title'].map((field) => ({
        seq: 0,
        field,
        key: new Uint8Array(32).fill(3),
        value: field,
      }));
      await store.advance(
        first,
        write({ head: head(1, 1), entries: [entry(0, 'ticket/a', 1)], disclosures }),
      );
      expect(
        (await store.disclosures([0, 1])).map((one) => [one.seq, one.field, one.value, hex(one.key)]),
      ).toEqual([
        [0, 'ticket', 'ticket', '03'.repeat(32)],
        [0, 'title', 'title', '03'.repeat(32)],
      ]);
      await store.advance(head(1, 1), write({ head: head(2, 2), erase: [{ seq: 0, field: 'title' }] }));
      expect((await store.disclosures([0])).map((one) => one.field)).toEqual(['ticket']);
      expect(await bytesOf(store, 0, 1)).toEqual([hex(entry(0, 'ticket/a', 1).bytes)]);
    });

    test('an attachment is kept by its digest, twice the same is once', async () => {
      const { store, head: first } = await begun();
      const attachments = ['b', 'a', 'a'].map((digest) => ({
        digest: `sha256:${digest}`,
        bytes: utf8(digest),
      }));
      await store.advance(first, write({ head: head(1, 1), attachments }));
      expect(hex((await store.attachment('sha256:a')) ?? new Uint8Array(0))).toBe(hex(utf8('a')));
      expect(await store.attachment('sha256:c')).toBeUndefined();
      const all: string[] = [];
      for await (const one of store.attachments()) all.push(one.digest);
      expect(all.sort()).toEqual(['sha256:a', 'sha256:b']);
    });
  });

  describe(`${name}: read models`, () => {
    test('rows are listed newest first, page by page, by equality', async () => {
      const { store, head: first } = await begun();
      const rows = [1, 2, 3, 4, 5].map((ordinal) =>
        ticketRow(`t${ordinal}`, ordinal, ordinal === 3 ? 'other' : 'mine'),
      );
      await store.advance(first, write({ head: head(1, 1), rows }));
      const mine = { table: 'tickets', where: { creator: 'mine' }, limit: 2 };
      const page = await store.rows(mine);
      expect(page.map((row) => row['key'])).toEqual(['t5', 't4']);
      expect(page[0]).toEqual({ key: 't5', ...ticketRow('t5', 5, 'mine').row });
      expect((await store.rows({ ...mine, before: 4 })).map((row) => row['key'])).toEqual(['t2', 't1']);
      expect(await store.rows({ ...mine, where: { creator: 'nobody' } })).toEqual([]);
      expect(await store.rows({ table: 'tickets', where: {}, limit: 9 })).toHaveLength(5);
    });

    test('a row is replaced whole, and removed by null', async () => {
      const { store, head: first } = await begun();
      await store.advance(
        first,
        write({ head: head(1, 1), rows: [ticketRow('t', 1, 'a'), ticketRow('u', 2, 'a')] }),
      );
      const rows = [ticketRow('t', 1, 'b'), rowChange('tickets', 'u', null)];
      await store.advance(head(1, 1), write({ head: head(2, 2), rows }));
      const found = await store.rows({ table: 'tickets', where: {}, limit: 9 });
      expect(found.map((row) => [row['key'], row['creator']])).toEqual([['t', 'b']]);
    });

    test('null is a value that rows can be asked by', async () => {
      const { store, head: first } = await begun();
      const person = { seq: 1, ordinal: 1, issuer: 'i' };
      const rows = [
        rowChange('people', 'p-1', { ...person, display_seq: null }),
        rowChange('people', 'p-2', { ...person, display_seq: 4 }),
      ];
      await store.advance(first, write({ head: head(1, 1), rows }));
      const found = await store.rows({ table: 'people', where: { display_seq: null }, limit: 9 });
      expect(found.map((row) => row['key'])).toEqual(['p-1']);
    });

    test('one answer never has more than 200 rows', async () => {
      const { store, head: first } = await begun();
      const rows = Array.from({ length: 205 }, (_, at) => ticketRow(`t${at}`, at, 'a'));
      await store.advance(first, write({ head: head(1, 1), rows }));
      expect(await store.rows({ table: 'tickets', where: {}, limit: 1_000 })).toHaveLength(200);
    });

    test('a table or column that is not listed is refused, whatever it spells', async () => {
      const { store } = await begun();
      const limit = 1;
      await expect(store.rows({ table: 'secrets', where: {}, limit })).rejects.toThrow(/read model/);
      await expect(
        store.rows({ table: 'tickets', where: { 'creator" or 1=1 --': 'x' }, limit }),
      ).rejects.toThrow(/read model/);
      await expect(store.rows({ table: 'toString', where: {}, limit })).rejects.toThrow(/read model/);
    });

    test('a stream state is what was written last', async () => {
      const { store, head: first } = await begun();
      await store.advance(first, write({ head: head(1, 1), states: [state('ticket/a', 1, 50)] }));
      await store.advance(head(1, 1), write({ head: head(2, 2), states: [state('ticket/a', 2, 60)] }));
      expect(await store.state('ticket/a')).toEqual(state('ticket/a', 2, 60));
      expect(await store.state('ticket/b')).toBeUndefined();
    });

    test('due streams are those at or before the moment, earliest first, as many as asked', async () => {
      const { store, head: first } = await begun();
      const states = [
        state('ticket/c', 1, 30),
        state('ticket/a', 1, 10),
        state('ticket/b', 1, 20),
        state('ticket/d', 1),
      ];
      await store.advance(first, write({ head: head(1, 1), states }));
      expect(await store.due(20, 9)).toEqual([
        { stream: 'ticket/a', dueAtMs: 10 },
        { stream: 'ticket/b', dueAtMs: 20 },
      ]);
      expect(await store.due(99, 1)).toEqual([{ stream: 'ticket/a', dueAtMs: 10 }]);
      expect(await store.due(9, 9)).toEqual([]);
    });
  });

  describe(`${name}: rebuilding`, () => {
    test('derived rows are replaced all at once, and only at the head that was named', async () => {
      const { store, head: first } = await begun();
      const old = { tiles: [tile(0)], states: [state('ticket/old', 1)], rows: [ticketRow('old', 1, 'a')] };
      await store.advance(first, write({ head: head(1, 1), ...old }));
      const made = { tiles: [tile(5)], states: [state('ticket/new', 1)], rows: [ticketRow('new', 1, 'a')] };
      expect(await store.replaceDerived(first, made)).toBe(false);
      expect((await derivedKeys(store)).sort()).toEqual(['stream ticket/old', 'tickets old', 'tile 0/0']);
      expect(await store.replaceDerived(head(1, 1), made)).toBe(true);
      expect((await derivedKeys(store)).sort()).toEqual(['stream ticket/new', 'tickets new', 'tile 0/5']);
    });

    test('what the sequencer derives is what a rebuild derives', async () => {
      const store = await (await makePlace()).open();
      const log = await openTicketLog(store);
      for (let round = 0; round < 3; round++) {
        await Promise.all(
          Array.from({ length: 120 }, (_, at) => log.submit(writeTicket(`t${at % 50}`, { closesAtMs: at }))),
        );
      }
      await log.stop();
      const rebuilt = await rebuildDerived(trustOf(partsOn(store)), registry);
      expect(rebuilt).toEqual({ size: 360, differences: [], replaced: true });
      expect((await openLog(partsOn(store))).status()).toEqual({ writable: true, reason: null });
    });
  });

  describe(`${name}: secrets`, () => {
    test('a secret is kept, found by its person, replaced and deleted', async () => {
      const { store } = await begun();
      const { secrets } = store;
      await secrets.put([secret('a', 'p-1', 'one'), secret('b', 'p-1', 'two'), secret('c', 'p-2', 'three')]);
      expect((await secrets.ofPerson('access-token', 'p-1')).map((one) => one.id).sort()).toEqual(['a', 'b']);
      expect(await secrets.get('refresh-token', 'a')).toBeUndefined();
      await secrets.put([secret('a', 'p-1', 'changed'), { ...secret('b', 'p-1', ''), value: null }]);
      const found = await secrets.get('access-token', 'a');
      expect(found && { ...found, value: hex(found.value) }).toEqual({
        ...secret('a', 'p-1', ''),
        value: hex(utf8('changed')),
      });
      expect(await secrets.get('access-token', 'b')).toBeUndefined();
    });

    test('of many that take one secret at once one gets it, and only its changes are written', async () => {
      const { store, place } = await begun();
      const other = await place.open();
      await store.secrets.put([secret('code', 'p-1', 'value')]);
      const taken = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          (at % 2 === 0 ? store : other).secrets.take('access-token', 'code', [
            secret(`by-${at}`, 'p-1', 'x'),
          ]),
        ),
      );
      expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
      expect(await store.secrets.ofPerson('access-token', 'p-1')).toHaveLength(1);
      expect(await store.secrets.get('access-token', 'code')).toBeUndefined();
    });

    test('expired secrets are forgotten, those without an end are not', async () => {
      const { store } = await begun();
      const { secrets } = store;
      await secrets.put([
        { ...secret('early', 'p', 'x'), expiresAtMs: 10 },
        { ...secret('late', 'p', 'x'), expiresAtMs: 11 },
        secret('endless', 'p', 'x'),
      ]);
      expect(await secrets.deleteExpired(10)).toBe(1);
      expect((await secrets.ofPerson('access-token', 'p')).map((one) => one.id).sort()).toEqual([
        'endless',
        'late',
      ]);
    });

    test('secrets of a commit stand or fall with it', async () => {
      const { store, head: first } = await begun();
      const secrets = [secret('a', 'p', 'x')];
      expect(await store.advance(head(5, 5), write({ head: head(6, 6), secrets }))).toBe(false);
      expect(await store.secrets.get('access-token', 'a')).toBeUndefined();
      expect(await store.advance(first, write({ head: head(1, 1), secrets }))).toBe(true);
      expect(await store.secrets.get('access-token', 'a')).toBeDefined();
      const gone = [{ ...secret('a', 'p', 'x'), value: null }];
      expect(await store.advance(head(1, 1), write({ head: head(2, 2), secrets: gone }))).toBe(true);
      expect(await store.secrets.get('access-token', 'a')).toBeUndefined();
    });
  });

  describe(`${name}: leases`, () => {
    const LONG_MS = 600_000;

    test('of many that take one job at once one gets it, keeps it, and may take it again', async () => {
      const { store, place } = await begun();
      const stores = [store, await place.open()] as const;
      const takeAll = () =>
        Promise.all(
          Array.from({ length: 10 }, (_, at) =>
            stores[at % 2 === 0 ? 0 : 1].leases.take('a', `${at}`, LONG_MS),
          ),
        );
      const first = await takeAll();
      expect(first.filter((one) => one)).toHaveLength(1);
      expect(await takeAll()).toEqual(first);
    });

    test('a job is held for itself, and by somebody else once it is given back', async () => {
      const { store, place } = await begun();
      const other = await place.open();
      expect(await store.leases.take('a', 'us', LONG_MS)).toBe(true);
      expect(await other.leases.take('b', 'them', LONG_MS)).toBe(true);
      expect(await other.leases.take('a', 'them', LONG_MS)).toBe(false);
      await store.leases.release('a', 'us');
      expect(await other.leases.take('a', 'them', LONG_MS)).toBe(true);
      expect(await store.leases.take('a', 'us', LONG_MS)).toBe(false);
    });

    test('nobody gives back what somebody else holds', async () => {
      const { store } = await begun();
      await store.leases.take('a', 'us', LONG_MS);
      await store.leases.release('a', 'them');
      await store.leases.release('b', 'us');
      expect(await store.leases.take('a', 'them', LONG_MS)).toBe(false);
    });

    test('a lease ends with its time, and once more after it was renewed', async () => {
      const { store } = await begun();
      const later = () => new Promise((resolve) => setTimeout(resolve, 5));
      await store.leases.take('a', 'us', 1);
      await later();
      expect(await store.leases.take('a', 'them', LONG_MS)).toBe(true);
      expect(await store.leases.take('a', 'them', 1)).toBe(true);
      await later();
      expect(await store.leases.take('a', 'us', LONG_MS)).toBe(true);
    });

    test('a lease from before the clock was set back is over, one that is merely longer is not', async () => {
      const { store } = await begun();
      await store.leases.take('a', 'us', LONG_MS);
      expect(await store.leases.take('a', 'them', 0.6 * LONG_MS)).toBe(false);
      expect(await store.leases.take('a', 'them', 0.4 * LONG_MS)).toBe(true);
    });

    test('a lease outlives the store that took it', async () => {
      const { store, place } = await begun();
      await store.leases.take('a', 'us', LONG_MS);
      await store.close();
      const again = await place.open();
      expect(await again.leases.take('a', 'them', LONG_MS)).toBe(false);
      expect(await again.leases.take('a', 'us', LONG_MS)).toBe(true);
    });
  });
}

/** A write that changes nothing but the head, with whatever is given. */
export function write(more: Partial<Write> & Pick<Write, 'head'>): Write {
  return {
    entries: [],
    tiles: [],
    states: [],
    rows: [],
    disclosures: [],
    erase: [],
    attachments: [],
    secrets: [],
    idempotency: [],
    ...more,
  };
}

export function head(size: number, mark: number): Head {
  const hash = new Uint8Array(32).fill(mark);
  return { size, root: hash, lastLeaf: hash, timeMs: 1_000 + mark, checkpoint: utf8(`checkpoint ${mark}`) };
}

export function entry(seq: number, stream: string, version: number): StoredEntry {
  return { seq, stream: stream as StreamId, version, bytes: utf8(`entry ${seq} of ${stream}`) }; // a store reads no names
}

const tile = (n: number) => ({ level: 0, n, hashes: new Uint8Array(32).fill(n) });

const state = (stream: StreamId, version: number, dueAtMs: number | null = null) => ({
  stream,
  version,
  state: JSON.stringify({ version }),
  dueAtMs,
});

const ticketRow = (key: string, ordinal: number, creator: string) =>
  rowChange('tickets', key, { seq: ordinal, ordinal, source: 's', project: 'p', state: 'open', creator });

const secret = (id: string, person: string, value: string): SecretChange => ({
  id,
  person,
  kind: 'access-token',
  value: utf8(value),
  expiresAtMs: null,
});

const plainHead = (one: Head | undefined) =>
  one && { ...one, root: hex(one.root), lastLeaf: hex(one.lastLeaf), checkpoint: hex(one.checkpoint) };

async function bytesOf(store: Store, from: number, to: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const bytes of store.entries(from, to)) found.push(hex(bytes));
  return found;
}

async function derivedKeys(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const { kind, key } of store.derived()) keys.push(`${kind} ${key}`);
  return keys;
}
