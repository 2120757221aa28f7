import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetAnswer, keptAnswer, type ProcessCredentials } from '../../src/cli/access/kept-answers.ts';
import { machineAt } from './harness.ts';

let home: string;
let nowMs: number;
let opened: number;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'countersign-kept-'));
  nowMs = Date.parse('2026-11-21T03:00:00.000Z');
  opened = 0;
});
afterEach(() => rmSync(home, { recursive: true }));

const surroundings = (environment: Readonly<Record<string, string>> = {}) =>
  machineAt(home, { nowMs: () => nowMs }).surroundings({ environment });
const minutesFromNow = (minutes: number) => new Date(nowMs + minutes * 60_000).toISOString();
const opening = (minutes: number) => async (): Promise<ProcessCredentials> => ({
  Version: 1,
  AccessKeyId: `ASIA${++opened}`,
  SecretAccessKey: 'secret',
  SessionToken: 'token',
  Expiration: minutesFromNow(minutes),
});
const file = () => join(home, '.local', 'state', 'countersign', 'credentials.json');

test('what lasts is answered again; what lasts as long as its grant, until its very end; else another is opened', async () => {
  const grant = { grant: 'g-1', ends_at: minutesFromNow(120) };
  const hour = await keptAnswer(surroundings(), grant, opening(60));
  nowMs += 44 * 60_000;
  expect(await keptAnswer(surroundings(), grant, opening(60))).toEqual(hour);
  nowMs += 2 * 60_000;
  const last = await keptAnswer(surroundings(), grant, opening(74));
  expect(last.AccessKeyId).toBe('ASIA2');
  nowMs += 73 * 60_000;
  expect(await keptAnswer(surroundings(), grant, opening(1))).toEqual(last);
  nowMs += 60_000;
  expect((await keptAnswer(surroundings(), grant, opening(1))).AccessKeyId).toBe('ASIA3');
});

test('two grants do not answer for one another, and two programs at once open one session', async () => {
  const one = { grant: 'g-1', ends_at: minutesFromNow(30) };
  const other = { grant: 'g-2', ends_at: minutesFromNow(30) };
  const [first, again] = await Promise.all([
    keptAnswer(surroundings(), one, opening(30)),
    keptAnswer(surroundings(), one, opening(30)),
  ]);
  expect(again).toEqual(first);
  const second = await keptAnswer(surroundings(), other, opening(30));
  expect(second.AccessKeyId).not.toBe(first.AccessKeyId);
  expect(await keptAnswer(surroundings(), one, opening(30))).toEqual(first);
  expect(opened).toBe(2);
});

test('it is for its owner alone, in memory where there is a place for that, and gone when its grant is ended or over', async () => {
  const grant = { grant: 'g-1', ends_at: minutesFromNow(30) };
  await keptAnswer(surroundings(), grant, opening(30));
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  await forgetAnswer(surroundings(), 'g-1');
  expect(readFileSync(file(), 'utf8')).toBe('{}');
  const runtime = join(home, 'runtime');
  await keptAnswer(surroundings({ XDG_RUNTIME_DIR: runtime }), grant, opening(30));
  expect(statSync(join(runtime, 'countersign', 'credentials.json')).mode & 0o777).toBe(0o600);
  expect(readFileSync(file(), 'utf8')).toBe('{}');
  nowMs += 31 * 60_000;
  const next = { grant: 'g-2', ends_at: minutesFromNow(30) };
  await keptAnswer(surroundings({ XDG_RUNTIME_DIR: runtime }), next, opening(30));
  expect(readFileSync(join(runtime, 'countersign', 'credentials.json'), 'utf8')).not.toContain('g-1');
});

test('a file that somebody broke is as good as none', async () => {
  const grant = { grant: 'g-1', ends_at: minutesFromNow(30) };
  for (const text of ['', '{', '[]', '{"g-1":{"Version":2}}', '{"g-1":null}']) {
    await keptAnswer(surroundings(), { ...grant, grant: 'g-0' }, opening(30));
    writeFileSync(file(), text);
    const before = opened;
    await keptAnswer(surroundings(), grant, opening(30));
    expect(opened, text).toBe(before + 1);
  }
});
