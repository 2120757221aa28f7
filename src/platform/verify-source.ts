import Database from 'better-sqlite3';
import { nodeHasher } from './node-hasher.ts';
import { BadTileDirectory, openTileDirectory, type TileDirectory } from './tile-directory.ts';

/** Where a worker finds a log; plain data, so that it can be sent to one. */
export type VerifySource =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'tiles'; readonly directory: string };

/** A log opened for checking, synchronously, range by range. */
export interface OpenVerifySource {
  /** Entries `from` to `to` (exclusive); fewer when there are not so many. */
  entries(from: number, to: number): Iterable<Uint8Array>;
  /** A stored tile; undefined when there is none. */
  tile(level: number, n: number, width: number): Uint8Array | undefined;
  /** What entries name as `sha256:<hex>`; undefined when it did not come along. Whether it has that digest is the audit's to say. */
  attachment(digest: string): Uint8Array | undefined;
  close(): void;
}

/** Opens a source for reading only. Throws when the file or directory cannot be read. */
export function openVerifySource(source: VerifySource): OpenVerifySource {
  return source.kind === 'sqlite' ? openSqlite(source.path) : openTiles(source.directory);
}

// All entries of a range come in one blob: a buffer for each costs as much time as hashing it. Should they ever come
// in another order, the check fails; it cannot pass.
const ENTRIES_IN_RANGE = `
  select cast(group_concat(bytes, '') as blob) as whole, json_group_array(length(bytes)) as lengths
  from (select bytes from entries where seq >= ? and seq < ? order by seq)`;

function openSqlite(path: string): OpenVerifySource {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  const range = database.prepare<[number, number], { whole: Uint8Array | null; lengths: string }>(
    ENTRIES_IN_RANGE,
  );
  const tile = database
    .prepare<[number, number], Uint8Array>('select hashes from tiles where level = ? and n = ?')
    .pluck();
  return {
    entries: (from, to) => {
      const row = range.get(from, to);
      return cutEntries(row?.whole ?? new Uint8Array(0), JSON.parse(row?.lengths ?? '[]'));
    },
    tile: (level, n) => tile.get(level, n),
    attachment: (digest) =>
      database
        .prepare<[string], Uint8Array>('select bytes from attachments where digest = ?')
        .pluck()
        .get(digest),
    close: () => void database.close(),
  };
}

function* cutEntries(whole: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  const bytes = new Uint8Array(whole.buffer, whole.byteOffset, whole.length); // cut faster than a Buffer is
  let at = 0;
  for (const length of lengths) {
    yield bytes.subarray(at, at + length);
    at += length;
  }
  if (at !== bytes.length) throw new RangeError('entries are not stored as the bytes that were sealed');
}

function openTiles(path: string): OpenVerifySource {
  const directory = openTileDirectory(path);
  return {
    entries: directory.entriesNow,
    tile: directory.tile,
    attachment: (digest) => attachmentIn(directory, digest),
    close: () => undefined,
  };
}

/** A file that is not what its name says counts as other bytes, which the audit calls a fault, and not as a missing one. */
function attachmentIn(directory: TileDirectory, digest: string): Uint8Array | undefined {
  if (!digest.startsWith('sha256:')) return undefined;
  try {
    return directory.attachment(nodeHasher, digest.slice('sha256:'.length));
  } catch (error) {
    if (error instanceof BadTileDirectory && error.reason === 'attachment-differs') return new Uint8Array(0);
    throw error;
  }
}
