import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { auditLog } from '../../src/platform/audit-log.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { exportTileDirectory } from '../../src/platform/tile-directory.ts';
import { buildLog, type Story } from '../audit/build-log.ts';
import { judgeStory } from '../audit/judge-story.ts';
import { logDatabase, type StoredLog } from '../audit/log-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
async function store(tell: (story: Story) => void): Promise<StoredLog> {
  const database = logDatabase(join(folder, `${made++}.db`));
  const story = buildLog(database.put);
  story.begin();
  tell(story);
  return database.finish(story.origin, story.attachments);
}

const audit = (log: StoredLog, workers = 2) => auditLog({ ...log, workers, isSelfDeclared: false });

/** More than two ranges of work, so that workers answer out of turn. */
function manyRequests(story: Story): void {
  const { maya, tomas } = story.people;
  while (story.writer.size() < 9000) {
    story.review(tomas, story.submit(maya, 'operator'));
    story.wait(60_000);
  }
}

function oneForged(story: Story): void {
  manyRequests(story);
  story.review(story.people.maya, story.submit(story.people.maya, 'operator'));
  story.review(story.people.lea, story.submit(story.people.maya, 'operator'));
}

/** Edits the database as somebody without the log's key could. */
function edit({ source }: StoredLog, statement: string, ...values: unknown[]): void {
  const database = new Database(source.path);
  database.prepare(statement).run(...values);
  database.close();
}

async function exported(log: StoredLog, name: string): Promise<string> {
  const directory = join(folder, name);
  const database = new Database(log.source.path, { readonly: true });
  const range = database.prepare<[number, number], Uint8Array>(
    'select bytes from entries where seq >= ? and seq < ? order by seq',
  );
  await exportTileDirectory({
    directory,
    checkpointNote: log.checkpointNote,
    size: log.size,
    entries: async function* (from, to) {
      yield* range.pluck().all(from, to);
    },
    attachments: database.prepare<[], Uint8Array>('select bytes from attachments').pluck().all(),
    hasher: nodeHasher,
  });
  database.close();
  return directory;
}

test('an honest log of several ranges is intact and conformant, however many workers there are', async () => {
  const log = await store(manyRequests);
  const expected = await judgeStory(manyRequests);
  for (const workers of [1, 3]) {
    const report = await audit(log, workers);
    expect(report).toMatchObject({
      size: log.size,
      intact: { passed: true },
      complete: { passed: 'not-reached' },
    });
    expect(report.conformant).toEqual(expected);
    expect(report.conformant?.passed).toBe(true);
  }
});

test('a decision against the rules in the last range is named, in a log that is intact', async () => {
  const { intact, conformant } = await audit(await store(oneForged));
  expect(intact.passed).toBe(true);
  expect(conformant).toEqual(await judgeStory(oneForged));
  expect(conformant?.faults.map(({ rule }) => rule)).toContain('approver-is-not-requester');
});

test.each([5, 8500])('after a byte of entry %i was changed no decision is judged', async (seq) => {
  const log = await store(oneForged);
  const changed =
    'update entries set bytes = replace(cast(bytes as text), \'"human"\', \'"humam"\') where seq = ?';
  edit(log, changed, seq);
  const { intact, conformant } = await audit(log);
  expect(intact.fault?.seq).toBeGreaterThanOrEqual(seq);
  expect(intact.fault?.seq).toBeLessThanOrEqual(seq + 1);
  expect(conformant).toBeUndefined();
});

test('an entry put there as text of another length is a fault, not a source that cannot be read', async () => {
  const log = await store(manyRequests);
  edit(log, "update entries set bytes = replace(cast(bytes as text), 'human', 'humän') where seq = ?", 5000);
  const { intact, conformant } = await audit(log);
  expect(intact).toMatchObject({ passed: false, fault: { seq: 5000 } });
  expect(conformant).toBeUndefined();
});

test('entries that fit one another and not the signed root are not judged', async () => {
  const log = await store((story) => story.submit(story.people.maya, 'operator'));
  const other = await store((story) => story.submit(story.people.tomas, 'operator'));
  expect(other.size).toBe(log.size);
  const { intact, conformant } = await audit({ ...log, source: other.source });
  expect(intact).toMatchObject({ passed: false, fault: { reason: 'root-differs' } });
  expect(conformant).toBeUndefined();
});

test('an export is judged like the database that it was made from', async () => {
  const log = await store(oneForged);
  const directory = await exported(log, 'whole');
  const { source: _, ...known } = log;
  const report = await auditLog({ ...known, source: { kind: 'tiles', directory }, isSelfDeclared: true });
  expect(report).toEqual({ ...(await audit(log)), isSelfDeclared: true });
});

test('an edited attachment of an export is a fault, a missing one never a pass', async () => {
  const log = await store((story) => story.submit(story.people.maya, 'operator'));
  const { source: _, ...known } = log;
  const conformanceOf = async (name: string, change: (attachment: string) => void) => {
    const directory = await exported(log, name);
    const attachments = readdirSync(join(directory, 'attachments')).map((file) =>
      join(directory, 'attachments', file),
    );
    change(attachments.toSorted((a, b) => statSync(b).size - statSync(a).size)[0] ?? '');
    const report = await auditLog({ ...known, source: { kind: 'tiles', directory }, isSelfDeclared: false });
    return report.conformant;
  };
  const edited = await conformanceOf('edited', (file) => writeFileSync(file, '{"version":1}'));
  expect(edited).toMatchObject({ passed: false, faults: [{ rule: 'attachment-has-its-digest' }] });
  const missing = await conformanceOf('missing', (file) => rmSync(file));
  expect(missing).toMatchObject({ passed: 'not-reached', faults: [] });
});

test('an attachment edited in the database is a fault', async () => {
  const log = await store((story) => story.submit(story.people.maya, 'operator'));
  edit(log, "update attachments set bytes = cast('{}' as blob)");
  const { conformant } = await audit(log);
  expect(conformant?.passed).toBe(false);
  expect(conformant?.faults.map(({ rule }) => rule)).toContain('attachment-has-its-digest');
});

test('a log without a checkpoint is given no verdict that passes', async () => {
  const log = await store(() => {});
  const report = await auditLog({ ...log, checkpointNote: undefined, isSelfDeclared: false });
  expect(report).toMatchObject({ size: 0, intact: { passed: false }, complete: { passed: 'not-reached' } });
  expect(report.conformant).toBeUndefined();
});

test('a database that cannot be read rejects', async () => {
  const log = await store(() => {});
  rmSync(log.source.path);
  await expect(audit(log)).rejects.toThrow();
});
