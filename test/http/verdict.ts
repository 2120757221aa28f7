import { auditConformance, type Conformance } from '../../src/audit/conformance.ts';
import { readAuditedEntry } from '../../src/audit/read-audited-entry.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { verifySignature } from '../../src/platform/verify-signature.ts';
import type { World } from './harness.ts';

/** What an auditor finds who judges every decision in the log again. */
export async function verdictOn({ broker }: World): Promise<Conformance> {
  const { store, origin } = broker;
  const size = (await store.head())?.size ?? 0;
  const entries = async function* () {
    for await (const bytes of store.entries(0, size)) yield readAuditedEntry(nodeHasher, bytes);
  };
  return auditConformance({
    verifySignature,
    hasher: nodeHasher,
    origin,
    entries: entries(),
    attachment: (digest) => store.attachment(digest),
  });
}

/** Of an honest log: all of it was judged, and nothing found. */
export const conformant = { passed: true, faults: [], not_checkable: [] };

/** The types of the entries from `from` on, without the name of their maker. */
export async function typesSince({ broker }: World, from: number): Promise<readonly string[]> {
  const types: string[] = [];
  const size = (await broker.store.head())?.size ?? 0;
  for await (const bytes of broker.store.entries(from, size)) {
    types.push(readAuditedEntry(nodeHasher, bytes).type.replace('countersign.', ''));
  }
  return types;
}
