import { expect } from 'vitest';
import { dataFiles, openStore } from '../../src/assemble.ts';
import { auditConformance } from '../../src/audit/conformance.ts';
import { readAuditedEntry } from '../../src/audit/read-audited-entry.ts';
import type { Config } from '../../src/config.ts';
import { signInDemoUser } from '../../src/demo/client.ts';
import { type Entry, readEntry } from '../../src/log/entry.ts';
import { verifierKeyOf } from '../../src/log/note.ts';
import { verifyLog } from '../../src/log/verify.ts';
import { readKeyFiles } from '../../src/platform/key-files.ts';
import { ed25519Signer, verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { verifySignature } from '../../src/platform/verify-signature.ts';

export const ORIGIN = 'test.countersign.example/log';

/** Ada and Bo enrol with the codes of the beginning, and put a policy in force. */
export async function publish(
  url: string,
  codes: readonly { subject: string; code: string }[],
  policy: string,
): Promise<void> {
  const signers = await Promise.all(['ada', 'bo'].map((name) => signInDemoUser(url, name, name)));
  for (const [at, signer] of signers.entries()) {
    await signer.enrol(codes.find(({ subject }) => subject === ['ada', 'bo'][at])?.code ?? '');
  }
  const proposed = await signers[0]?.call('POST', '/v1/policy/proposals', { text: policy, scopes: {} });
  expect(proposed?.status).toBe(201);
  const path = `/v1/policy/proposals/${proposed?.body['proposal']}`;
  for (const signer of signers) {
    const { body } = await signer.call('POST', `${path}/statements`, {});
    const signed = await signer.call('POST', `${path}/signatures`, {
      statement: body['statement'],
      totp: signer.code(),
    });
    expect(signed.status).toBe(201);
  }
}

/** Every entry of a log whose brokers are gone, which a stranger verifies and audits without finding a fault. */
export async function entriesWithoutFault(config: Config, data: string): Promise<readonly Entry[]> {
  const store = await openStore(data, config.databaseUrl, systemClock);
  const head = await store.head();
  const all: Uint8Array[] = [];
  for await (const bytes of store.entries(0, head?.size ?? 0)) all.push(new Uint8Array(bytes));
  const signer = ed25519Signer(ORIGIN, readKeyFiles(dataFiles(data).keys).logPem);
  const checkpoint = new Uint8Array(head?.checkpoint ?? []);
  const verdicts = await verifyLog({
    hasher: nodeHasher,
    verify: verifyEd25519,
    origin: ORIGIN,
    logKeys: [verifierKeyOf(nodeHasher, signer)],
    checkpointNote: checkpoint,
    heldCheckpoints: [checkpoint],
    entries: async function* (from, to) {
      yield* all.slice(from, to);
    },
  });
  expect(verdicts.intact).toMatchObject({ passed: true });
  expect(verdicts.complete).toMatchObject({ passed: true });
  const conformance = await auditConformance({
    verifySignature,
    hasher: nodeHasher,
    origin: ORIGIN,
    entries: all.map((bytes) => readAuditedEntry(nodeHasher, bytes)),
    attachment: (digest) => store.attachment(digest),
  });
  expect(conformance.faults).toEqual([]);
  expect(conformance.passed).toBe(true);
  await store.close();
  return all.map((bytes) => readEntry(bytes));
}
