import type { Store } from '../../src/app/store.ts';
import { entry, head, write } from '../contract/store-contract.ts';

/** A log with one disclosure. */
export async function discloseText(store: Store, value: string): Promise<void> {
  await store.begin(write({ head: head(0, 0) }));
  const disclosures = [{ seq: 0, field: 'title', key: new Uint8Array(32), value }];
  await store.advance(
    head(0, 0),
    write({ head: head(1, 1), entries: [entry(0, 'ticket/a', 1)], disclosures }),
  );
}

/** Erases it. */
export async function eraseText(store: Store): Promise<void> {
  await store.advance(head(1, 1), write({ head: head(2, 2), erase: [{ seq: 0, field: 'title' }] }));
}
