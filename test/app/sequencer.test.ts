import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/app/command.ts';
import { type LogParts, openLog } from '../../src/app/sequencer/sequencer.ts';
import { OutcomeUnknown, type Store } from '../../src/app/store.ts';
import { draft } from '../../src/domain/draft.ts';
import { Failure } from '../../src/domain/errors.ts';
import { type StreamId, streams } from '../../src/domain/ids.ts';
import { fromBase64, fromUtf8, hex, utf8 } from '../../src/log/bytes.ts';
import { checkDisclosure } from '../../src/log/commitment.ts';
import { parseEntry } from '../../src/log/entry.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { storeWith } from './tampering.ts';
import { openStore, temporaryDatabase } from './temporary-database.ts';
import {
  console,
  entriesOf,
  openTicketLog,
  origin,
  partsOn,
  refusals,
  START_MS,
  ticketStream,
  tickets,
  turnedClock,
  writeTicket,
  written,
} from './ticket-log.ts';

async function freshLog(more: Partial<LogParts> = {}, wrap: (store: Store) => Store = (store) => store) {
  const path = temporaryDatabase();
  const bare = openStore(path);
  const store = wrap(bare);
  const clock = turnedClock(START_MS);
  return { path, store: bare, clock, log: await openTicketLog(store, { clock, ...more }) };
}

/** A store that counts its commits. */
function counting(store: Store): Store & { readonly commits: () => number } {
  let commits = 0;
  return {
    ...store,
    commits: () => commits,
    advance: (from, write) => {
      commits += 1;
      return store.advance(from, write);
    },
  };
}

function command<Result>(more: Partial<Command<Result>> & Pick<Command<Result>, 'decide'>): Command<Result> {
  return { by: console, streams: [ticketStream('one')], factsAtMs: null, ...more };
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (error: unknown) => (error instanceof Failure ? error.code : error),
  );

describe('committing', () => {
  test('a command is answered once its entry is stored, and reading shows its state', async () => {
    const { store, log } = await freshLog();
    expect(log.status()).toEqual({ writable: true, reason: null });
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 1, seq: 0 });
    expect(await entriesOf(store)).toHaveLength(1);
    const view = await log.read([ticketStream('one')]);
    expect(view.state(tickets.fold, ticketStream('one')).writes).toBe(1);
    expect(view.head.size).toBe(1);
    expect(view.origin).toBe(origin);
  });

  test('commands that wait together are one commit, and each sees those before it', async () => {
    const path = temporaryDatabase();
    const store = counting(openStore(path));
    const log = await openTicketLog(store);
    const answers = await Promise.all(Array.from({ length: 100 }, () => log.submit(writeTicket('one'))));
    expect(store.commits()).toBe(1);
    expect(answers).toEqual(Array.from({ length: 100 }, (_, at) => ({ version: at + 1, seq: at })));
  });

  test('what queues during a commit is the next commit', async () => {
    const path = temporaryDatabase();
    const bare = openStore(path);
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const sizes: number[] = [];
    const store = storeWith(bare, {
      advance: async (from, write) => {
        sizes.push(write.entries.length);
        entered.resolve();
        await gate.promise;
        return bare.advance(from, write);
      },
    });
    const log = await openTicketLog(store);
    const first = log.submit(writeTicket('one'));
    await entered.promise;
    const later = Array.from({ length: 7 }, () => log.submit(writeTicket('one')));
    gate.resolve();
    await Promise.all([first, ...later]);
    expect(sizes).toEqual([1, 7]);
  });

  test('a thousand and one commands are two commits', async () => {
    const store = counting(openStore(temporaryDatabase()));
    const log = await openTicketLog(store);
    await Promise.all(Array.from({ length: 1_001 }, (_, at) => log.submit(writeTicket(`t${at}`))));
    expect(store.commits()).toBe(2);
  });

  test('a command without events is answered without a commit', async () => {
    const store = counting(openStore(temporaryDatabase()));
    const log = await openTicketLog(store);
    expect(await log.submit(command({ decide: () => ({ events: [], result: () => 'nothing to do' }) }))).toBe(
      'nothing to do',
    );
    expect(store.commits()).toBe(0);
  });

  test('the receipt names command, entries and the head that holds them', async () => {
    const { store, log } = await freshLog();
    const receipt = await log.submit(
      command({ decide: () => ({ events: [written('one'), written('one')], result: (made) => made }) }),
    );
    const head = await store.head();
    expect(receipt.command).toMatch(/^c-[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(receipt.entries.map((one) => [one.seq, one.type])).toEqual([
      [0, 'countersign.ticket.written.v1'],
      [1, 'countersign.ticket.written.v1'],
    ]);
    expect(hex(receipt.entries[1]?.leafHash ?? utf8(''))).toBe(hex(head?.lastLeaf ?? utf8('none')));
    expect(hex(receipt.head.root)).toBe(hex(head?.root ?? utf8('none')));
  });

  test('after stopping, what was queued is done and what comes is refused', async () => {
    const { store, log } = await freshLog();
    const queued = log.submit(writeTicket('one'));
    const stopped = log.stop();
    expect(await codeOf(log.submit(writeTicket('one')))).toBe('store-unavailable');
    await stopped;
    expect(await queued).toEqual({ version: 1, seq: 0 });
    expect(await entriesOf(store)).toHaveLength(1);
  });
});

