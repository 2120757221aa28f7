import type { Broker } from './broker.ts';

/** Disclosed texts of some entries, by entry and field; what was erased is not there. */
export async function personalTexts(
  broker: Broker,
  seqs: readonly number[],
): Promise<(seq: number, field: string) => string | null> {
  const disclosures = await broker.store.disclosures(seqs);
  const texts = new Map(disclosures.map(({ seq, field, value }) => [`${seq}\n${field}`, value]));
  return (seq, field) => texts.get(`${seq}\n${field}`) ?? null;
}
