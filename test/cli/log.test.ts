import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;
const folder = mkdtempSync(join(tmpdir(), 'countersign-log-'));

beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

/** Who may read the log in the tests' policy. */
const reader = 'ada';

test('log tail tells the newest entries in sentences, oldest first', async () => {
  const { code, stdout } = await world.runCli(reader, ['log', 'tail', '-n', '3']);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(/^#\d+ +\d{4}-\d\d-\d\dT[\d:.]+Z {2}\S.*\.$/);
});

test('log tail calls people by their names, which are not in the entries', async () => {
  const { stdout } = await world.runCli(reader, ['log', 'tail', '-n', '500']);
  expect(stdout).toMatch(/ {2}Maya Okafor signed in through \w+\.$/m);
  const answer = await world.people.ada.get('/v1/log/entries?limit=500');
  expect(JSON.stringify(answer.body)).not.toContain('Maya Okafor');
});

test('log tail --ocsf tells them as lines of JSON, each an event of that schema', async () => {
  const { code, stdout } = await world.runCli(reader, ['log', 'tail', '-n', '2', '--ocsf']);
  expect(code).toBe(0);
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records).toHaveLength(2);
  for (const record of records)
    expect(record).toMatchObject({ metadata: { version: '1.9.0' }, category_uid: 3 });
});

test('log export --format ocsf writes every entry, to a pipe or to a new file of its owner’s alone', async () => {
  const path = join(folder, 'log.jsonl');
  const filed = await world.runCli(reader, ['log', 'export', '--format', 'ocsf', '--out', path]);
  expect(filed.code).toBe(0);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const sequence = lines.map((line) => JSON.parse(line).metadata.sequence);
  expect(sequence).toEqual(sequence.map((_, at) => at));
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    metadata: { event_code: 'countersign.log.genesis.v1' },
  });

  const piped = await world.runCli(reader, ['log', 'export', '--format', 'ocsf', '--from', '2']);
  expect(piped.stdout.split('\n')[0]).toBe(lines[2]);

  const again = await world.runCli(reader, ['log', 'export', '--format', 'ocsf', '--out', path]);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('Name a new file');
});

test('personal texts are exported on purpose only, on the broker’s own machine, and only what was committed to', async () => {
  const words = ['log', 'export', '--format', 'ocsf', '--data', world.data];
  const plain = await world.newMachine().run(words);
  expect(plain.stdout).not.toContain('Maya Okafor');

  const database = new Database(join(world.data, 'countersign.db'));
  const [edited] = database
    .prepare("update disclosures set value = 'Somebody Else' where value = 'Bo Larsen' returning seq")
    .pluck()
    .all();
  const disclosed = await world.newMachine().run([...words, '--disclose']);
  database.prepare("update disclosures set value = 'Bo Larsen' where value = 'Somebody Else'").run();
  database.close();
  const records = disclosed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const personal = records.map(({ unmapped }) => unmapped.personal ?? {});
  expect(personal).toContainEqual(expect.objectContaining({ display_name: 'Maya Okafor' }));
  expect(personal[Number(edited)]).not.toHaveProperty('display_name');
  // What is kept sealed is not the text that was committed to.
  for (const texts of personal) expect(texts).not.toHaveProperty('id_token');

  const elsewhere = await world.runCli(reader, ['log', 'export', '--format', 'ocsf', '--disclose']);
  expect(elsewhere.code).toBe(2);
  expect(elsewhere.stderr).toContain('only the broker’s own machine');
});

test('log export of tiles says what it needs', async () => {
  const nowhere = await world.runCli(reader, ['log', 'export']);
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toContain('countersign log export --out DIR');
  const partly = await world.runCli(reader, ['log', 'export', '--out', join(folder, 'tiles'), '--from', '3']);
  expect(partly.code).toBe(2);
  expect(partly.stderr).toContain('--from and --disclose are for --format ocsf');
});

test('a count that is none is refused with how to write one', async () => {
  const { code, stderr } = await world.runCli(reader, ['log', 'tail', '-n', 'many']);
  expect(code).toBe(2);
  expect(stderr).toContain('Write a whole number');
});

test('the log is read by auditors and administrators only', async () => {
  const { code, stderr } = await world.runCli('maya', ['log', 'tail']);
  expect(code).toBe(8);
  expect(stderr).toContain('log-reader-is-entitled');
});
