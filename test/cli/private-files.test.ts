import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  readSignIn,
  removeSignIn,
  type SignInFile,
  signInPath,
  writeSignIn,
} from '../../src/cli/account/sign-in-file.ts';
import { readIfThere, stateDirectory, withLock, writePrivate } from '../../src/cli/private-files.ts';
import { machineAt } from './harness.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'countersign-files-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const mode = (path: string): number => statSync(path).mode & 0o777;

const signIn: SignInFile = {
  server: 'https://broker.example',
  person: 'p-someone',
  access_token: 'a',
  access_expires_at_ms: 1,
  refresh_token: 'r',
  key: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' },
};

test('what is written is for its owner alone, also over a file that anybody could read', async () => {
  const path = join(home, 'new', 'deeper', 'secret');
  await writePrivate(path, 'one');
  expect([mode(path), mode(join(home, 'new')), mode(join(home, 'new', 'deeper'))]).toEqual([
    0o600, 0o700, 0o700,
  ]);
  const open = join(home, 'open');
  writeFileSync(open, 'old', { mode: 0o644 });
  await writePrivate(open, 'two');
  expect([readFileSync(open, 'utf8'), mode(open)]).toEqual(['two', 0o600]);
});

test('a text takes the place of the old one whole, and leaves nothing beside it', async () => {
  const path = join(home, 'secret');
  const texts = Array.from({ length: 20 }, (_, at) => String(at).repeat(5_000));
  await Promise.all(texts.map((text) => writePrivate(path, text)));
  expect(texts).toContain(readFileSync(path, 'utf8'));
  expect(readdirSync(home)).toEqual(['secret']);
});

test('a file that is not there is read as nothing, one that cannot be read is an error', async () => {
  expect(await readIfThere(join(home, 'gone'))).toBeUndefined();
  await expect(readIfThere(home)).rejects.toThrow('EISDIR');
});

test('the state directory is where XDG says, else under the home directory', () => {
  const surroundings = (environment: Record<string, string>) => machineAt(home).surroundings({ environment });
  expect(stateDirectory(surroundings({}))).toBe(join(home, '.local/state/countersign'));
  expect(stateDirectory(surroundings({ XDG_STATE_HOME: '/elsewhere' }))).toBe('/elsewhere/countersign');
});

test('one at a time holds the lock, and it is gone when all are done', async () => {
  const path = join(home, 'state', 'file');
  let [inside, most] = [0, 0];
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(path, work)));
  expect(most).toBe(1);
  expect(existsSync(`${path}.lock`)).toBe(false);
});

test('work that fails gives the lock back and its own error on', async () => {
  const path = join(home, 'file');
  await expect(withLock(path, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  expect(await withLock(path, async () => 'in')).toBe('in');
});

test('a lock that a dead process left is taken over; one that was just taken is waited for', async () => {
  const path = join(home, 'file');
  const lock = `${path}.lock`;
  writeFileSync(lock, '');
  const minuteAgo = Date.now() / 1000 - 60;
  utimesSync(lock, minuteAgo, minuteAgo);
  expect(await withLock(path, async () => 'in')).toBe('in');

  writeFileSync(lock, '');
  let isIn = false;
  const waiting = withLock(path, async () => {
    isIn = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(isIn).toBe(false);
  rmSync(lock);
  await waiting;
  expect(isIn).toBe(true);
});

test('a sign-in is read back as it was written, and what is no sign-in is as good as nothing', async () => {
  const surroundings = machineAt(home).surroundings();
  expect(await readSignIn(surroundings)).toBeUndefined();
  await writeSignIn(surroundings, signIn);
  expect(await readSignIn(surroundings)).toEqual(signIn);
  expect(mode(signInPath(surroundings))).toBe(0o600);
  for (const text of ['', '{', '{}', '{"server":1}', JSON.stringify({ ...signIn, more: 1 })]) {
    writeFileSync(signInPath(surroundings), text);
    expect(await readSignIn(surroundings)).toBeUndefined();
  }
  await removeSignIn(surroundings);
  await removeSignIn(surroundings);
  mkdirSync(home, { recursive: true });
  expect(existsSync(signInPath(surroundings))).toBe(false);
});
