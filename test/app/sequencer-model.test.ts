import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sequencer } from '../../src/app/command.ts';
import { rebuildDerived } from '../../src/app/sequencer/rebuild.ts';
import { openLog, trustOf } from '../../src/app/sequencer/sequencer.ts';
import { OutcomeUnknown, type Store } from '../../src/app/store.ts';
import type { Failure } from '../../src/domain/errors.ts';
import { parseEntry } from '../../src/log/entry.ts';
import { storeWith } from './tampering.ts';
import { openStore, temporaryDatabase } from './temporary-database.ts';
import { entriesOf, openTicketLog, partsOn, registry, writeTicket } from './ticket-log.ts';

/** What goes wrong in the next commits, one after the other. */
type Fault = 'none' | 'fails' | 'lost-written' | 'lost-unwritten' | 'moved' | 'slow';

interface Step {
  readonly tickets: readonly string[];
  readonly broker: 0 | 1;
  readonly faults: readonly Fault[];
  readonly restart: boolean;
  /** Whether the next is decided while the one before is committed. */
  readonly elsewhere: boolean;
}

const fault = fc.constantFrom<Fault>('none', 'fails', 'lost-written', 'lost-unwritten', 'moved', 'slow');
const step: fc.Arbitrary<Step> = fc.record({
  tickets: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 }),
  broker: fc.constantFrom(0, 1),
  faults: fc.array(fault, { maxLength: 3 }),
  restart: fc.boolean(),
  elsewhere: fc.boolean(),
});

function faulty(store: Store, faults: Fault[]): Store {
  return storeWith(store, {
    advance: async (from, write) => {
      switch (faults.shift() ?? 'none') {
        case 'none':
          return store.advance(from, write);
        case 'fails':
          throw new Error('disk full');
        case 'moved':
          return false;
        case 'lost-unwritten':
          throw new OutcomeUnknown('lost');
        case 'lost-written':
          await store.advance(from, write);
          throw new OutcomeUnknown('lost');
        case 'slow':
          await new Promise((resolve) => setImmediate(resolve));
          return store.advance(from, write);
      }
    },
  });
}

test('whatever fails, each answered command is in the log once, in its order, and no failed one is', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const path = temporaryDatabase();
      const store = openStore(path);
      const faults: Fault[] = [];
      const stores = [faulty(store, faults), faulty(openStore(path), faults)] as const;
      const brokers: [Sequencer, Sequencer] = [
        await openTicketLog(stores[0]),
        await openLog(partsOn(stores[1])),
      ];
      const expected = new Map<number, string>();
      for (const { tickets, broker, faults: coming, restart, elsewhere } of steps) {
        if (restart) {
          const commitsElsewhere = elsewhere;
          brokers[broker] = await openLog(partsOn(storeWith(stores[broker], { commitsElsewhere })));
        }
        faults.splice(0, faults.length, ...coming);
        const answers = await Promise.allSettled(
          tickets.map(async (ticket, at) => {
            // Some come while the others are being committed.
            if (at % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
            return brokers[broker].submit(writeTicket(ticket));
          }),
        );
        for (const [at, answer] of answers.entries()) {
          if (answer.status === 'rejected')
            expect((answer.reason as Failure).code).toBe('store-unavailable'); // any other reason fails here
          else expected.set(answer.value.seq, `ticket/register/${tickets[at]} ${answer.value.version}`);
        }
      }
      const stored = (await entriesOf(store)).map((bytes) => parseEntry(bytes));
      expect(stored.map((entry) => `${entry.stream} ${entry.streamVersion}`)).toEqual(
        [...expected].sort(([a], [b]) => a - b).map(([, entry]) => entry),
      );
      expect((await rebuildDerived(trustOf(partsOn(store)), registry)).differences).toEqual([]);
      await Promise.all([store.close(), stores[1].close()]);
    }),
    { numRuns: 60 },
  );
});
