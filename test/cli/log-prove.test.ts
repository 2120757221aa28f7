import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logProofFile } from '../../src/app/views/log-entry.ts';
import { parseVerifierKey } from '../../src/log/note.ts';
import { checkProofFile, parseProofFile } from '../../src/log/proof.ts';
import { verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { ask } from '../http/story.ts';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;
const folder = mkdtempSync(join(tmpdir(), 'countersign-prove-'));

beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

const prove = (...words: readonly string[]) => world.runCli('ada', ['log', 'prove', ...words]);
const sizeNow = async (): Promise<number> => (await world.broker.store.head())?.size ?? 0;

/** As somebody does who was given the two files and knows the log’s key. */
async function checked(entry: Uint8Array, proof: Uint8Array) {
  let genesis = new Uint8Array();
  for await (const bytes of world.broker.store.entries(0, 1)) genesis = new Uint8Array(bytes);
  const { log_key } = JSON.parse(new TextDecoder().decode(genesis)).data;
  const key = parseVerifierKey(nodeHasher, log_key);
  return checkProofFile(nodeHasher, parseProofFile(proof), entry, [key], verifyEd25519);
}

test('each entry’s proof is the one that its page gives, whichever way the log is read', async () => {
  await ask(world);
  // Signing in writes an entry too: what is compared is the log as it is then.
  await prove('0');
  const size = await sizeNow();
  for (const seq of [0, 1, Math.floor(size / 2), size - 1]) {
    const served = await prove(String(seq));
    const local = await world.newMachine().run(['log', 'prove', `#${seq}`, '--data', world.data]);
    const page = await logProofFile(world.broker, seq);
    expect([served.stdout, local.stdout]).toEqual([page, page]);
  }
});

test('an entry is found by what it began, and stands beside its proof for whoever is given both', async () => {
  const { request } = await ask(world);
  const out = join(folder, 'asked');
  const ran = await prove(request, '--out', out);
  expect(ran.code).toBe(0);
  const [entry, proof] = [readFileSync(`${out}.json`), readFileSync(`${out}.tlog-proof`)];
  expect(JSON.parse(entry.toString())).toMatchObject({
    type: 'countersign.request.submitted.v1',
    data: { request },
  });
  expect((await checked(entry, proof)).checkpoint.size).toBe(await sizeNow());
  const other = Buffer.from(entry.toString().replace('"seconds":1800', '"seconds":3600'));
  await expect(checked(other, proof)).rejects.toThrow('root-differs');
  const again = await prove(request, '--out', out);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('Name a new file.')]);
});

test('an altered log proves nothing: it says so, and writes nothing', async () => {
  const data = mkdtempSync(join(folder, 'altered-'));
  const original = new Database(join(world.data, 'countersign.db'), { readonly: true });
  await original.backup(join(data, 'countersign.db'));
  original.close();
  const database = new Database(join(data, 'countersign.db'));
  for (const { name } of database.prepare("select name from sqlite_master where type = 'trigger'").all() as {
    name: string;
  }[])
    database.exec(`drop trigger ${name}`);
  const before = database.prepare('select bytes from entries where seq = 2').pluck().get() as Buffer;
  const altered = Buffer.from(before.toString().replace('"decided_at_ms":1', '"decided_at_ms":2'));
  database.prepare('update entries set bytes = ? where seq = 2').run(altered);
  database.close();
  const out = join(folder, 'never');
  // Any entry’s proof leads over the one that was changed.
  for (const seq of ['2', '5']) {
    const ran = await world.newMachine().run(['log', 'prove', seq, '--data', data, '--out', out]);
    expect([ran.code, ran.stdout]).toEqual([7, '']);
  }
  expect(() => readFileSync(`${out}.json`)).toThrow();
});

test('what is not there cannot be proved', async () => {
  expect(await prove('999999')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('entries, from #0'),
  });
});
