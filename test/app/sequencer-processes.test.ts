import { expect, test } from 'vitest';
import { beginLog } from '../../src/app/sequencer/begin-log.ts';
import { expectWholeLog, startChildBroker as start } from './child-brokers.ts';
import { openStore, temporaryDatabase } from './temporary-database.ts';
import { partsOn } from './ticket-log.ts';

async function begunFile(): Promise<string> {
  const path = temporaryDatabase();
  const store = openStore(path);
  await beginLog(partsOn(store));
  await store.close();
  return path;
}

async function expectWhole(
  path: string,
  ...answered: readonly ReadonlyMap<string, number>[]
): Promise<number> {
  const store = openStore(path);
  const size = await expectWholeLog(store, ...answered);
  await store.close();
  return size;
}

test('two brokers on one file make one chain, and everything answered is in it', {
  timeout: 60_000,
}, async () => {
  const path = await begunFile();
  const children = [start(path, 'left', 250), start(path, 'right', 250)];
  expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0]);
  expect(children.map((child) => child.answered.size)).toEqual([250, 250]);
  expect(await expectWhole(path, ...children.map((child) => child.answered))).toBe(500);
});

test('a broker killed at any moment loses nothing it answered and leaves a whole chain', {
  timeout: 120_000,
}, async () => {
  const path = await begunFile();
  const answered: Map<string, number>[] = [];
  for (const many of [1, 17, 60]) {
    const child = start(path, `killed-${many}`, 100_000);
    await child.reached(many);
    child.process.kill('SIGKILL');
    await child.ended;
    answered.push(child.answered);
    const size = await expectWhole(path, ...answered);
    expect(size).toBeGreaterThanOrEqual(answered.reduce((sum, one) => sum + one.size, 0));
  }
});

const STEPS = [
  'before',
  'entries',
  'tiles',
  'states',
  'rows',
  'disclosures',
  'erase',
  'attachments',
  'secrets',
  'idempotency',
  'after',
];

test.each(STEPS)(
  'a broker killed in a commit at the step "%s" leaves a whole chain',
  { timeout: 60_000 },
  async (step) => {
    const path = await begunFile();
    const child = start(path, 'dying', 100, step);
    expect(await child.ended).toBeNull();
    expect(child.answered.size).toBe(0);
    expect(await expectWhole(path)).toBe(step === 'after' ? 8 : 0);
  },
);
