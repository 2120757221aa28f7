import type { Command, Registered } from '../src/app/command.ts';
import { registryOf } from '../src/app/registry.ts';
import type { LogParts } from '../src/app/sequencer/sequencer.ts';
import { type DraftOf, draft } from '../src/domain/draft.ts';
import { type StreamId, streams } from '../src/domain/ids.ts';
import type { NoteSigner } from '../src/log/note.ts';
import { verifyEd25519 } from '../src/platform/node-ed25519.ts';
import { nodeHasher } from '../src/platform/node-hasher.ts';
import { nodeRandom } from '../src/platform/node-random.ts';
import { systemClock } from '../src/platform/system-clock.ts';

/** The smallest fold there is: what is measured is the log that carries it. */
const counted: Registered<{ readonly count: number }> = {
  fold: {
    kind: 'refusals',
    initial: { count: 0 },
    evolve: ({ count }) => ({ count: count + 1 }),
    dueAtMs: () => null,
  },
  rows: () => [],
};

const random = nodeRandom();

/** Appends one entry of about 500 bytes to a new stream; commands of real use read two or three streams. */
export function append(): Command<number> {
  return touch(streams.refusals(`p-${random.ulid(Date.now())}`, 0));
}

/** Appends one entry to a stream, which is read before. */
export function touch(stream: StreamId): Command<number> {
  return {
    by: { kind: 'console' },
    streams: [stream],
    factsAtMs: null,
    decide(view) {
      view.version(stream);
      return {
        events: [entryOf(stream)],
        result: (receipt) => receipt.entries[0]?.seq ?? -1,
      };
    },
  };
}

/** What is measured is the log that carries it: the smallest entry there is. */
export function entryOf(stream: StreamId): DraftOf<'countersign.command.refused.v1'> {
  return draft('countersign.command.refused.v1', stream, 'p-somebody', refusal);
}

const refusal = {
  person: 'p-somebody',
  attempted: 'submit',
  rule: 'policy-is-in-force',
  about: null,
  asked: null,
} as const;

export const BENCH_ORIGIN = 'log.example.com/bench';

/** Everything of a log but its store. */
export function benchParts(signer: NoteSigner): Omit<LogParts, 'store'> {
  return {
    hasher: nodeHasher,
    signer,
    verify: verifyEd25519,
    clock: systemClock,
    random,
    program: 'countersign-bench 0',
    registry: registryOf(counted),
  };
}