describe('sealing', () => {
  test('an entry holds who, command, program, time, body and commitments, in that order', async () => {
    const { store, log } = await freshLog();
    await log.submit(writeTicket('one', { title: 'A personal title' }));
    const [bytes] = await entriesOf(store);
    const entry = parseEntry(bytes ?? utf8(''));
    expect(Object.keys(entry.data).slice(0, 5)).toEqual([
      'by',
      'command',
      'program',
      'decided_at_ms',
      'source',
    ]);
    expect(Object.keys(entry.data).slice(-2)).toEqual(['ticket', 'title']);
    expect(entry.data).toMatchObject({
      by: { kind: 'console' },
      program: 'countersign-test 0',
      decided_at_ms: START_MS,
    });
    expect([entry.subject, entry.stream, entry.streamVersion]).toEqual(['ticket', 'ticket/register/one', 1]);
  });

  test('personal text stands beside the log under a key of its own, and fits its commitment', async () => {
    const { store, log } = await freshLog();
    await log.submit(writeTicket('one', { title: 'A personal title' }));
    const [bytes] = await entriesOf(store);
    expect(fromUtf8(bytes ?? utf8(''))).not.toContain('A personal title');
    const [ticket, title] = await store.disclosures([0]);
    expect([ticket?.field, title?.field, title?.value]).toEqual(['ticket', 'title', 'A personal title']);
    expect(hex(ticket?.key ?? utf8(''))).not.toBe(hex(title?.key ?? utf8('')));
    const { title: committed } = parseEntry(bytes ?? utf8('')).data as { title: { commitment: string } };
    const disclosure = {
      key: title?.key ?? utf8(''),
      type: 'countersign.ticket.written.v1',
      pointer: '/title',
      value: 'A personal title',
    };
    expect(checkDisclosure(nodeHasher, fromBase64(committed.commitment), disclosure)).toBe(true);
  });

  test('personal text that is not there is null, and nothing is disclosed', async () => {
    const { store, log } = await freshLog();
    const event = { ...written('one'), personal: { ticket: null, title: null } };
    await log.submit(command({ decide: () => ({ events: [event], result: () => null }) }));
    const [bytes] = await entriesOf(store);
    expect(parseEntry(bytes ?? utf8('')).data).toMatchObject({ ticket: null, title: null });
    expect(await store.disclosures([0])).toEqual([]);
  });

  test('erasing forgets the disclosure that is named', async () => {
    const { store, log } = await freshLog();
    await log.submit(writeTicket('one'));
    await log.submit(
      command({
        decide: () => ({ events: [written('one')], erase: [{ seq: 0, field: 'title' }], result: () => null }),
      }),
    );
    expect((await store.disclosures([0])).map((one) => one.field)).toEqual(['ticket']);
    expect(await store.disclosures([1])).toHaveLength(2);
  });
});

