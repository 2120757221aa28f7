import type { SqlStorage } from '@cloudflare/workers-types';
import type { SqlClient } from '../sqlite/sql-client.ts';

/** The SQLite of a Durable Object, asked as a file's connection is. It keeps statements prepared by their text. */
export function sqlStorageClient(sql: SqlStorage): SqlClient {
  return {
    // Its bound is a hundred values a statement.
    rowsAtOnce: [16, 4],
    exec: (text) => sql.exec(text),
    prepare(text) {
      const all = (...parameters: unknown[]) =>
        sql
          .exec(text, ...parameters)
          .toArray()
          .map(withBytes);
      return {
        all,
        // Taken whole: a cursor that is left open would keep its statement from being used again.
        get: (...parameters) => all(...parameters)[0],
        run: (...parameters) => sql.exec(text, ...parameters),
      };
    },
  };
}

/** Blobs come as buffers; everything here reads bytes. The row is the cursor's own, made for this one answer. */
function withBytes(row: Record<string, unknown>): Record<string, unknown> {
  for (const column in row) {
    const value = row[column];
    if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
  }
  return row;
}
