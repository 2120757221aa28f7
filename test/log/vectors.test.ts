import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromUtf8 } from '../../src/log/bytes.ts';
import { parseCanonical } from '../../src/log/canonical-json.ts';
import { formatCheckpoint, parseCheckpoint } from '../../src/log/checkpoint.ts';
import { formatLogPolicy, parseLogPolicy } from '../../src/log/log-policy.ts';
import { formatVerifierKey, openNote, parseVerifierKey, splitNote } from '../../src/log/note.ts';
import { formatProofFile, parseProofFile } from '../../src/log/proof.ts';
import {
  entriesPath,
  formatEntryBundle,
  parseEntriesPath,
  parseEntryBundle,
  parseTilePath,
  tilePath,
} from '../../src/log/tile.ts';
import { verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

// A file is named <what is read>__<why it is refused>[__<how>]; a valid one <what is read>__<what it shows>.
const folder = join(import.meta.dirname, '../vectors');
const exampleKey = parseVerifierKey(
  nodeHasher,
  'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
);

type Write = () => Uint8Array | string;

/** Reads a file of its kind; answers how to write again what was read. */
const readers: Readonly<Record<string, (bytes: Uint8Array) => Promise<Write>>> = {
  note: async (bytes) => {
    const { text } = await openNote(bytes, [exampleKey], verifyEd25519);
    return () => `${text}\n${splitNote(bytes).lines.join('\n')}\n`;
  },
  vkey: async (bytes) => {
    const key = parseVerifierKey(nodeHasher, fromUtf8(bytes));
    return () => formatVerifierKey(key);
  },
  checkpoint: async (bytes) => {
    const checkpoint = parseCheckpoint(fromUtf8(bytes));
    return () => formatCheckpoint(checkpoint);
  },
  json: async (bytes) => {
    const value = parseCanonical(bytes);
    return () => JSON.stringify(value);
  },
  'bundle-of-2': async (bytes) => {
    const entries = parseEntryBundle(bytes, 2);
    return () => formatEntryBundle(entries);
  },
  proof: async (bytes) => {
    const file = parseProofFile(bytes);
    return () => formatProofFile(file);
  },
  'log-policy': async (bytes) => {
    const policy = parseLogPolicy(nodeHasher, bytes);
    return () => formatLogPolicy(policy);
  },
};

function vectors(kind: 'valid' | 'invalid'): string[] {
  return readdirSync(join(folder, kind, 'log')).filter((name) => !name.startsWith('tile-paths'));
}

function load(kind: 'valid' | 'invalid', name: string): Uint8Array {
  return readFileSync(join(folder, kind, 'log', name));
}

function readerOf(name: string): (typeof readers)[string] & {} {
  const read = readers[name.split('__')[0] ?? ''];
  if (read === undefined) throw new Error(`no reader for ${name}`);
  return read;
}

test.each(vectors('valid'))('%s is read, and written again as the same bytes', async (name) => {
  const bytes = load('valid', name);
  const write = await readerOf(name)(bytes);
  expect(Buffer.from(write()).toString('latin1')).toBe(Buffer.from(bytes).toString('latin1'));
});

test.each(vectors('invalid'))('%s is refused for the reason it is named for', async (name) => {
  const [, reason] = name.replace(/\.\w+$/, '').split('__');
  await expect(readerOf(name)(load('invalid', name))).rejects.toMatchObject({ reason });
});

test('tile paths are read and written in one spelling', () => {
  for (const path of fromUtf8(load('valid', 'tile-paths.txt')).trimEnd().split('\n')) {
    if (path.startsWith('tile/entries')) {
      const { n, width } = parseEntriesPath(path);
      expect(entriesPath(n, width)).toBe(path);
    } else {
      const { level, n, width } = parseTilePath(path);
      expect(tilePath(level, n, width)).toBe(path);
    }
  }
});

test.each(fromUtf8(load('invalid', 'tile-paths__bad-path.txt')).trimEnd().split('\n'))(
  'the path %s is refused',
  (path) => {
    expect(() => parseTilePath(path)).toThrow(expect.objectContaining({ reason: 'bad-path' }));
    expect(() => parseEntriesPath(path)).toThrow(expect.objectContaining({ reason: 'bad-path' }));
  },
);
