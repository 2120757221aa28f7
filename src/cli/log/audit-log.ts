import type { ConformanceInput } from '../../audit/conformance.ts';
import type { AuditReport } from '../../audit/report.ts';
import { auditLog as auditOverCores } from '../../platform/audit-log.ts';
import { verifyEd25519 } from '../../platform/node-ed25519.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import type { Belief, LocalLog } from './log-source.ts';

/** How far this machine's clock may be behind the broker's. */
const CLOCK_LEEWAY_MS = 60_000;

interface AuditOptions {
  /** This machine's clock. */
  readonly nowMs: number;
  readonly heldCheckpoints?: readonly Uint8Array[];
  readonly onJudged?: NonNullable<ConformanceInput['onJudged']>;
}

/** The three verdicts over one log, pinned at its checkpoint. */
export async function auditLog(
  source: LocalLog,
  belief: Belief,
  { nowMs, heldCheckpoints, onJudged }: AuditOptions,
): Promise<AuditReport> {
  const report = await auditOverCores({
    hasher: nodeHasher,
    verify: verifyEd25519,
    origin: source.origin,
    logKeys: belief.logKeys,
    checkpointNote: source.checkpointNote,
    heldCheckpoints: heldCheckpoints ?? [],
    ...(belief.policy === undefined ? {} : { policy: belief.policy }),
    notAfterMs: nowMs + CLOCK_LEEWAY_MS,
    source: source.kind,
    isSelfDeclared: belief.isSelfDeclared,
    ...(onJudged && { onJudged }),
  });
  return { ...report, size: source.size };
}
