import { availableParallelism } from 'node:os';
import { type ConformanceInput, startConformance } from '../audit/conformance.ts';
import { auditedEntry } from '../audit/read-audited-entry.ts';
import type { AuditReport } from '../audit/report.ts';
import { unpackEntries } from './packed-entries.ts';
import type { VerifyInWorkersInput } from './verify-in-workers.ts';
import { verifyInWorkers } from './verify-in-workers.ts';
import { verifySignature } from './verify-signature.ts';
import { openVerifySource } from './verify-source.ts';

export interface AuditLogInput extends Omit<VerifyInWorkersInput, 'take'> {
  /** The log policy came with the export, so that the log says itself whom to believe. */
  readonly isSelfDeclared: boolean;
  /** Told of each entry once it is judged; whether the whole is intact shows only at the end. */
  readonly onJudged?: NonNullable<ConformanceInput['onJudged']>;
}

/**
 * All three verdicts on a log. Workers check bytes and tree while this thread judges the decisions in what they have
 * found good; an entry is read once. Memory does not grow with the log. Faults are verdicts; a source that cannot be
 * read rejects.
 */
export async function auditLog({ isSelfDeclared, onJudged, ...input }: AuditLogInput): Promise<AuditReport> {
  const { hasher, origin } = input;
  const here = openVerifySource(input.source);
  const attachment = async (digest: string) => here.attachment(digest);
  const audit = startConformance({
    hasher,
    origin,
    attachment,
    verifySignature,
    ...(onJudged && { onJudged }),
  });
  try {
    const { intact, complete } = await verifyInWorkers({
      workers: Math.max(1, availableParallelism() - 1), // the last core is this thread's
      ...input,
      take: async (packed) => {
        for (const { bytes, leafHash } of unpackEntries(packed)) {
          const pending = audit.take(auditedEntry(bytes, leafHash));
          if (pending !== undefined) await pending;
        }
      },
    });
    // Decisions are read only in what is intact: forged bytes would name innocent entries.
    const conformant = intact.passed ? await audit.finish() : undefined;
    return { size: intact.checkpoint?.size ?? 0, intact, complete, conformant, isSelfDeclared };
  } finally {
    here.close();
  }
}
