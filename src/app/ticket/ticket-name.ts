import { Failure } from '../../domain/errors.ts';
import type { RequestState } from '../../domain/request/state.ts';
import { fromBase64 } from '../../log/bytes.ts';
import { checkDisclosure } from '../../log/commitment.ts';
import type { Broker } from '../broker.ts';

/**
 * The name of the ticket that a request was asked for, held against what its entry committed to; null: none was given,
 * or it was erased. Whoever can write into the store must not choose the ticket that a decision looks at.
 * @throws Failure `read-only`
 */
export async function ticketNameOf(
  broker: Pick<Broker, 'store' | 'hasher'>,
  { request, submittedSeq, ticketCommitment }: RequestState,
): Promise<string | null> {
  const disclosed = await broker.store.disclosures([submittedSeq]);
  const found = disclosed.find(({ field }) => field === 'ticket');
  if (found === undefined) return null;
  const { key, value } = found;
  const claimed = { key, type: 'countersign.request.submitted.v1', pointer: '/ticket', value };
  const isCommitted =
    ticketCommitment !== null && checkDisclosure(broker.hasher, fromBase64(ticketCommitment), claimed);
  if (isCommitted) return value;
  throw new Failure('read-only', `The name of the ticket of ${request} was altered in the store.`, {
    mend: 'Restore the data directory from a backup, then run `countersign log verify`.',
  });
}
