import { channelsOf, mailOf } from '../../domain/notice/notice.ts';
import type { Channel } from '../../domain/policy/policy.ts';
import { hex, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { Message, Notifier } from '../notifier.ts';

/** That this broker is read-only, told by itself: whoever has a job may write. */
export interface ReadOnlyTeller {
  /** Tells each reason once, if there is one now. */
  look(): Promise<void>;
  /** Gives up what is under way. */
  stop(): void;
}

/** The reason that was told last, null for none. */
export interface ToldReason {
  read(): Promise<string | null>;
  keep(reason: string | null): Promise<void>;
}

/** For a broker that tells it again after it was started again. */
export function toldInThisLife(): ToldReason {
  let told: string | null = null;
  return {
    read: async () => told,
    keep: async (reason) => {
      told = reason;
    },
  };
}

export function readOnlyTeller(
  broker: Broker,
  notifiers: ReadonlyMap<Channel, Notifier>,
  told: ToldReason,
): ReadOnlyTeller {
  const ending = new AbortController();
  return {
    async look() {
      const { writable, reason } = broker.sequencer.status();
      const why = writable ? null : (reason ?? 'no reason was given');
      if (why === (await told.read())) return;
      await told.keep(why);
      if (why !== null) await tellReadOnly(broker, notifiers, why, ending.signal);
    },
    stop: () => ending.abort(),
  };
}

/**
 * That nothing is written any more is told to the administrators by the last policy that can be read, once and without
 * an entry, as there can be none.
 */
async function tellReadOnly(
  broker: Broker,
  notifiers: ReadonlyMap<Channel, Notifier>,
  reason: string,
  signal: AbortSignal,
): Promise<void> {
  const policy = (await broker.policies.inForceIfAny().catch(() => undefined))?.policy;
  if (policy === undefined) return;
  const group = policy.administrators.from;
  for (const channel of channelsOf(policy, 'administrators')) {
    const message = readOnlyMessage(broker, group, reason);
    const delivery = await notifiers.get(channel)?.send(message, mailOf(policy, group), signal);
    if (delivery?.kind === 'delivered') continue;
    const why = delivery?.failure ?? 'it is not configured';
    broker.report({
      what: `administrators were not told by ${channel} of read-only: ${why}`,
      error: undefined,
    });
  }
}

function readOnlyMessage(broker: Broker, group: string, reason: string): Message {
  const named = hex(broker.hasher.sha256(utf8(`${broker.origin}\n${broker.id}\n${reason}`)).subarray(0, 16));
  return {
    id: `n-${named}`,
    occasion: 'read-only',
    atMs: broker.clock.nowMs(),
    audience: 'administrators',
    group,
    person: null,
    facts: { log: broker.origin, broker: broker.id, reason: reason.slice(0, 300).toWellFormed() },
    subject: '[countersign] nothing is written any more',
    text: [
      `The broker ${broker.id} of ${broker.origin} is read-only: nobody can ask, sign or open.`,
      `Why: ${reason.slice(0, 300).toWellFormed()}`,
      '',
      'Look at it:  countersign status   and   countersign log verify',
    ].join('\n'),
  };
}
