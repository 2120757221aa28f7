import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { hex } from '../log/bytes.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import type { Hasher } from '../log/hasher.ts';
import { HASH_BYTES } from '../log/hasher.ts';
import { splitNote } from '../log/note.ts';
import type { Tile } from '../log/tile.ts';
import {
  appendToTiles,
  BadTile,
  bundlesOfSize,
  emptyTileEdge,
  entriesPath,
  formatEntryBundle,
  parseEntryBundle,
  TILE_WIDTH,
  tilePath,
} from '../log/tile.ts';
import { leafHash } from '../log/tree.ts';

const CHECKPOINT_FILE = 'checkpoint';
const POLICY_FILE = 'log-policy';
const ATTACHMENTS = 'attachments';
const EXPORTED_AT_ONCE = 16 * TILE_WIDTH;

export interface TileDirectoryExport {
  /** A path that does not exist yet, or an empty directory. */
  readonly directory: string;
  readonly checkpointNote: Uint8Array;
  /** The checkpoint's size: exactly so many entries are written. */
  readonly size: number;
  readonly entries: (from: number, to: number) => AsyncIterable<Uint8Array>;
  readonly attachments?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** The log's own statement of its keys and witnesses; readers show it as self-declared. */
  readonly logPolicyText?: string;
  readonly hasher: Hasher;
}

/** An export that could not be made, or a directory that is none. */
export class BadTileDirectory extends Error {
  readonly reason: 'target-not-empty' | 'entries-missing' | 'no-checkpoint' | 'attachment-differs';

  constructor(reason: BadTileDirectory['reason'], path: string) {
    super(`tile directory ${path}: ${reason}`);
    this.name = 'BadTileDirectory';
    this.reason = reason;
  }
}

/**
 * Writes a log as static files (C2SP tlog-tiles): `checkpoint`, `tile/…`, `tile/entries/…`, `attachments/<sha256>`
 * and `log-policy`. They are made in a sibling directory that takes the target's name only when all are on the disk.
 * Throws BadTileDirectory when the target is not empty or entries are missing.
 */
