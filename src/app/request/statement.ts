import { digestOf } from '../../domain/digest.ts';
import type { Statement } from '../../domain/events.ts';
import { STATEMENT_LIFETIME_MS } from '../../domain/statement-frame.ts';
import { base64, equalBytes, fromBase64 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { rootAt } from './root-at.ts';

/** What every statement ends with: used once, for five minutes, over the log as it is now. */
export function statementFrame(
  broker: Broker,
  view: View,
): Pick<Statement, 'nonce' | 'expires_at_ms' | 'log'> {
  return {
    nonce: base64(broker.random.bytes(32)),
    expires_at_ms: broker.clock.nowMs() + STATEMENT_LIFETIME_MS - 1000,
    log: { origin: broker.origin, size: view.head.size, root: base64(view.head.root) },
  };
}

export const statementDigest = (broker: Broker, statement: Statement): string =>
  digestOf(broker.hasher, statement);

/** Whether our log really had that root at that size. */
export async function logFits(broker: Broker, statement: Pick<Statement, 'log'>): Promise<boolean> {
  const root = await rootAt(broker.store, broker.hasher, statement.log.size);
  if (root === undefined) return false;
  try {
    return equalBytes(root, fromBase64(statement.log.root));
  } catch {
    return false;
  }
}
