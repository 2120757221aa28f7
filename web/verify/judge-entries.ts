import { config } from 'zod';
import { type Conformance, startConformance } from '../../src/audit/conformance.ts';
import { auditedEntry } from '../../src/audit/read-audited-entry.ts';
import { HASH_BYTES, type Hasher } from '../../src/log/hasher.ts';
import { verifySignature } from '../../src/platform/verify-signature.ts';
import { entriesIn } from './entry-range.ts';
import { fetchAttachment } from './fetch-log.ts';
import type { GoodTile } from './messages.ts';

/** Most of what the browser has to read of this program: loaded by the one thread that judges, while others check. */

// The security policy lets no text become code: zod would try, and the attempt alone is reported.
config({ jitless: true });

export interface Judge {
  /** Entries that were found good, in the order of the log. */
  take(tile: GoodTile): Promise<void>;
  finish(): Promise<Conformance>;
}

export function startJudge(hasher: Hasher, origin: string): Judge {
  const audit = startConformance({ hasher, origin, attachment: fetchAttachment, verifySignature });
  return {
    async take({ bytes, leafHashes }) {
      let at = 0;
      for (const entry of entriesIn(bytes)) {
        const pending = audit.take(auditedEntry(entry, leafHashes.subarray(at, at + HASH_BYTES)));
        at += HASH_BYTES;
        if (pending !== undefined) await pending;
      }
    },
    finish: () => audit.finish(),
  };
}
