import { expect, test } from 'vitest';
import type { Command } from '../../src/app/command.ts';
import { openLog } from '../../src/app/sequencer/sequencer.ts';
import type { Head, Store, Write } from '../../src/app/store.ts';
import { parseEntry } from '../../src/log/entry.ts';
import { storeWith } from './tampering.ts';
import { openStore, temporaryDatabase } from './temporary-database.ts';
import { entriesOf, openTicketLog, partsOn, START_MS, turnedClock, writeTicket } from './ticket-log.ts';

/** A store that commits elsewhere: each commit waits until it is let go, and does then what it is told. */
function gated(bare: Store) {
  const waiting: (() => void)[] = [];
  const sizes: number[] = [];
  let entered: (() => void) | undefined;
  const next: ((from: Head, write: Write) => Promise<boolean>)[] = [];
  const store = storeWith(bare, {
    commitsElsewhere: true,
    advance: async (from, write) => {
      sizes.push(write.entries.length);
      const gate = new Promise<void>((resolve) => void waiting.push(resolve));
      entered?.();
      await gate;
      return (next.shift() ?? bare.advance)(from, write);
    },
  });
  return {
    store,
    sizes,
    /** The next commit to be let go does this instead. */
    instead: (work: (from: Head, write: Write) => Promise<boolean>) => void next.push(work),
    /** Resolves when a commit waits. */
    commits: async () => {
      if (waiting.length > 0) return;
      await new Promise<void>((resolve) => {
        entered = resolve;
      });
    },
    letGo: () => waiting.shift()?.(),
  };
}

/** A command that says when it is decided. */
function telling(command: Command<{ version: number; seq: number }>) {
  let decided = 0;
  let tell: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const told: typeof command = {
    ...command,
    decide: (view, nowMs) => {
      decided++;
      tell();
      return command.decide(view, nowMs);
    },
  };
  return { command: told, first, times: () => decided };
}

async function underWay(clock = turnedClock(START_MS)) {
  const path = temporaryDatabase();
  const bare = openStore(path);
  const gate = gated(bare);
  const log = await openTicketLog(gate.store, { clock });
  const first = log.submit(writeTicket('one', { key: 'first' }));
  await gate.commits();
  return { path, bare, gate, log, first, clock };
}

test('what comes during a commit is decided before it is over, on what it will have written', async () => {
  const { gate, log, first } = await underWay();
  const second = telling(writeTicket('one'));
  const answer = log.submit(second.command);
  await second.first;
  gate.letGo();
  expect(await first).toEqual({ version: 1, seq: 0 });
  await gate.commits();
  gate.letGo();
  expect(await answer).toEqual({ version: 2, seq: 1 });
  expect(second.times()).toBe(1);
  expect(gate.sizes).toEqual([1, 1]);
});

test('nobody is answered before their own commit is over', async () => {
  const { bare, gate, log } = await underWay();
  const second = telling(writeTicket('two'));
  let answered = false;
  const answer = log.submit(second.command).then((value) => {
    answered = true;
    return value;
  });
  await second.first;
  gate.letGo();
  await gate.commits();
  expect(await entriesOf(bare)).toHaveLength(1);
  expect(answered).toBe(false);
  gate.letGo();
  await answer;
});

test('those who come one after the other during a commit are one commit', async () => {
  const { gate, log, first } = await underWay();
  const answers: Promise<unknown>[] = [first];
  for (const name of ['two', 'three', 'two']) {
    const one = telling(writeTicket(name));
    answers.push(log.submit(one.command));
    await one.first;
  }
  gate.letGo();
  await gate.commits();
  gate.letGo();
  expect(await Promise.all(answers)).toEqual([
    { version: 1, seq: 0 },
    { version: 1, seq: 1 },
    { version: 1, seq: 2 },
    { version: 2, seq: 3 },
  ]);
  expect(gate.sizes).toEqual([1, 3]);
});

test('when the commit fails, what was decided on it is decided again', async () => {
  const { bare, gate, log, first } = await underWay();
  gate.instead(() => Promise.reject(new Error('disk full')));
  const second = telling(writeTicket('one'));
  const answer = log.submit(second.command);
  await second.first;
  gate.letGo();
  await expect(first).rejects.toMatchObject({ code: 'store-unavailable' });
  await gate.commits();
  gate.letGo();
  expect(await answer).toEqual({ version: 1, seq: 0 });
  expect(second.times()).toBe(2);
  expect(await entriesOf(bare)).toHaveLength(1);
});

test('when another broker was first, both are decided again, in their order', async () => {
  const { path, bare, gate, log, first } = await underWay();
  const other = await openLog(partsOn(openStore(path)));
  const second = telling(writeTicket('one'));
  const answer = log.submit(second.command);
  await second.first;
  await other.submit(writeTicket('one'));
  gate.letGo();
  await gate.commits();
  gate.letGo();
  expect(await first).toEqual({ version: 2, seq: 1 });
  expect(await answer).toEqual({ version: 3, seq: 2 });
  expect((await entriesOf(bare)).map((bytes) => parseEntry(bytes).streamVersion)).toEqual([1, 2, 3]);
});

test('what another broker wrote meanwhile is never decided on before it is verified', async () => {
  const { path, gate, log, first } = await underWay();
  const other = await openLog(partsOn(openStore(path)));
  await other.submit(writeTicket('two'));
  const second = telling(writeTicket('two'));
  const answer = log.submit(second.command);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(second.times()).toBe(0);
  gate.letGo();
  await gate.commits();
  gate.letGo();
  expect(await first).toEqual({ version: 1, seq: 1 });
  expect(await answer).toEqual({ version: 2, seq: 2 });
});

test('a key that the commit under way uses is known', async () => {
  const { bare, gate, log, first } = await underWay();
  const again = log.submit(writeTicket('one', { key: 'first' }));
  const beside = telling(writeTicket('two'));
  const answer = log.submit(beside.command);
  await beside.first;
  gate.letGo();
  await first;
  await gate.commits();
  gate.letGo();
  expect(await again).toEqual({ version: 1, seq: -1 });
  await answer;
  expect(await entriesOf(bare)).toHaveLength(2);
});

test('what was decided more than five seconds before its turn came is decided again', async () => {
  const { gate, log, clock } = await underWay();
  const second = telling(writeTicket('two'));
  const answer = log.submit(second.command);
  await second.first;
  clock.advance(5_001);
  gate.letGo();
  await gate.commits();
  gate.letGo();
  await answer;
  expect(second.times()).toBe(2);
});

test('of very many who come at once half goes ahead', async () => {
  const gate = gated(openStore(temporaryDatabase()));
  const log = await openTicketLog(gate.store);
  const answers = Array.from({ length: 300 }, (_, at) => log.submit(writeTicket(`t${at}`)));
  await gate.commits();
  expect(gate.sizes).toEqual([150]);
  gate.letGo();
  await gate.commits();
  gate.letGo();
  expect((await Promise.all(answers)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: 300 }, (_, at) => at),
  );
  expect(gate.sizes).toEqual([150, 150]);
});

test('after stopping, what was decided ahead is done', async () => {
  const { bare, gate, log, first } = await underWay();
  const second = telling(writeTicket('two'));
  const answer = log.submit(second.command);
  await second.first;
  const stopped = log.stop();
  gate.letGo();
  await gate.commits();
  gate.letGo();
  await Promise.all([first, answer, stopped]);
  expect(await entriesOf(bare)).toHaveLength(2);
});
