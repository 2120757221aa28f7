import type { Command, Registered, Sequencer } from '../../src/app/command.ts';
import type { Clock } from '../../src/app/ports.ts';
import { registryOf } from '../../src/app/registry.ts';
import { beginLog } from '../../src/app/sequencer/begin-log.ts';
import { type LogParts, openLog } from '../../src/app/sequencer/sequencer.ts';
import type { Store } from '../../src/app/store.ts';
import type { By } from '../../src/domain/actor.ts';
import { type DraftOf, draft } from '../../src/domain/draft.ts';
import { type StreamId, streams } from '../../src/domain/ids.ts';
import { ed25519Signer, generateEd25519Pem, verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';
import { rowChange } from '../../src/projections/tables.ts';

/** A small log of the real kind for tests of what carries it: tickets that are written again and again. */
export interface TicketState {
  readonly writes: number;
  readonly state: string;
  readonly ordinal: number;
  readonly closes_at_ms: number | null;
}

export const tickets: Registered<TicketState> = {
  fold: {
    kind: 'ticket',
    initial: { writes: 0, state: 'none', ordinal: -1, closes_at_ms: null },
    evolve(before, { seq, event }) {
      if (event.type !== 'countersign.ticket.written.v1') return before;
      const { state, window } = event.data;
      const ordinal = before.writes === 0 ? seq : before.ordinal;
      return { writes: before.writes + 1, state, ordinal, closes_at_ms: window?.to_ms ?? null };
    },
    dueAtMs: (state) => state.closes_at_ms,
  },
  rows(stream, state, { seq, event }) {
    if (event.type !== 'countersign.ticket.written.v1') return [];
    const { source, project, creator } = event.data;
    const key = stream.slice('ticket/'.length);
    return [
      rowChange('tickets', key, {
        seq,
        ordinal: state.ordinal,
        source,
        project,
        state: state.state,
        creator,
      }),
    ];
  },
};

export const refusals: Registered<{ readonly count: number }> = {
  fold: {
    kind: 'refusals',
    initial: { count: 0 },
    evolve: (state) => ({ count: state.count + 1 }),
    dueAtMs: () => null,
  },
  rows: () => [],
};

export const registry = registryOf(tickets, refusals);
export const console: By = { kind: 'console' };
export const pem = generateEd25519Pem();
export const origin = 'log.example.com/test';
export const signer = ed25519Signer(origin, pem);

export function ticketStream(name: string): StreamId {
  return streams.ticket('register', name);
}

export function written(
  name: string,
  more: { title?: string; closesAtMs?: number } = {},
): DraftOf<'countersign.ticket.written.v1'> {
  const { title = 'A title', closesAtMs } = more;
  const window = closesAtMs === undefined ? null : { from_ms: 0, to_ms: closesAtMs };
  return draft(
    'countersign.ticket.written.v1',
    ticketStream(name),
    'ticket',
    {
      source: 'register',
      project: 'operations',
      state: 'open',
      creator: 'p-creator',
      responders: [],
      assignee: null,
      approved_by: null,
      window,
    },
    { ticket: name, title },
  );
}

/** Writes a ticket; its answer is the version and the entry's number. */
export function writeTicket(
  name: string,
  more: { title?: string; closesAtMs?: number; key?: string; digest?: string } = {},
): Command<{ version: number; seq: number }> {
  const { key, digest = 'sha256:body' } = more;
  return {
    by: console,
    streams: [ticketStream(name)],
    factsAtMs: null,
    ...(key === undefined ? {} : { idempotency: { key, digest } }),
    decide(view) {
      const version = view.version(ticketStream(name)) + 1;
      return {
        events: [written(name, more)],
        about: JSON.stringify({ version }),
        result: (receipt) => ({ version, seq: receipt.entries[0]?.seq ?? -1 }),
      };
    },
    replay: (about) => ({ ...(JSON.parse(about) as { version: number }), seq: -1 }), // our own `about`
  };
}

export interface TurnedClock extends Clock {
  /** Time passes. */
  advance(ms: number): void;
  /** Somebody sets the wall clock. */
  jump(ms: number): void;
}

export function turnedClock(startMs: number): TurnedClock {
  let passedMs = 0;
  let jumpedMs = 0;
  return {
    nowMs: () => startMs + passedMs + jumpedMs,
    monotonicMs: () => passedMs,
    advance: (ms) => {
      passedMs += ms;
    },
    jump: (ms) => {
      jumpedMs += ms;
    },
  };
}

export const START_MS = Date.UTC(2026, 0, 1);

export function partsOn(store: Store, more: Partial<LogParts> = {}): LogParts {
  return {
    store,
    hasher: nodeHasher,
    signer,
    verify: verifyEd25519,
    clock: turnedClock(START_MS),
    random: nodeRandom(),
    program: 'countersign-test 0',
    registry,
    ...more,
  };
}

/** Begins the log where there is none and opens it. */
export async function openTicketLog(store: Store, more: Partial<LogParts> = {}): Promise<Sequencer> {
  await beginLog(partsOn(store, more));
  return openLog(partsOn(store, more));
}

export async function entriesOf(store: Store): Promise<readonly Uint8Array[]> {
  const head = await store.head();
  const entries: Uint8Array[] = [];
  for await (const bytes of store.entries(0, (head?.size ?? 0) + 1)) entries.push(bytes);
  return entries;
}
