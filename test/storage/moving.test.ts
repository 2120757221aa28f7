import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { copyLog } from '../../src/app/sequencer/copy-log.ts';
import type { Store } from '../../src/app/store.ts';
import { dataFiles } from '../../src/assemble.ts';
import { readConfig } from '../../src/config-file.ts';
import { freePort } from '../../src/demo/free-port.ts';
import { hex, utf8 } from '../../src/log/bytes.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { postgresPlace } from '../../src/storage/postgres/place.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { sqlitePlace } from '../../src/storage/sqlite/place.ts';
import { startTestPostgres, type TestPostgres } from '../../tools/test-postgres.ts';
import { openStore, temporaryDatabase } from '../app/temporary-database.ts';
import { machineAt } from '../cli/harness.ts';
import { entry, head, write } from '../contract/store-contract.ts';

let server: TestPostgres;
let directory = '';
beforeAll(async () => {
  server = await startTestPostgres();
  directory = mkdtempSync(join(tmpdir(), 'countersign-moving-'));
});
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true });
});

/** Of every kind more than a page, and texts and bytes that are easily mangled. */
async function fillStore(store: Store): Promise<void> {
  const many = Array.from({ length: 1_203 }, (_, at) => at);
  await store.begin(write({ head: head(0, 0) }));
  await store.advance(
    head(0, 0),
    write({
      head: head(many.length, 1),
      entries: many.map((seq) => ({ ...entry(seq, `ticket/${seq}`, 1), bytes: odd(seq) })),
      disclosures: many.map((seq) => ({
        seq,
        field: 'title',
        key: odd(seq),
        value: `„${seq}“ \u0000 \\x00 {"} 日本`,
      })),
      attachments: many.slice(0, 45).map((at) => ({ digest: `sha256:${at}`, bytes: odd(at) })),
      secrets: many.map((at) => ({
        id: `ü${at}`,
        person: 'p-1',
        kind: 'access-token' as const,
        value: odd(at),
        expiresAtMs: at % 2 === 0 ? null : Date.UTC(2099, 0) + at,
      })),
      idempotency: many.map((at) => ({ key: `k${at}`, digest: 'd', about: 'NULL', expiresAtMs: at })),
    }),
  );
}

const odd = (at: number): Uint8Array => new Uint8Array([0, 92, 120, 255, 34, at % 256, at >> 8]);