describe('commands that fail', () => {
  /** The command fails with this code, leaves nothing, and the one beside it in the batch is done. */
  async function failsAlone(bad: Command<unknown>, code: string): Promise<Failure> {
    const { store, log } = await freshLog();
    const failing = log.submit(bad);
    const beside = log.submit(writeTicket('beside'));
    const error: unknown = await failing.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).code).toBe(code); // just compared
    expect(await beside).toEqual({ version: 1, seq: 0 });
    expect(await entriesOf(store)).toHaveLength(1);
    expect(await store.state(ticketStream('one'))).toBeUndefined();
    return error as Failure; // as above
  }

  test('a decision that throws a failure is refused with it, alone', async () => {
    const refusal = new Failure('refused-by-rule', 'no', { rule: 'ticket-fits-the-rule' });
    const bad = command({
      decide: () => {
        throw refusal;
      },
    });
    expect(await failsAlone(bad, 'refused-by-rule')).toBe(refusal);
  });

  test('a decision that throws anything else is an internal error without its words', async () => {
    const failure = await failsAlone(
      command({
        decide: () => {
          throw new Error('secret words');
        },
      }),
      'internal',
    );
    expect(failure.message).not.toContain('secret words');
    expect(failure.cause).toBeInstanceOf(Error);
  });

  test('events that do not fit their schema are never sealed, not even the good one before them', async () => {
    // As a defect of ours would: a value outside the type.
    const wrong = { ...written('one'), body: { ...written('one').body, state: 'melted' as 'open' } };
    await failsAlone(
      command({ decide: () => ({ events: [written('one'), wrong], result: () => null }) }),
      'internal',
    );
  });

  test('a body that brings its own author is never sealed', async () => {
    const body = { ...written('one').body, by: { kind: 'console' } };
    const forged = { ...written('one'), body };
    await failsAlone(command({ decide: () => ({ events: [forged], result: () => null }) }), 'internal');
  });

  test('personal text that was forgotten is not silently nothing', async () => {
    const event = { ...written('one'), personal: { ticket: 'T-1' } } as ReturnType<typeof written>;
    await failsAlone(command({ decide: () => ({ events: [event], result: () => null }) }), 'internal');
  });

  test('a stream that was not named can be neither read nor written', async () => {
    const reading = command({
      decide: (view) => ({ events: [], result: () => view.version(ticketStream('beside')) }),
    });
    const peeking = command<null>({
      decide: (view) => {
        view.version(ticketStream('beside'));
        return { events: [], result: () => null };
      },
    });
    await failsAlone(reading, 'internal');
    await failsAlone(peeking, 'internal');
    await failsAlone(
      command({ decide: () => ({ events: [written('other')], result: () => null }) }),
      'internal',
    );
  });

  test('a state is given only by the fold that made it', async () => {
    const bad = command<null>({
      decide: (view) => {
        view.state(refusals.fold, ticketStream('one'));
        return { events: [], result: () => null };
      },
    });
    await failsAlone(bad, 'internal');
  });

  test('a stream of an unknown kind is refused before it can spoil a batch', async () => {
    const { log } = await freshLog();
    const bad = command({ streams: ['person/p-1'], decide: () => ({ events: [], result: () => null }) });
    const [failed, done] = await Promise.allSettled([log.submit(bad), log.submit(writeTicket('one'))]);
    expect([failed.status, done.status]).toEqual(['rejected', 'fulfilled']);
  });

  test('an attachment under the digest of another is refused', async () => {
    const attachments = [{ digest: `sha256:${'0'.repeat(64)}`, bytes: utf8('text') }];
    await failsAlone(
      command({ decide: () => ({ events: [written('one')], attachments, result: () => null }) }),
      'internal',
    );
  });

  test('nothing is changed without an entry', async () => {
    const secrets = [
      { id: 'a', person: 'p', kind: 'access-token' as const, value: utf8('x'), expiresAtMs: null },
    ];
    await failsAlone(command({ decide: () => ({ events: [], secrets, result: () => null }) }), 'internal');
  });

  test('facts older than 30 s must be fetched again', async () => {
    const { log, clock } = await freshLog();
    const decide: Command<string>['decide'] = () => ({ events: [], result: () => 'decided' });
    const factsAtMs = clock.nowMs();
    clock.advance(30_000);
    expect(await log.submit(command({ factsAtMs, decide }))).toBe('decided');
    clock.advance(1);
    expect(await codeOf(log.submit(command({ factsAtMs, decide })))).toBe('stale');
  });

  test('a refusal that is an entry is thrown after the entry is durable, with its number', async () => {
    const { store, log } = await freshLog();
    const stream: StreamId = streams.refusals('p-1', 0);
    const event = draft('countersign.command.refused.v1', stream, 'p-1', {
      person: 'p-1',
      attempted: 'submit',
      rule: 'ticket-fits-the-rule',
      about: null,
      asked: null,
    });
    const refusal = new Failure('refused-by-rule', 'no', { rule: 'ticket-fits-the-rule', mend: 'ask' });
    await log.submit(writeTicket('one'));
    const refusing = command({
      streams: [stream],
      decide: () => ({ events: [event], refusal, result: () => null }),
    });
    const thrown: unknown = await log.submit(refusing).catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: 'refused-by-rule',
      rule: 'ticket-fits-the-rule',
      mend: 'ask',
      entry: 1,
    });
    expect(await entriesOf(store)).toHaveLength(2);
  });
});

