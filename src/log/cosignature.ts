import { concat } from './bytes.ts';
import type { Hasher } from './hasher.ts';
import type { NoteSigner, OpenedNote, VerifierKey } from './note.ts';
import { cosignedMessage, ED25519_COSIGNATURE, formatSignatureLine, verifierKeyOf } from './note.ts';

/** One witness's word on a checkpoint, already checked. */
export interface Cosignature {
  readonly key: VerifierKey;
  /** Seconds since 1970, by the witness's clock. */
  readonly timeSeconds: number;
}

/**
 * A witness's signature line (with its newline) over a checkpoint's text: `u64be time ‖ signature`, type 04 (C2SP
 * tlog-cosignature). `timeSeconds` is whole and positive; throws RangeError otherwise.
 */
export async function cosign(
  hasher: Hasher,
  checkpointText: string,
  signer: NoteSigner,
  timeSeconds: number,
): Promise<string> {
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds <= 0)
    throw new RangeError('time is not whole seconds');
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(timeSeconds));
  const signature = await signer.sign(cosignedMessage(timeSeconds, checkpointText));
  return formatSignatureLine(verifierKeyOf(hasher, signer, ED25519_COSIGNATURE), concat(time, signature));
}

/** The cosignatures of an opened note: the latest of each key. */
export function cosignaturesOf(note: OpenedNote): readonly Cosignature[] {
  const latest = new Map<VerifierKey, Cosignature>();
  for (const { key, timeSeconds } of note.verified) {
    if (key.type !== ED25519_COSIGNATURE || timeSeconds === undefined) continue;
    if (timeSeconds > (latest.get(key)?.timeSeconds ?? -1)) latest.set(key, { key, timeSeconds });
  }
  return [...latest.values()];
}
