import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { hex, utf8 } from '../../src/log/bytes.ts';
import { verifierKeyOf } from '../../src/log/note.ts';
import { appendToTiles, emptyTileEdge, tilesOfSize } from '../../src/log/tile.ts';
import { leafHash } from '../../src/log/tree.ts';
import { verifyLog } from '../../src/log/verify.ts';
import { verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { exportTileDirectory, openTileDirectory } from '../../src/platform/tile-directory.ts';
import { verifyInWorkers } from '../../src/platform/verify-in-workers.ts';
import { checkpointOf, newSigner, origin, reader, sampleDrafts, sealAll } from '../log/sample-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-tiles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signer = newSigner();
const entries = sealAll(sampleDrafts(9000));
const checkpointNote = await checkpointOf(entries, signer);
const input = {
  hasher: nodeHasher,
  verify: verifyEd25519,
  origin,
  logKeys: [verifierKeyOf(nodeHasher, signer)],
  checkpointNote,
  heldCheckpoints: [await checkpointOf(entries.slice(0, 5000), signer)],
};
const attachment = utf8('the text of a policy');

async function exportTo(name: string, log: readonly Uint8Array[] = entries): Promise<string> {
  const directory = join(folder, name);
  await exportTileDirectory({
    directory,
    checkpointNote,
    size: entries.length,
    entries: reader(log),
    attachments: [attachment],
    logPolicyText: 'quorum none\n',
    hasher: nodeHasher,
  });
  return directory;
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<string[]> {
  const all: string[] = [];
  for await (const bytes of source) all.push(hex(bytes));
  return all;
}

test('an exported log is read back the same, entry for entry, with checkpoint, policy and attachments', async () => {
  const opened = openTileDirectory(await exportTo('whole'));
  expect(hex(opened.checkpointNote)).toBe(hex(checkpointNote));
  expect(await collect(opened.entries(0, 99_999))).toEqual(entries.map(hex));
  expect(await collect(opened.entries(250, 515))).toEqual(entries.slice(250, 515).map(hex));
  expect(opened.logPolicy).toEqual(readFileSync(join(folder, 'whole/log-policy')));
  const digest = hex(nodeHasher.sha256(attachment));
  expect(hex(opened.attachment(nodeHasher, digest) ?? new Uint8Array())).toBe(hex(attachment));
  expect(opened.attachment(nodeHasher, 'ab'.repeat(32))).toBeUndefined();
  expect(opened.attachment(nodeHasher, '../checkpoint')).toBeUndefined();
});

test('an export has the tiles of its size and no other file', async () => {
  const directory = await exportTo('files');
  const levels = ['0', '1'].map(
    (level) => readdirSync(join(directory, 'tile', level), { recursive: true }).length,
  );
  const names = [...tilesOfSize(9000)];
  // A partial tile is a folder and a file.
  expect(levels).toEqual([0, 1].map((level) => names.filter((name) => name.level === level).length + 1));
  expect(existsSync(join(directory, 'tile/0/035.p/40'))).toBe(true);
  expect(existsSync(join(directory, 'tile/entries/035.p/40'))).toBe(true);
  expect(readdirSync(directory).sort()).toEqual(['attachments', 'checkpoint', 'log-policy', 'tile']);
});

test('a target that is not empty is refused and left as it was; an empty one is filled', async () => {
  mkdirSync(join(folder, 'full'));
  writeFileSync(join(folder, 'full/file'), 'mine');
  await expect(exportTo('full')).rejects.toMatchObject({ reason: 'target-not-empty' });
  expect(readdirSync(join(folder, 'full'))).toEqual(['file']);
  mkdirSync(join(folder, 'empty'));
  await exportTo('empty');
  expect(openTileDirectory(join(folder, 'empty')).size).toBe(9000);
});

test('an export that fails half-way leaves nothing behind', async () => {
  await expect(exportTo('short', entries.slice(0, 8999))).rejects.toMatchObject({
    reason: 'entries-missing',
  });
  expect(readdirSync(folder).filter((name) => name.startsWith('short'))).toEqual([]);
});

test('a directory without a checkpoint is not opened', () => {
  expect(() => openTileDirectory(folder)).toThrow(expect.objectContaining({ reason: 'no-checkpoint' }));
});

test('an attachment whose bytes are not those of its name is refused', async () => {
  const directory = await exportTo('attached');
  const digest = hex(nodeHasher.sha256(attachment));
  writeFileSync(join(directory, 'attachments', digest), 'other text');
  expect(() => openTileDirectory(directory).attachment(nodeHasher, digest)).toThrow(
    expect.objectContaining({ reason: 'attachment-differs' }),
  );
});

test('an export passes when checked here and in workers, with the same verdicts', async () => {
  const directory = await exportTo('checked');
  const opened = openTileDirectory(directory);
  const here = await verifyLog({ ...input, findTile: opened.tile, entries: opened.entries });
  expect(here.intact.passed).toBe(true);
  expect(here.complete).toMatchObject({ passed: true, coveredSize: 5000 });
  expect(await verifyInWorkers({ ...input, source: { kind: 'tiles', directory }, workers: 2 })).toEqual(here);
});

test.each([
  ['tile/entries/020', 100, 5121],
  ['tile/0/020', 0, 5120],
  ['tile/1/000.p/35', 33, 256],
])('a byte changed in %s of an export is found by workers', async (file, position, seq) => {
  const directory = await exportTo(`changed-${file.replaceAll('/', '-')}`);
  const path = join(directory, file);
  const bytes = readFileSync(path);
  bytes[position] = (bytes[position] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const { intact } = await verifyInWorkers({ ...input, source: { kind: 'tiles', directory }, workers: 2 });
  expect(intact).toMatchObject({ passed: false, fault: { seq } });
});

test.each(['gone', 'cut short'])(
  'a bundle that is %s names the first entry there is none of',
  async (how) => {
    const directory = await exportTo(`bundle-${how}`);
    const path = join(directory, 'tile/entries/020');
    if (how === 'gone') rmSync(path);
    else writeFileSync(path, readFileSync(path).subarray(1));
    const opened = openTileDirectory(directory);
    const { intact } = await verifyLog({ ...input, entries: opened.entries });
    expect(intact.fault).toEqual({ seq: 5120, reason: 'entry-missing' });
  },
);

function storeInSqlite(name: string, log: readonly Uint8Array[]): string {
  const path = join(folder, name);
  const database = new Database(path);
  database.exec('create table entries(seq integer primary key, stream text, version integer, bytes blob)');
  database.exec('create table tiles(level integer, n integer, hashes blob, primary key (level, n))');
  const entry = database.prepare('insert into entries(seq, bytes) values (?, ?)');
  const row = database.prepare('insert into tiles values (?, ?, ?)');
  database.transaction(() => {
    for (const [seq, bytes] of log.entries()) entry.run(seq, bytes);
    const { tiles } = appendToTiles(
      nodeHasher,
      emptyTileEdge,
      entries.map((bytes) => leafHash(nodeHasher, bytes)),
    );
    for (const { level, n, hashes } of tiles) row.run(level, n, hashes);
  })();
  database.close();
  return path;
}

test('a database passes in workers, with the same verdicts as on one thread', async () => {
  const path = storeInSqlite('good.db', entries);
  const here = await verifyLog({ ...input, entries: reader(entries) });
  expect(here.intact.passed).toBe(true);
  for (const workers of [1, 3]) {
    expect(await verifyInWorkers({ ...input, source: { kind: 'sqlite', path }, workers })).toEqual(here);
  }
});

test('in a database an entry that is gone, or whose bytes were cut in two, is found by workers', async () => {
  const gone = storeInSqlite('gone.db', entries);
  const database = new Database(gone);
  database.exec('delete from entries where seq = 8200');
  database.close();
  const { intact } = await verifyInWorkers({ ...input, source: { kind: 'sqlite', path: gone }, workers: 2 });
  expect(intact.fault).toMatchObject({ seq: 8200, reason: 'wrong-seq' });
  const whole = entries[5] ?? new Uint8Array(0);
  const halves = storeInSqlite('halves.db', [...entries.slice(0, 5), whole.slice(0, 90), whole.slice(90)]);
  const cut = await verifyInWorkers({ ...input, source: { kind: 'sqlite', path: halves }, workers: 2 });
  expect(cut.intact.fault).toMatchObject({ seq: 5, reason: 'not-json' });
});

test('a source that cannot be read rejects, and gives no verdict', async () => {
  const path = join(folder, 'absent.db');
  await expect(verifyInWorkers({ ...input, source: { kind: 'sqlite', path } })).rejects.toThrow();
});
