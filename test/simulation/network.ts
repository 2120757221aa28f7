import type { Dice } from './dice.ts';

/** What may befall one call over the wire. */
export type Mishap =
  | 'fails' // it is refused at once: nothing has happened
  | 'is-lost' // it never arrives, and nobody is told so
  | 'loses-answer' // it happens, and nobody is told so
  | 'is-slow' // it happens late
  | 'answers-late'; // it happens at once, and the answer comes late

/** The next call of this name by this broker meets the mishap, once. */
export interface Armed {
  readonly broker: number;
  /** A name such as `store.advance`, or its first part. */
  readonly what: string;
  readonly mishap: Mishap;
  readonly delayMs: number;
}

/** Every call of this name by this broker fails until then; `broker` null: everybody's. */
export interface Outage {
  readonly broker: number | null;
  readonly what: string;
  readonly untilMs: number;
}

/** Who calls: one life of one broker. What it left unanswered when it died is answered to nobody. */
export interface Caller {
  readonly broker: number;
  alive: boolean;
}

export interface Call<Answer> {
  readonly caller: Caller;
  readonly what: string;
  readonly effect: () => Answer;
  /** How the adapter tells that nothing happened. */
  readonly failed: () => Error;
  /** How the adapter tells that it does not know. */
  readonly lost: () => Error;
}

interface Pending {
  readonly call: Call<unknown>;
  /** Not before this does it move on, milliseconds since 1970. */
  notBeforeMs: number;
  readonly mishap: Mishap | 'none';
  readonly delayMs: number;
  /** undefined: it has not happened yet. */
  outcome: { readonly tell: () => void } | undefined;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Everything between brokers and the world. No call moves on by itself: each is pending until it is the one that dice
 * choose, so that any order of arrivals and answers can come about, and comes about again from the same seed.
 */
export interface Network {
  readonly armed: Armed[];
  readonly outages: Outage[];
  /** Calls that moved on, so far. */
  moves: number;
  call<Answer>(call: Call<Answer>): Promise<Answer>;
  /** A timer of the caller's own: not a thing that can fail, but one among others for whose turn it is. */
  pause(caller: Caller, delayMs: number): { readonly over: Promise<void>; cancel(): void };
  /** Moves one call on. false: none can move at this moment. */
  move(nowMs: number, dice: Dice): boolean;
  /** When the next delayed call can move; undefined: nothing is pending. */
  nextMs(): number | undefined;
  /** What a dead caller had sent is on the wire still, or is not: dice say which. */
  cut(caller: Caller, dice: Dice): void;
}

export function newNetwork(nowMs: () => number): Network {
  const pending: Pending[] = [];
  const network: Network = {
    armed: [],
    outages: [],
    moves: 0,
    call<Answer>(call: Call<Answer>): Promise<Answer> {
      // A dead process runs no further: whatever it was about to ask is asked by nobody.
      if (!call.caller.alive) return new Promise(() => undefined);
      const { mishap, delayMs } = mishapOf(network, call, nowMs());
      return new Promise<Answer>((resolve, reject) => {
        pending.push({
          call,
          notBeforeMs: mishap === 'is-slow' ? nowMs() + delayMs : 0,
          mishap,
          delayMs,
          outcome: undefined,
          // `effect` of this very call makes what it is resolved with.
          resolve: resolve as (answer: unknown) => void,
          reject,
        });
      });
    },
    pause(caller, delayMs) {
      if (!caller.alive) return { over: new Promise(() => undefined), cancel: () => undefined };
      let cancel = (): void => undefined;
      const over = new Promise<void>((resolve, reject) => {
        const one = timer(caller, nowMs() + delayMs, () => resolve(), reject);
        pending.push(one);
        cancel = () => {
          if (pending.includes(one)) pending.splice(pending.indexOf(one), 1);
        };
      });
      return { over, cancel };
    },
    move(now, dice) {
      const ready = pending.filter(({ notBeforeMs }) => notBeforeMs <= now);
      if (ready.length === 0) return false;
      const one = dice.pick(ready);
      network.moves += 1;
      if (!moveOn(one, now, dice)) pending.splice(pending.indexOf(one), 1);
      return true;
    },
    nextMs: () =>
      pending.length === 0 ? undefined : Math.min(...pending.map(({ notBeforeMs }) => notBeforeMs)),
    cut(caller, dice) {
      for (const one of pending.filter(({ call }) => call.caller === caller)) {
        if (one.outcome === undefined && dice.chance(50)) continue;
        pending.splice(pending.indexOf(one), 1);
      }
    },
  };
  return network;
}

const timer = (
  caller: Caller,
  notBeforeMs: number,
  resolve: () => void,
  reject: (error: unknown) => void,
): Pending => ({
  call: { caller, what: 'timer', effect: () => undefined, failed: never, lost: never },
  notBeforeMs,
  mishap: 'none',
  delayMs: 0,
  outcome: { tell: resolve },
  resolve,
  reject,
});

const never = (): Error => new Error('a timer does not fail');

function mishapOf(
  network: Network,
  { caller, what }: Call<unknown>,
  nowMs: number,
): { readonly mishap: Mishap | 'none'; readonly delayMs: number } {
  const down = network.outages.some(
    ({ broker, what: which, untilMs }) =>
      nowMs < untilMs && isNamed(which, what) && (broker === null || broker === caller.broker),
  );
  if (down) return { mishap: 'fails', delayMs: 0 };
  const at = network.armed.findIndex(
    ({ broker, what: which }) => broker === caller.broker && isNamed(which, what),
  );
  const [armed] = at === -1 ? [] : network.armed.splice(at, 1);
  return armed ?? { mishap: 'none', delayMs: 0 };
}

const isNamed = (which: string, what: string): boolean => which === what || what.startsWith(`${which}.`);

/** Of a hundred calls without a mishap, those whose answer is a moment of its own: others come in between. */
const ANSWERED_APART = 30;

/** true: it is pending still. */
function moveOn(one: Pending, nowMs: number, dice: Dice): boolean {
  const { call, mishap, delayMs } = one;
  if (one.outcome === undefined) {
    one.outcome = { tell: happen(one) };
    if (mishap === 'answers-late') one.notBeforeMs = nowMs + delayMs;
    const apart = mishap === 'answers-late' || (mishap === 'none' && dice.chance(ANSWERED_APART));
    if (apart && call.caller.alive) return true;
  }
  if (call.caller.alive) one.outcome.tell();
  return false;
}

/** What happens at the other end, now; gives how the caller will hear of it. */
function happen({ call, mishap, resolve, reject }: Pending): () => void {
  if (mishap === 'fails') return () => reject(call.failed());
  if (mishap === 'is-lost') return () => reject(call.lost());
  try {
    const answer = call.effect();
    return mishap === 'loses-answer' ? () => reject(call.lost()) : () => resolve(answer);
  } catch (error) {
    return () => reject(error);
  }
}

/** Lets everything run that waits for nothing but itself: afterwards all of it waits for the network. */
export const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