describe('idempotency', () => {
  test('the same call again is answered from memory, also after a restart, and writes nothing', async () => {
    const { store, log } = await freshLog();
    expect(await log.submit(writeTicket('one', { key: 'k' }))).toEqual({ version: 1, seq: 0 });
    expect(await log.submit(writeTicket('one', { key: 'k' }))).toEqual({ version: 1, seq: -1 });
    const again = await openLog(partsOn(store));
    expect(await again.submit(writeTicket('one', { key: 'k' }))).toEqual({ version: 1, seq: -1 });
    expect(await entriesOf(store)).toHaveLength(1);
  });

  test('two calls with one key in one batch are one call', async () => {
    const { store, log } = await freshLog();
    const both = [log.submit(writeTicket('one', { key: 'k' })), log.submit(writeTicket('one', { key: 'k' }))];
    expect(await Promise.all(both)).toEqual([
      { version: 1, seq: 0 },
      { version: 1, seq: -1 },
    ]);
    expect(await entriesOf(store)).toHaveLength(1);
  });

  test('the same key with another body is refused', async () => {
    const { log } = await freshLog();
    await log.submit(writeTicket('one', { key: 'k' }));
    expect(await codeOf(log.submit(writeTicket('one', { key: 'k', digest: 'sha256:other' })))).toBe(
      'idempotency-key-reused',
    );
  });

  test('an answer that cannot be given again is told as already done', async () => {
    const { log } = await freshLog();
    await log.submit(writeTicket('one', { key: 'k' }));
    const { replay: _, ...secretAnswer } = writeTicket('one', { key: 'k' });
    expect(await codeOf(log.submit(secretAnswer))).toBe('already-done');
  });

  test('a call that failed may be repeated with its key', async () => {
    const { log } = await freshLog();
    const failing: Command<unknown> = {
      ...writeTicket('one', { key: 'k' }),
      decide: () => {
        throw new Failure('conflict', 'no');
      },
    };
    expect(await codeOf(log.submit(failing))).toBe('conflict');
    expect(await log.submit(writeTicket('one', { key: 'k' }))).toEqual({ version: 1, seq: 0 });
  });

  test('a refusal is not remembered: the same call is decided again', async () => {
    const { store, log } = await freshLog();
    const refusing: Command<unknown> = {
      ...writeTicket('one', { key: 'k' }),
      decide: () => ({
        events: [written('one')],
        refusal: new Failure('refused-by-rule', 'no'),
        result: () => null,
      }),
    };
    expect(await codeOf(log.submit(refusing))).toBe('refused-by-rule');
    expect(await log.submit(writeTicket('one', { key: 'k' }))).toEqual({ version: 2, seq: 1 });
    expect(await entriesOf(store)).toHaveLength(2);
  });

  test('after a day the key is forgotten', async () => {
    const { log, clock } = await freshLog();
    await log.submit(writeTicket('one', { key: 'k' }));
    clock.advance(24 * 60 * 60 * 1000 - 1);
    expect((await log.submit(writeTicket('one', { key: 'k' }))).seq).toBe(-1);
    clock.advance(1);
    expect(await log.submit(writeTicket('one', { key: 'k' }))).toEqual({ version: 2, seq: 1 });
  });
});

