import type { Actor } from '../../domain/actor.ts';
import { streams } from '../../domain/ids.ts';
import { isSignedIn, personFold, signInFold } from '../../domain/person/state.ts';
import { readEntry } from '../../log/entry.ts';
import type { Broker } from '../broker.ts';

export type Came = 'entry' | 'nothing' | 'stopped';

/** Waits for entries of one stream; made by `LogTail.follow`. */
export interface Follower {
  /** `entry` once the stream has one more, `nothing` after `atMostMs`, `stopped` when none will come. */
  next(atMostMs: number): Promise<Came>;
  stop(): void;
}

/**
 * The log's end, looked at once for everybody who watches, however many they are. Nobody watches: nothing is read.
 * What a watcher is shown is read from the log by them; here they only learn that there is something.
 */
export interface LogTail {
  follow(stream: string): Follower;
  /** Every follower is told that nothing comes any more, now and later: for a process that ends. */
  stop(): void;
  /** Whether the sign-in that a long answer was begun under still stands. */
  isStillSignedIn(actor: Pick<Actor, 'person' | 'signIn'>): Promise<boolean>;
}

interface Waiting {
  readonly stream: string;
  /** Something came while nobody was waiting for it. */
  isBehind: boolean;
  /** Nothing comes any more. */
  isOver: boolean;
  wake: ((came: Came) => void) | undefined;
}

const LOOKED_EVERY_MS = 250;
const MOST_READ_AT_ONCE = 1_000;

export function logTail(broker: Broker): LogTail {
  const followers = new Map<string, Set<Waiting>>();
  let at: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  async function look(): Promise<void> {
    const size = (await broker.store.head())?.size ?? 0;
    if (at === undefined) {
      // From here on. What came since the watchers read for themselves is not known: each reads once more.
      at = size;
      for (const stream of followers.keys()) tell(stream);
    }
    while (at < size) {
      const to = Math.min(size, at + MOST_READ_AT_ONCE);
      for await (const bytes of broker.store.entries(at, to)) tell(readEntry(bytes).stream);
      at = to;
    }
  }

  function tell(stream: string): void {
    for (const waiting of followers.get(stream) ?? []) {
      waiting.isBehind = true;
      waiting.wake?.('entry');
    }
  }

  function lookAgainSoon(): void {
    if (isStopped) return;
    timer ??= setTimeout(async () => {
      try {
        await look();
      } catch (error) {
        broker.report({ what: 'the end of the log could not be looked at; it is tried again', error });
      }
      timer = undefined;
      if (followers.size > 0) lookAgainSoon();
      else at = undefined;
    }, LOOKED_EVERY_MS);
    // A process that has nothing else to do may end.
    if (typeof timer === 'object') timer.unref();
  }

  return {
    follow(stream) {
      const waiting: Waiting = { stream, isBehind: false, isOver: isStopped, wake: undefined };
      const beside = followers.get(stream) ?? new Set();
      followers.set(stream, beside.add(waiting));
      lookAgainSoon();
      return followerOf(waiting, () => {
        beside.delete(waiting);
        if (beside.size === 0 && followers.get(stream) === beside) followers.delete(stream);
      });
    },
    stop() {
      isStopped = true;
      for (const waiting of [...followers.values()].flatMap((beside) => [...beside])) end(waiting);
    },
    isStillSignedIn: (actor) => isStillSignedIn(broker, actor),
  };
}

function followerOf(waiting: Waiting, leave: () => void): Follower {
  return {
    next: (atMostMs) =>
      new Promise((resolve) => {
        const settle = (came: Came) => {
          clearTimeout(limit);
          waiting.wake = undefined;
          waiting.isBehind = false;
          resolve(came);
        };
        const limit = setTimeout(() => settle('nothing'), atMostMs);
        if (waiting.isOver) settle('stopped');
        else if (waiting.isBehind) settle('entry');
        else waiting.wake = settle;
      }),
    stop() {
      leave();
      end(waiting);
    },
  };
}

function end(waiting: Waiting): void {
  waiting.isOver = true;
  waiting.wake?.('stopped');
}

async function isStillSignedIn(
  broker: Broker,
  { person, signIn }: Pick<Actor, 'person' | 'signIn'>,
): Promise<boolean> {
  if (signIn === null) return false;
  const view = await broker.sequencer.read([streams.signIn(signIn), streams.person(person)]);
  const state = view.state(signInFold, streams.signIn(signIn));
  const owner = view.state(personFold, streams.person(person));
  return state.person === person && isSignedIn(state, owner, broker.clock.nowMs());
}
