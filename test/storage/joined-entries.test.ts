import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { joinedEntries } from '../../src/storage/sqlite/joined-entries.ts';
import { migrate } from '../../src/storage/sqlite/migrate.ts';

/** Whatever somebody may have put there: no text, half a character, nothing at all, commas and zeros. */
const values: readonly Uint8Array[] = [
  Uint8Array.of(0),
  Uint8Array.of(0xff, 0xfe, 0, 0xc3),
  new Uint8Array(0),
  Uint8Array.of(0xef, 0xbb, 0xbf, 0x2c, 0x2c),
  new Uint8Array(65_535).map((_, at) => at * 7),
  Uint8Array.of(0xa9),
];

test('entries that are read joined are byte for byte those that were stored, in the order of the log', () => {
  const client = new Database(':memory:');
  migrate(client, 0);
  const insert = client.prepare('insert into entries (seq, stream, version, bytes) values (?, ?, 1, ?)');
  for (const seq of [3, 0, 5, 1, 4, 2]) insert.run(seq, `ticket/${seq}`, values[seq]);
  const read = joinedEntries(client);
  const plain = (from: number, to: number) => read(from, to).map((bytes) => [...bytes]);
  expect(plain(0, 9)).toEqual(values.map((bytes) => [...bytes]));
  expect(plain(2, 4)).toEqual(values.slice(2, 4).map((bytes) => [...bytes]));
  expect(plain(2, 3)).toEqual([[]]);
  expect(plain(6, 9)).toEqual([]);
  client.close();
});
