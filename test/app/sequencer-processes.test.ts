import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { beginLog } from '../../src/app/begin-log.ts';
import { rebuildDerived } from '../../src/app/rebuild.ts';
import { openLog, trustOf } from '../../src/app/sequencer.ts';
import { parseEntry } from '../../src/log/entry.ts';
import { entriesOf, openStore, partsOn, pem, registry, START_MS, temporaryDatabase } from './ticket-log.ts';

interface Child {
  readonly process: ChildProcess;
  /** Tickets whose writing was answered, with their entry's number. */
  readonly answered: Map<string, number>;
  readonly ended: Promise<number | null>;
  /** Resolves when so many were answered. */
  reached(count: number): Promise<void>;
}

function start(path: string, name: string, count: number, dieAt = 'never'): Child {
  const script = fileURLToPath(new URL('./append-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, path, name, String(count), dieAt], {
    env: { LOG_KEY: pem },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answered = new Map<string, number>();
  const waiting: { count: number; resolve: () => void }[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [ticket = '', seq = ''] = line.split(' ');
    // The last line of a killed process may be cut short.
    if (seq !== '') answered.set(ticket, Number(seq));
    for (const one of waiting) if (answered.size >= one.count) one.resolve();
  });
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(
    ([[code]]) => code as number | null,
  ); // `exit` gives it
  const reached = (many: number) =>
    new Promise<void>((resolve) => void waiting.push({ count: many, resolve }));
  return { process: child, answered, ended, reached };
}

async function begunFile(): Promise<string> {
  const path = temporaryDatabase();
  const store = openStore(path);
  await beginLog(partsOn(store));
  await store.close();
  return path;
}

/** The file is one whole chain, and holds each answered ticket where it was answered. */
async function expectWhole(
  path: string,
  ...answered: readonly ReadonlyMap<string, number>[]
): Promise<number> {
  const store = openStore(path);
  const rebuilt = await rebuildDerived(trustOf(partsOn(store)), registry);
  expect(rebuilt.differences).toEqual([]);
  const streams = (await entriesOf(store)).map((bytes) => parseEntry(bytes).stream);
  for (const [ticket, seq] of answered.flatMap((one) => [...one])) {
    expect(streams[seq]).toBe(`ticket/register/${ticket}`);
  }
  expect(new Set(streams).size).toBe(streams.length);
  const log = await openLog(
    partsOn(store, { clock: { nowMs: () => Date.now() + 60_000, monotonicMs: () => START_MS } }),
  );
  expect(log.status()).toEqual({ writable: true, reason: null });
  await store.close();
  return streams.length;
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
