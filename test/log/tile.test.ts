import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex, utf8 } from '../../src/log/bytes.ts';
import { inclusionProof, verifyInclusion } from '../../src/log/proof.ts';
import type { TileEdge } from '../../src/log/tile.ts';
import {
  appendToTiles,
  emptyTileEdge,
  entriesPath,
  formatEntryBundle,
  parseEntryBundle,
  tileEdgeFrom,
  tileHashReader,
  tilePath,
  tilesOfSize,
} from '../../src/log/tile.ts';
import { appendLeaves, edgeRoot, emptyEdge, leafHash } from '../../src/log/tree.ts';
import { checkUpperTiles } from '../../src/log/verify-tiles.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

const SIZE = 70_000;
const leaves = Array.from({ length: SIZE }, (_, at) => leafHash(nodeHasher, utf8(`leaf ${at}`)));
const rows = new Map<string, Uint8Array>();
const edge = store(emptyTileEdge, leaves, rows);

function store(from: TileEdge, added: readonly Uint8Array[], into: Map<string, Uint8Array>): TileEdge {
  const grown = appendToTiles(nodeHasher, from, added);
  for (const { level, n, hashes } of grown.tiles) into.set(`${level}/${n}`, hashes);
  return grown.edge;
}

function read(level: number, n: number): Uint8Array {
  const tile = rows.get(`${level}/${n}`);
  if (tile === undefined) throw new Error(`no tile ${level}/${n}`);
  return tile;
}

test('a tree of 70,000 leaves has the tiles that its size demands, each of its width', () => {
  const names = [...tilesOfSize(SIZE)];
  expect(names.filter(({ level }) => level === 0)).toHaveLength(274);
  expect(names.filter(({ width }) => width < 256)).toEqual([
    { level: 0, n: 273, width: 112 },
    { level: 1, n: 1, width: 17 },
    { level: 2, n: 0, width: 1 },
  ]);
  expect(rows.size).toBe(names.length);
  for (const { level, n, width } of names) expect(rows.get(`${level}/${n}`)?.length).toBe(32 * width);
});

test('no empty tile is made where a level ends on a tile', () => {
  expect([...tilesOfSize(256)]).toEqual([
    { level: 0, n: 0, width: 256 },
    { level: 1, n: 0, width: 1 },
  ]);
  expect([...tilesOfSize(0)]).toEqual([]);
  expect(() => [...tilesOfSize(-1)]).toThrow(expect.objectContaining({ reason: 'bad-size' }));
});

test('commits of any sizes store the same tiles, edge and root as one commit of all', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 8 }), (sizes) => {
      const stored = new Map<string, Uint8Array>();
      let grown = emptyTileEdge;
      for (const size of sizes) grown = store(grown, leaves.slice(grown.size, grown.size + size), stored);
      const whole = new Map<string, Uint8Array>();
      const once = store(emptyTileEdge, leaves.slice(0, grown.size), whole);
      expect(stored).toEqual(whole);
      expect(edgeRoot(nodeHasher, grown)).toEqual(edgeRoot(nodeHasher, once));
      const plain = appendLeaves(nodeHasher, emptyEdge, leaves.slice(0, grown.size));
      expect(grown.hashes).toEqual(plain.hashes);
    }),
    { numRuns: 30 },
  );
});

test('an edge is not changed by appending to it, so that a commit may fail', () => {
  const before = store(emptyTileEdge, leaves.slice(0, 300), new Map());
  const copy = structuredClone(before);
  store(before, leaves.slice(300, 600), new Map());
  expect(before).toEqual(copy);
  expect(appendToTiles(nodeHasher, before, [])).toEqual({ edge: before, tiles: [] });
});

test('one entry more costs few hashes, however full the tile is', () => {
  let hashes = 0;
  const counting = {
    ...nodeHasher,
    sha256: (message: Uint8Array) => {
      hashes++;
      return nodeHasher.sha256(message);
    },
  };
  const full = store(emptyTileEdge, leaves.slice(0, 254), new Map());
  appendToTiles(counting, full, leaves.slice(254, 255));
  expect(hashes).toBe(0);
  const last = store(emptyTileEdge, leaves.slice(0, 255), new Map());
  appendToTiles(counting, last, leaves.slice(255, 256));
  expect(hashes).toBe(8);
});

