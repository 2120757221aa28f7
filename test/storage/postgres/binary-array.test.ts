import { afterAll, beforeAll, expect, test } from 'vitest';
import { binaryArray, type ColumnType } from '../../../src/storage/postgres/binary-array.ts';
import { asAdministrator, startTestPostgres, type TestPostgres } from '../../../tools/test-postgres.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server?.stop());

/** What the server made of it, as it spells it itself. */
async function understood(type: ColumnType, values: readonly unknown[]): Promise<readonly unknown[]> {
  const spelled = type === 'bytea' ? `encode(value, 'hex')` : 'value::text';
  const { rows } = await asAdministrator(server.url, (client) =>
    client.query<{ spelled: string | null }>(
      `select ${spelled} as spelled from unnest($1::${type}[]) with ordinality as given (value, place) order by place`,
      [binaryArray(type, values)],
    ),
  );
  return rows.map((row) => row.spelled);
}

test('numbers arrive as they are, up to the largest and the smallest that are exact', async () => {
  const numbers = [
    0,
    1,
    -1,
    2 ** 31,
    2 ** 32,
    2 ** 32 + 1,
    -(2 ** 32),
    -(2 ** 32) - 1,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ];
  expect(await understood('bigint', [...numbers, null])).toEqual([...numbers.map(String), null]);
});

test('texts arrive as they are, quotes and braces and foreign letters too', async () => {
  const texts = ['', 'null', '{"a":[1]}', 'a,b\\c"d', 'Grüße 𝄞', null];
  expect(await understood('text', texts)).toEqual(texts);
});

test('bytes arrive as they are', async () => {
  const bytes = [new Uint8Array(0), Uint8Array.of(0, 92, 255), null];
  expect(await understood('bytea', bytes)).toEqual(['', '005cff', null]);
});

test.each<[ColumnType, unknown]>([
  ['bigint', 2 ** 53],
  ['bigint', 1.5],
  ['bigint', '1'],
  ['text', 1],
  ['bytea', 'text'],
  ['text', undefined],
])('a column of %s is never given %s', (type, value) => {
  expect(() => binaryArray(type, [value])).toThrow(TypeError);
});
