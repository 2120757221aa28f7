import { Failure } from '../../domain/errors.ts';
import { equalBytes } from '../../log/bytes.ts';
import { openCheckpoint } from '../../log/checkpoint.ts';
import { rootAt } from '../request/root-at.ts';
import type { LogTrust } from './catch-up.ts';

/**
 * Compares the log with checkpoints that were kept outside the store: what shows an old backup that was put back, or
 * a history that was replaced whole. Costs a tile a level for each.
 * @returns why nothing may be written; null when the log continues them all
 */
export async function whatHeldCheckpointsSay(
  trust: LogTrust,
  held: readonly Uint8Array[],
): Promise<string | null> {
  for (const note of held) {
    const reason = await whatOneSays(trust, note);
    if (reason !== null) return reason;
  }
  return null;
}

async function whatOneSays(trust: LogTrust, note: Uint8Array): Promise<string | null> {
  let opened: Awaited<ReturnType<typeof openCheckpoint>>;
  try {
    opened = await openCheckpoint(note, trust.keys, trust.verify);
  } catch (error) {
    return `the checkpoint that was kept outside the store cannot be believed (${error instanceof Error ? error.message : 'unknown'})`;
  }
  const { size, root } = opened.checkpoint;
  const stored = (await trust.store.head())?.size ?? 0;
  if (stored < size) {
    return `the store holds ${stored} entries, but ${size} were signed: this is an old backup or another database; bring back the newest one`;
  }
  const rootNow = await rootOrDamage(trust, size);
  if (rootNow !== undefined && equalBytes(rootNow, root)) return null;
  return `the first ${size} entries are not those of the checkpoint that was kept outside the store: history was replaced; run "log verify" with it`;
}

/** undefined: the tiles that would tell are not there, which no sound store lacks. */
async function rootOrDamage(trust: LogTrust, size: number): Promise<Uint8Array | undefined> {
  try {
    return await rootAt(trust.store, trust.hasher, size);
  } catch (error) {
    if (error instanceof Failure) throw error;
    return undefined;
  }
}
