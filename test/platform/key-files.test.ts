import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createKeyFiles, readKeyFiles, rotateGrantTokenKey } from '../../src/platform/key-files.ts';
import { failsWith } from '../identity/fails-with.ts';

let data: string;
let keys: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'countersign-keys-'));
  keys = join(data, 'keys');
  onTestFinished(() => rm(data, { recursive: true }));
});

async function grantKey() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: 'k1' };
}

const create = (): Promise<void> => createKeyFiles(keys, grantKey);
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test('fresh keys are private to their owner and read back', async () => {
  await create();
  expect(await modeOf(keys)).toBe(0o700);
  const names = await readdir(keys);
  expect(names.sort()).toEqual(['grant-tokens.json', 'log.pem', 'person.key', 'sealing.json']);
  for (const name of names) expect(await modeOf(join(keys, name))).toBe(0o600);
  const read = readKeyFiles(keys);
  expect(read.logPem).toContain('BEGIN PRIVATE KEY');
  expect(read.grantTokenKeys.map(({ kid }) => kid)).toEqual(['k1']);
  expect(read.personKey).toHaveLength(32);
  expect(read.sealingKeys.map(({ key }) => key.length)).toEqual([32]);
  expect(read.sealingKeys[0]?.key).not.toEqual(read.personKey);
});

test('keys that are there are never overwritten, and nothing is left lying about', async () => {
  await create();
  const before = await readFile(join(keys, 'person.key'), 'utf8');
  await failsWith('already-done', create);
  expect(await readFile(join(keys, 'person.key'), 'utf8')).toBe(before);
  expect(await readdir(data)).toEqual(['keys']);
});

test('of two that create at once, one succeeds', async () => {
  const outcomes = await Promise.allSettled([create(), create()]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  readKeyFiles(keys);
});

test('a failure half-way leaves no keys', async () => {
  await expect(createKeyFiles(keys, () => Promise.reject(new Error('no entropy')))).rejects.toThrow(
    'no entropy',
  );
  expect(await readdir(data)).toEqual([]);
});

test.each([
  ['log.pem', 0o640],
  ['grant-tokens.json', 0o604],
  ['sealing.json', 0o660],
  ['person.key', 0o644],
])('%s with mode %o is refused, with the command that mends it', async (name, mode) => {
  await create();
  await chmod(join(keys, name), mode);
  const failure = await failsWith('internal', () => readKeyFiles(keys));
  expect(failure.message).toContain(name);
  expect(failure.mend).toBe(`chmod 600 ${join(keys, name)}`);
});

test('a directory that others may enter is refused', async () => {
  await create();
  await chmod(keys, 0o755);
  expect((await failsWith('internal', () => readKeyFiles(keys))).mend).toBe(`chmod 700 ${keys}`);
});

test('missing files are all named; a lost key is restored, not made anew', async () => {
  await create();
  await rm(join(keys, 'log.pem'));
  await rm(join(keys, 'person.key'));
  const failure = await failsWith('internal', () => readKeyFiles(keys));
  expect(failure.message).toContain('log.pem, person.key');
  expect(failure.mend).toContain('backup');
});

test('without any key the command that makes them is named', async () => {
  expect((await failsWith('internal', () => readKeyFiles(keys))).mend).toBe('countersign server init');
  await mkdir(keys, { mode: 0o700 });
  expect((await failsWith('internal', () => readKeyFiles(keys))).mend).toBe('countersign server init');
});

test.each([
  ['log.pem', 'not a key'],
  ['grant-tokens.json', '[]'],
  ['grant-tokens.json', '{"d":"SECRET-TEXT"'],
  ['sealing.json', '[{"id":"a","key":"U0VDUkVULVRFWFQ"}]'],
  ['person.key', 'SECRET-TEXT'],
])('%s holding %s is refused as damaged, and the text is not shown', async (name, text) => {
  await create();
  await writeFile(join(keys, name), text);
  const failure = await failsWith('internal', () => readKeyFiles(keys));
  expect(failure.message).toContain(name);
  expect(`${failure.stack} ${failure.message} ${String(failure.cause)}`).not.toContain('SECRET-TEXT');
});

test('rotating puts a fresh key first and says when the former one retired', async () => {
  await create();
  const kid = await rotateGrantTokenKey(
    keys,
    async () => ({ ...(await grantKey()), kid: 'k2' }),
    1_700_000_000_000,
  );
  expect(kid).toBe('k2');
  expect(
    readKeyFiles(keys).grantTokenKeys.map((key) => [
      key.kid,
      'retired_at_ms' in key ? key.retired_at_ms : undefined,
    ]),
  ).toEqual([
    ['k2', undefined],
    ['k1', 1_700_000_000_000],
  ]);
  expect(await modeOf(join(keys, 'grant-tokens.json'))).toBe(0o600);
  expect((await readdir(keys)).filter((name) => name.includes('.new-'))).toEqual([]);
});