async function contentsOf(store: Store): Promise<unknown> {
  const entries: string[] = [];
  for await (const bytes of store.entries(0, 9_999)) entries.push(hex(bytes));
  const attachments: string[] = [];
  for await (const one of store.attachments()) attachments.push(`${one.digest} ${hex(one.bytes)}`);
  const disclosures = await store.disclosures(entries.map((_, seq) => seq));
  const secrets = await store.secrets.ofPerson('access-token', 'p-1');
  const { idempotency } = await store.load(new Map(), ['k0', 'k7', 'k1202']);
  return {
    entries,
    attachments: attachments.sort(),
    disclosures: disclosures.map((one) => ({ ...one, key: hex(one.key) })),
    secrets: secrets.map((one) => ({ ...one, value: hex(one.value) })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    idempotency: [...idempotency].sort(),
    checkpoint: hex((await store.head())?.checkpoint ?? utf8('')),
  };
}

test('a log goes from a file to PostgreSQL and back, and every byte of it arrives', async () => {
  const [first, last] = [temporaryDatabase(), temporaryDatabase()];
  const url = await server.createDatabase();
  const source = openStore(first);
  await fillStore(source);
  const places = [sqlitePlace(first, 1), postgresPlace(url, 1), sqlitePlace(last, 1)] as const;
  const copied = { size: 1_203, root: '01'.repeat(32) };
  expect(await copyLog(places[0], places[1], nodeHasher)).toEqual(copied);
  expect(await copyLog(places[1], places[2], nodeHasher)).toEqual(copied);
  const expected = await contentsOf(source);
  const between = await openPostgresStore(url, { nowMs: 1 });
  expect(await contentsOf(between)).toEqual(expected);
  expect(await contentsOf(openStore(last))).toEqual(expected);
  await between.close();
  await expect(copyLog(places[0], places[1], nodeHasher)).rejects.toMatchObject({ code: 'already-done' });
  await expect(copyLog(places[0], places[2], nodeHasher)).rejects.toMatchObject({ code: 'already-done' });
  for (const place of places) await place.close();
});

test('a copy that fails half way leaves an empty place, which then takes one', async () => {
  const first = temporaryDatabase();
  await fillStore(openStore(first));
  for (const to of [postgresPlace(await server.createDatabase(), 1), sqlitePlace(temporaryDatabase(), 1)]) {
    const from = sqlitePlace(first, 1);
    await expect(
      from.read(({ pages }) =>
        to.fill(head(1_203, 1), {
          async *[Symbol.asyncIterator]() {
            let count = 0;
            for await (const page of pages) {
              if (++count === 3) throw new Error('the way broke');
              yield page;
            }
          },
        }),
      ),
    ).rejects.toThrow('the way broke');
    expect(await to.read(async (contents) => contents.head)).toBeUndefined();
    expect(await copyLog(from, to, nodeHasher)).toMatchObject({ size: 1_203 });
    await to.close();
  }
});

test('where no log was begun there is nothing to copy', async () => {
  const [empty, to] = [postgresPlace(await server.createDatabase(), 1), sqlitePlace(temporaryDatabase(), 1)];
  openStore(temporaryDatabase());
  await expect(copyLog(sqlitePlace(join(directory, 'missing.db'), 1), to, nodeHasher)).rejects.toMatchObject({
    code: 'not-found',
  });
  await empty.close();
});

interface Installed {
  readonly data: string;
  readonly environment: Readonly<Record<string, string>>;
}

let configText = '';
beforeEach(async () => {
  const port = await freePort();
  configText = JSON.stringify({
    origin: 'log.example.com/moving',
    public_url: `http://127.0.0.1:${port}`,
    listen: `127.0.0.1:${port}`,
    issuers: [{ name: 'corp', issuer: 'https://id.example.com', client_id: 'countersign' }],
  });
});

async function command(
  { environment }: Pick<Installed, 'environment'>,
  ...words: readonly string[]
): Promise<Record<string, unknown>> {
  const ran = await machineAt(directory).run(['--json', 'server', ...words], { environment });
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}

async function install(environment: Readonly<Record<string, string>>): Promise<Installed> {
  const data = mkdtempSync(join(directory, 'data-'));
  writeFileSync(dataFiles(data).config, configText);
  const installed = { data, environment };
  await command(installed, 'init', '--data', data, '--admin', 'corp:ada', '--admin', 'corp:bo');
  return installed;
}

function start({ data, environment }: Installed, checkpoint?: string): Promise<RunningServer> {
  const config = readConfig(dataFiles(data).config, environment);
  const logger = pino({ level: 'silent' });
  return startServer({ config, data, logger, ...(checkpoint === undefined ? {} : { checkpoint }) });
}

/** Writes an entry or two, and keeps the newest checkpoint. */
async function runForAWhile(installed: Installed): Promise<number> {
  const running = await start(installed);
  const size = (await running.broker.store.head())?.size ?? 0;
  const kept = dataFiles(installed.data).checkpoint;
  await expect
    .poll(() => readFile(kept, 'utf8').catch(() => ''), { timeout: 10_000 })
    .toContain(`log.example.com/moving\n${size}\n`);
  await running.stop();
  return size;
}

async function emptied({ data, environment }: Installed): Promise<Installed> {
  const url = environment['COUNTERSIGN_DATABASE_URL'];
  if (url !== undefined) return { data, environment: await onPostgres() };
  for (const end of ['', '-wal', '-shm']) await rm(`${dataFiles(data).database}${end}`, { force: true });
  return { data, environment };
}

const onPostgres = async () => ({ COUNTERSIGN_DATABASE_URL: await server.createDatabase() });

test.each([
  ['a file', async () => ({})],
  ['PostgreSQL', onPostgres],
])(
  'a backup of %s that is put back too late is noticed, and writes nothing',
  async (_, environment) => {
    const installed = await install(await environment());
    const backup = join(installed.data, 'backup.db');
    const made = await command(installed, 'backup', backup, '--data', installed.data);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    const size = await runForAWhile(installed);
    expect(size).toBeGreaterThan(Number(made['size']));
    const restored = await emptied(installed);
    expect(await command(restored, 'restore', backup, '--data', installed.data)).toMatchObject({
      size: made['size'],
    });

    const kept = join(directory, 'kept.checkpoint');
    await copyFile(dataFiles(installed.data).checkpoint, kept);
    const noticed = {
      writable: false,
      reason: expect.stringContaining(`but ${size} were signed: this is an old backup`),
    };
    const own = await start(restored);
    expect(own.broker.sequencer.status()).toEqual(noticed);
    await own.stop();
    await rm(dataFiles(installed.data).checkpoint);
    const named = await start(restored, kept);
    expect(named.broker.sequencer.status()).toEqual(noticed);
    await named.stop();
    const unaware = await start(restored);
    expect(unaware.broker.sequencer.status()).toEqual({ writable: true, reason: null });
    await unaware.stop();
  },
  60_000,
);

test('the newest backup goes on, and history that was replaced whole does not', async () => {
  const installed = await install({});
  await runForAWhile(installed);
  const backup = join(installed.data, 'backup.db');
  await command(installed, 'backup', backup, '--data', installed.data);
  const restored = await emptied(installed);
  await command(restored, 'restore', backup, '--data', installed.data);
  const running = await start(restored);
  expect(running.broker.sequencer.status()).toEqual({ writable: true, reason: null });
  await running.stop();

  const kept = join(directory, 'true.checkpoint');
  await copyFile(dataFiles(installed.data).checkpoint, kept);
  await rm(dataFiles(installed.data).checkpoint);
  const other = await emptied(installed);
  await command(other, 'init', '--data', installed.data, '--admin', 'corp:ada', '--admin', 'corp:bo');
  for (let round = 0; round < 3; round++) await (await start(other)).stop();
  const replaced = await start(other, kept);
  expect(replaced.broker.sequencer.status()).toEqual({
    writable: false,
    reason: expect.stringContaining('history was replaced'),
  });
  await replaced.stop();
}, 60_000);

test('a broker moves to PostgreSQL by copy, and goes on there', async () => {
  const installed = await install({});
  const size = await runForAWhile(installed);
  const owner = await onPostgres();
  const to = owner.COUNTERSIGN_DATABASE_URL;
  const words = ['--data', installed.data, '--from', dataFiles(installed.data).database, '--to', to];
  expect(await command(installed, 'copy', ...words)).toMatchObject({ size });
  const moved = await start({ ...installed, environment: owner });
  expect(moved.broker.sequencer.status()).toEqual({ writable: true, reason: null });
  await moved.stop();
  expect(await command({ environment: owner }, 'migrate', '--data', installed.data)).toEqual({
    applied: [],
    role: null,
  });
}, 60_000);