describe('two writers', () => {
  test('each builds on what the other wrote', async () => {
    const { path, store, log } = await freshLog();
    const other = await openLog(partsOn(openStore(path)));
    for (const writer of [log, other, other, log]) await writer.submit(writeTicket('one'));
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 5, seq: 4 });
    expect((await other.read([ticketStream('one')])).version(ticketStream('one'))).toBe(5);
    expect((await entriesOf(store)).map((bytes) => parseEntry(bytes).streamVersion)).toEqual([1, 2, 3, 4, 5]);
  });

  test('a batch whose head moved is decided again on the new one', async () => {
    const path = temporaryDatabase();
    const bare = openStore(path);
    const other = await openTicketLog(openStore(path));
    let interfered = false;
    const store = storeWith(bare, {
      advance: async (from, write) => {
        if (!interfered) await other.submit(writeTicket('one'));
        interfered = true;
        return bare.advance(from, write);
      },
    });
    const log = await openLog(partsOn(store));
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 2, seq: 1 });
  });

  test('a writer that never gets its turn says so, having written nothing', async () => {
    const { store, log } = await freshLog({}, (bare) => storeWith(bare, { advance: async () => false }));
    expect(await codeOf(log.submit(writeTicket('one')))).toBe('store-unavailable');
    expect(await entriesOf(store)).toHaveLength(0);
  });
});

describe('a store that fails', () => {
  test('a lost answer whose commit stands is found, and answered as done', async () => {
    const { store, log } = await freshLog({}, (bare) =>
      storeWith(bare, {
        advance: async (from, write) => {
          await bare.advance(from, write);
          throw new OutcomeUnknown('the line went dead');
        },
      }),
    );
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 1, seq: 0 });
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 2, seq: 1 });
    expect(await entriesOf(store)).toHaveLength(2);
  });

  test('a lost answer whose commit does not stand is sent again, once', async () => {
    let lost = 0;
    const { store, log } = await freshLog({}, (bare) =>
      storeWith(bare, {
        advance: async (from, write) => {
          if (lost++ === 0) throw new OutcomeUnknown('the line went dead');
          return bare.advance(from, write);
        },
      }),
    );
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 1, seq: 0 });
    expect(await entriesOf(store)).toHaveLength(1);
  });

  test('a commit that was only slow meets itself: nothing is recorded twice', async () => {
    let slow: (() => Promise<boolean>) | undefined;
    const { store, log } = await freshLog({}, (bare) =>
      storeWith(bare, {
        advance: async (from, write) => {
          const commit = () => bare.advance(from, write);
          if (slow === undefined) {
            slow = commit;
            throw new OutcomeUnknown('no answer yet');
          }
          await slow();
          return commit();
        },
      }),
    );
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 1, seq: 0 });
    expect(await entriesOf(store)).toHaveLength(1);
  });

  test('a lost answer after which another wrote is decided again', async () => {
    const path = temporaryDatabase();
    const bare = openStore(path);
    const other = await openTicketLog(openStore(path));
    let lost = 0;
    const store = storeWith(bare, {
      advance: async (from, write) => {
        if (lost++ > 0) return bare.advance(from, write);
        await other.submit(writeTicket('one'));
        throw new OutcomeUnknown('the line went dead');
      },
    });
    const log = await openLog(partsOn(store));
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 2, seq: 1 });
  });

  test('when the store never tells, the caller hears that it is not known', async () => {
    const { log } = await silentLog();
    const thrown: unknown = await log.submit(writeTicket('one')).catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('did not say'),
    });
  });

  test('a full disk fails those commands, and the next succeed when there is room', async () => {
    let full = true;
    const { store, log } = await freshLog({}, (bare) =>
      storeWith(bare, {
        advance: (from, write) => (full ? Promise.reject(new Error('disk full')) : bare.advance(from, write)),
      }),
    );
    const both = await Promise.all([
      codeOf(log.submit(writeTicket('one'))),
      codeOf(log.submit(writeTicket('one'))),
    ]);
    expect(both).toEqual(['store-unavailable', 'store-unavailable']);
    full = false;
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 1, seq: 0 });
    expect(await entriesOf(store)).toHaveLength(1);
  });

  test('a store that cannot be read fails the batch and nothing more', async () => {
    let down = true;
    const { log } = await freshLog({}, (bare) =>
      storeWith(bare, {
        load: (known, keys) => (down ? Promise.reject(new Error('down')) : bare.load(known, keys)),
      }),
    );
    expect(await codeOf(log.submit(writeTicket('one')))).toBe('store-unavailable');
    expect(await codeOf(log.read([ticketStream('one')]))).toBe('store-unavailable');
    down = false;
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 1, seq: 0 });
  });
});

