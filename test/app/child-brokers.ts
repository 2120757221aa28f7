import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { rebuildDerived } from '../../src/app/sequencer/rebuild.ts';
import { openLog, trustOf } from '../../src/app/sequencer/sequencer.ts';
import type { Store } from '../../src/app/store.ts';
import { parseEntry } from '../../src/log/entry.ts';
import { entriesOf, partsOn, pem, registry, START_MS } from './ticket-log.ts';

/** A broker in a process of its own that writes tickets. */
export interface ChildBroker {
  readonly process: ChildProcess;
  /** Tickets whose writing was answered, with their entry's number. */
  readonly answered: Map<string, number>;
  readonly ended: Promise<number | null>;
  /** Resolves when so many were answered, or when it ends. */
  reached(count: number): Promise<void>;
}

/** `place`: a file, or an address of PostgreSQL. */
export function startChildBroker(place: string, name: string, count: number, dieAt = 'never'): ChildBroker {
  const script = fileURLToPath(new URL('./append-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, place, name, String(count), dieAt], {
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
    Promise.race([
      ended.then(() => undefined),
      new Promise<void>((resolve) => void waiting.push({ count: many, resolve })),
    ]);
  return { process: child, answered, ended, reached };
}

/** The log is one whole chain, holds each answered ticket where it was answered, and none twice; its size. */
export async function expectWholeLog(
  store: Store,
  ...answered: readonly ReadonlyMap<string, number>[]
): Promise<number> {
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
  await log.stop();
  return streams.length;
}
