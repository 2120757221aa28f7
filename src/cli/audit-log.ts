import { auditConformance } from '../audit/conformance.ts';
import { readAuditedEntry } from '../audit/read-audited-entry.ts';
import type { AuditReport } from '../audit/report.ts';
import { verifyEd25519 } from '../platform/node-ed25519.ts';
import { nodeHasher } from '../platform/node-hasher.ts';
import { verifyInWorkers } from '../platform/verify-in-workers.ts';
import type { Belief, LocalLog, LogSource } from './log-source.ts';

/** The three verdicts over one log, pinned at its checkpoint. */
export async function auditLog(
  source: LocalLog,
  belief: Belief,
  heldCheckpoints: readonly Uint8Array[],
): Promise<AuditReport> {
  const { intact, complete } = await verifyInWorkers({
    hasher: nodeHasher,
    verify: verifyEd25519,
    origin: source.origin,
    logKeys: belief.logKeys,
    checkpointNote: source.checkpointNote,
    heldCheckpoints,
    ...(belief.policy === undefined ? {} : { policy: belief.policy }),
    notAfterMs: Date.now() + 60_000,
    source: source.kind,
  });
  const conformant = intact.passed ? await judge(source) : undefined;
  return { size: source.size, intact, complete, conformant, isSelfDeclared: belief.isSelfDeclared };
}

function judge(source: LogSource) {
  const entries = async function* () {
    for await (const bytes of source.entries(0, source.size)) yield readAuditedEntry(nodeHasher, bytes);
  };
  return auditConformance({ hasher: nodeHasher, origin: source.origin, entries: entries(), attachment: source.attachment });
}