test('the edge is had back from the stored tiles, also at an earlier size, and grows as before', async () => {
  expect(await tileEdgeFrom(nodeHasher, SIZE, read)).toEqual(edge);
  const earlier = await tileEdgeFrom(nodeHasher, 69_999, read);
  expect(store(earlier, leaves.slice(69_999), new Map())).toEqual(edge);
  expect(await tileEdgeFrom(nodeHasher, 0, read)).toEqual(emptyTileEdge);
});

test('a stored tile that is too short or no whole number of hashes is refused', async () => {
  const short = (level: number, n: number): Uint8Array => read(level, n).slice(32);
  await expect(tileEdgeFrom(nodeHasher, SIZE, short)).rejects.toMatchObject({ reason: 'too-short' });
  const broken = (level: number, n: number): Uint8Array => read(level, n).slice(1);
  await expect(tileEdgeFrom(nodeHasher, SIZE, broken)).rejects.toMatchObject({ reason: 'broken-hash' });
});

test('inclusion proofs are served from tiles alone', async () => {
  const root = edgeRoot(nodeHasher, edge);
  const readHash = tileHashReader(nodeHasher, SIZE, read);
  for (const index of [0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999]) {
    const proof = await inclusionProof(nodeHasher, index, SIZE, readHash);
    const leaf = leaves[index] ?? new Uint8Array();
    verifyInclusion(nodeHasher, { leafHash: leaf, index, size: SIZE, root, proof });
  }
  // The second is a subtree that has begun but is not complete.
  for (const [level, index] of [
    [4, 4375],
    [5, 2187],
    [0, 70_000],
  ] as const) {
    await expect(readHash(level, index)).rejects.toMatchObject({ reason: 'outside-tree' });
  }
});

test('a bundle gives its entries back, and refuses one that its length field cannot hold', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 256 }), (entries) => {
      const parsed = parseEntryBundle(formatEntryBundle(entries), entries.length);
      expect(parsed.map(hex)).toEqual(entries.map(hex));
    }),
    { numRuns: 30 },
  );
  expect(parseEntryBundle(formatEntryBundle([new Uint8Array(65_535)]), 1)[0]?.length).toBe(65_535);
  expect(() => formatEntryBundle([new Uint8Array(65_536)])).toThrow(
    expect.objectContaining({ reason: 'entry-too-large' }),
  );
  const many = Array.from({ length: 257 }, () => new Uint8Array(0));
  expect(() => formatEntryBundle(many)).toThrow(expect.objectContaining({ reason: 'bundle-too-many' }));
  expect(() => parseEntryBundle(new Uint8Array(514), 257)).toThrow(
    expect.objectContaining({ reason: 'bundle-too-many' }),
  );
});

test('tiles above the leaves are checked against those below, and the first entry under a wrong hash is named', () => {
  const find = (level: number, n: number): Uint8Array | undefined => rows.get(`${level}/${n}`);
  expect(checkUpperTiles(nodeHasher, SIZE, find)).toBeUndefined();
  const changed = read(1, 0).map((byte, at) => (at === 3 * 32 ? byte ^ 1 : byte));
  const lie = (level: number, n: number): Uint8Array | undefined =>
    level === 1 && n === 0 ? changed : find(level, n);
  expect(checkUpperTiles(nodeHasher, SIZE, lie)).toEqual({ seq: 768, reason: 'tile-differs' });
  const gap = (level: number, n: number): Uint8Array | undefined =>
    level === 2 ? undefined : find(level, n);
  expect(checkUpperTiles(nodeHasher, SIZE, gap)).toEqual({ seq: 0, reason: 'tile-missing' });
  const cut = (level: number, n: number): Uint8Array | undefined =>
    find(level, n)?.slice(0, level === 0 ? 8000 : 8192);
  expect(checkUpperTiles(nodeHasher, SIZE, cut)).toEqual({ seq: 0, reason: 'tile-differs' });
});

test('no path is made for a tile that cannot be', () => {
  for (const [level, n, width] of [
    [0, -1],
    [0, 0.5],
    [0, 2 ** 53],
    [7, 0],
    [-1, 0],
    [0, 0, 0],
    [0, 0, 257],
  ] as const) {
    expect(() => tilePath(level, n, width)).toThrow(expect.objectContaining({ reason: 'bad-path' }));
  }
  expect(() => entriesPath(-1)).toThrow(expect.objectContaining({ reason: 'bad-path' }));
});