export async function exportTileDirectory(wanted: TileDirectoryExport): Promise<void> {
  const { checkpointNote, logPolicyText, hasher } = wanted;
  const directory = resolve(wanted.directory);
  if (existsSync(directory) && (await readdir(directory)).length > 0) {
    throw new BadTileDirectory('target-not-empty', directory);
  }
  await mkdir(dirname(directory), { recursive: true });
  const draft = await mkdtemp(`${directory}.partial-`);
  try {
    await writeEntriesAndTiles(draft, wanted);
    for await (const bytes of wanted.attachments ?? []) {
      await writeDurably(join(draft, ATTACHMENTS, hex(hasher.sha256(bytes))), bytes);
    }
    if (logPolicyText !== undefined) await writeDurably(join(draft, POLICY_FILE), logPolicyText);
    await writeDurably(join(draft, CHECKPOINT_FILE), checkpointNote);
    await rename(draft, directory); // takes the place of an empty directory, never of a full one
    await syncDirectory(dirname(directory));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

export interface TileDirectory {
  /** The signed checkpoint as it stands in the file. */
  readonly checkpointNote: Uint8Array;
  /** The size that the checkpoint states; nothing is believed yet. */
  readonly size: number;
  /** What the export says of itself; undefined when it says nothing. */
  readonly logPolicy: Uint8Array | undefined;
  /**
   * Entries `from` to `to` (exclusive), none from beyond the checkpoint. They end before a bundle that is missing or
   * malformed, so that a check names the first entry there is none of.
   */
  entries(from: number, to: number): AsyncIterable<Uint8Array>;
  /** The same, at once. */
  entriesNow(from: number, to: number): Iterable<Uint8Array>;
  /** A stored tile; undefined when there is none. */
  tile(level: number, n: number, width: number): Uint8Array | undefined;
  /** The attachment with this SHA-256; undefined when it is not there: not checkable, never a pass. */
  attachment(hasher: Hasher, digestHex: string): Uint8Array | undefined;
}

/** Opens an export for reading. Throws BadTileDirectory without a checkpoint, and BadNote or BadCheckpoint for a malformed one. */
export function openTileDirectory(directory: string): TileDirectory {
  const checkpointNote = readOptional(join(directory, CHECKPOINT_FILE));
  if (checkpointNote === undefined) throw new BadTileDirectory('no-checkpoint', directory);
  const { size } = parseCheckpoint(splitNote(checkpointNote).text);
  const entriesNow = (from: number, to: number): Iterable<Uint8Array> =>
    readEntries(directory, size, from, to);
  const tile = (level: number, n: number, width: number): Uint8Array | undefined =>
    readOptional(join(directory, tilePath(level, n, width)));
  return {
    checkpointNote,
    size,
    logPolicy: readOptional(join(directory, POLICY_FILE)),
    async *entries(from, to) {
      yield* entriesNow(from, to);
    },
    entriesNow,
    tile,
    attachment: (hasher, digestHex) => readAttachment(directory, hasher, digestHex),
  };
}

async function writeEntriesAndTiles(draft: string, wanted: TileDirectoryExport): Promise<void> {
  const { hasher, size } = wanted;
  let edge = emptyTileEdge;
  let unfinished = new Map<string, Tile>();
  for (let first = 0; first < size; first += EXPORTED_AT_ONCE) {
    const entries = await collect(wanted.entries(first, Math.min(size, first + EXPORTED_AT_ONCE)));
    if (entries.length !== Math.min(EXPORTED_AT_ONCE, size - first)) {
      throw new BadTileDirectory('entries-missing', wanted.directory);
    }
    await writeBundles(draft, first, entries);
    const grown = appendToTiles(
      hasher,
      edge,
      entries.map((bytes) => leafHash(hasher, bytes)),
    );
    edge = grown.edge;
    unfinished = await writeFullTiles(draft, grown.tiles, unfinished);
  }
  for (const tile of unfinished.values()) await writeTile(draft, tile);
}

async function writeBundles(draft: string, first: number, entries: readonly Uint8Array[]): Promise<void> {
  for (const { n, width } of bundlesOfSize(entries.length)) {
    const bundle = formatEntryBundle(entries.slice(n * TILE_WIDTH, n * TILE_WIDTH + width));
    await writeDurably(join(draft, entriesPath(first / TILE_WIDTH + n, width)), bundle);
  }
}

/** Writes what is full; answers what is not, of which only the last state is wanted. */
async function writeFullTiles(
  draft: string,
  tiles: readonly Tile[],
  unfinished: ReadonlyMap<string, Tile>,
): Promise<Map<string, Tile>> {
  const rest = new Map(unfinished);
  for (const tile of tiles) {
    const name = tilePath(tile.level, tile.n);
    rest.delete(name);
    if (tileWidth(tile) === TILE_WIDTH) await writeTile(draft, tile);
    else rest.set(name, tile);
  }
  return rest;
}

async function writeTile(draft: string, tile: Tile): Promise<void> {
  await writeDurably(join(draft, tilePath(tile.level, tile.n, tileWidth(tile))), tile.hashes);
}

function tileWidth(tile: Tile): number {
  return tile.hashes.length / HASH_BYTES;
}

async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function collect(entries: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const bytes of entries) all.push(bytes);
  return all;
}

function* readEntries(directory: string, size: number, from: number, to: number): Generator<Uint8Array> {
  const end = Math.min(to, size);
  for (let n = Math.floor(from / TILE_WIDTH); n * TILE_WIDTH < end; n++) {
    const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH);
    const bundle = readOptional(join(directory, entriesPath(n, width)));
    const entries = bundle === undefined ? undefined : parseBundle(bundle, width);
    if (entries === undefined) return;
    const start = n * TILE_WIDTH;
    yield* entries.slice(Math.max(0, from - start), end - start);
  }
}

function parseBundle(bundle: Uint8Array, width: number): Uint8Array[] | undefined {
  try {
    return parseEntryBundle(bundle, width);
  } catch (error) {
    if (error instanceof BadTile) return undefined;
    throw error;
  }
}

function readAttachment(directory: string, hasher: Hasher, digestHex: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{64}$/.test(digestHex)) return undefined;
  const path = join(directory, ATTACHMENTS, digestHex);
  const bytes = readOptional(path);
  if (bytes !== undefined && hex(hasher.sha256(bytes)) !== digestHex) {
    throw new BadTileDirectory('attachment-differs', path);
  }
  return bytes;
}

function readOptional(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
