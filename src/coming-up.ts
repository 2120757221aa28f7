import { announceStart } from './app/announce-start.ts';
import type { Broker } from './app/broker.ts';
import type { Config } from './config.ts';
import { Failure } from './domain/errors.ts';
import { logFold } from './domain/policy-change/state.ts';
import type { HttpParts } from './http/parts.ts';

/** A log that does not fit is let through: the broker then comes up read-only, and says why. */
export async function requireGenesis(broker: Broker): Promise<void> {
  const head = await broker.store.head();
  const begun =
    head !== undefined &&
    head.size > 0 &&
    (!broker.sequencer.status().writable || (await hasGenesis(broker)));
  if (begun) return;
  throw new Failure('not-found', 'There is no log in this data directory yet.', {
    mend: 'Begin one: `countersign server init`.',
  });
}

const hasGenesis = async (broker: Broker): Promise<boolean> =>
  (await broker.sequencer.read(['log'])).state(logFold, 'log').origin !== null;

/** A broker that cannot write still answers reads, and says on /readyz what is wrong. */
export async function announce(broker: Broker, config: Config, logger: HttpParts['logger']): Promise<void> {
  const { writable, reason } = broker.sequencer.status();
  if (writable) return announceStart(broker, config.shown);
  logger.error({ reason }, 'the log does not fit: nothing will be written');
}