/** A log that opened well, and whose store then went silent. */
async function silentLog() {
  const bare = openStore(temporaryDatabase());
  await openTicketLog(bare);
  let opened = false;
  const store = storeWith(bare, {
    advance: () => Promise.reject(new OutcomeUnknown('dead')),
    head: () => (opened ? Promise.reject(new Error('dead')) : bare.head()),
  });
  const log = await openLog(partsOn(store));
  opened = true;
  return { log };
}

describe('clocks', () => {
  test('a wall clock that jumps more than a minute stops writing until it is right again', async () => {
    const { log, clock } = await freshLog();
    clock.advance(3_600_000);
    clock.jump(60_000);
    await log.submit(writeTicket('one'));
    clock.jump(1);
    expect(await codeOf(log.submit(writeTicket('one')))).toBe('read-only');
    expect(log.status()).toMatchObject({
      writable: false,
      reason: expect.stringContaining('clock has moved'),
    });
    clock.jump(-1);
    expect(await log.submit(writeTicket('one'))).toEqual({ version: 2, seq: 1 });
    clock.jump(-121_000);
    expect(await codeOf(log.submit(writeTicket('one')))).toBe('read-only');
  });

  test('a clock a little behind the log stamps the log time again, and tells when it was decided', async () => {
    const { path, store, log } = await freshLog();
    await log.submit(writeTicket('one'));
    const behind = await openLog(partsOn(openStore(path), { clock: turnedClock(START_MS - 5_000) }));
    await behind.submit(writeTicket('one'));
    const [first, second] = (await entriesOf(store)).map((bytes) => parseEntry(bytes));
    expect([first?.timeMs, second?.timeMs]).toEqual([START_MS, START_MS]);
    expect(second?.data['decided_at_ms']).toBe(START_MS - 5_000);
  });

  test('a clock more than five seconds behind the log writes nothing', async () => {
    const { path, log } = await freshLog();
    await log.submit(writeTicket('one'));
    const behind = await openLog(partsOn(openStore(path), { clock: turnedClock(START_MS - 5_001) }));
    expect(behind.status()).toMatchObject({ writable: false, reason: expect.stringContaining('behind') });
    expect(await codeOf(behind.submit(writeTicket('one')))).toBe('read-only');
    expect((await behind.read([ticketStream('one')])).version(ticketStream('one'))).toBe(1);
  });

  test('a broker that learns in the batch itself that it is behind writes nothing', async () => {
    const { path, store, log } = await freshLog();
    const behind = await openLog(partsOn(openStore(path), { clock: turnedClock(START_MS - 6_000) }));
    expect(behind.status().writable).toBe(true);
    await log.submit(writeTicket('one'));
    expect(await codeOf(behind.submit(writeTicket('one')))).toBe('read-only');
    expect(await entriesOf(store)).toHaveLength(1);
  });
});
