import { base64, fromBase64 } from './bytes.ts';
import type { Hasher } from './hasher.ts';
import { HASH_BYTES } from './hasher.ts';
import type { NoteSigner, OpenedNote, VerifierKey, VerifyEd25519 } from './note.ts';
import { ED25519, isKeyName, openNote, signNote } from './note.ts';

/** A statement of a log's whole content (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The log's name, which is also its key's name. */
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  /** 32 bytes: the Merkle root of the first `size` entries. */
  readonly root: Uint8Array;
}

/** A key of the log. A retired one vouches only for checkpoints up to its final size, inclusive. */
export interface LogKey extends VerifierKey {
  readonly finalSize?: number;
}

export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: OpenedNote;
  /** Which of the given keys vouches for it. */
  readonly signedBy: LogKey;
}

export type CheckpointReason =
  | 'bad-origin'
  | 'bad-size'
  | 'bad-root'
  | 'extension-lines'
  | 'wrong-number-of-lines'
  | 'no-log-key'
  | 'not-signed-by-log'
  | 'other-origin'
  | 'key-retired';

/** A checkpoint that is malformed, or not by the log it is asked of. */
export class BadCheckpoint extends Error {
  readonly reason: CheckpointReason;

  constructor(reason: CheckpointReason) {
    super(`checkpoint refused: ${reason}`);
    this.name = 'BadCheckpoint';
    this.reason = reason;
  }
}

/** Three lines: origin, size, base64 root. Throws BadCheckpoint when a value cannot be written. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root } = checkpoint;
  if (!isKeyName(origin)) throw new BadCheckpoint('bad-origin');
  if (!Number.isSafeInteger(size) || size < 0) throw new BadCheckpoint('bad-size');
  if (root.length !== HASH_BYTES) throw new BadCheckpoint('bad-root');
  return `${origin}\n${size}\n${base64(root)}\n`;
}

/**
 * Strict inverse of `formatCheckpoint`. Other people's logs may have extension lines, ours never: they are refused
 * unless allowed. Throws BadCheckpoint.
 */
export function parseCheckpoint(
  text: string,
  options: { readonly allowExtensions?: boolean } = {},
): Checkpoint {
  const lines = text.split('\n');
  const [origin = '', size = '', root = '', ...rest] = lines;
  if (lines.length < 4 || rest.at(-1) !== '') throw new BadCheckpoint('wrong-number-of-lines');
  const extensions = rest.slice(0, -1);
  if (extensions.length > 0 && options.allowExtensions !== true) throw new BadCheckpoint('extension-lines');
  if (extensions.includes('')) throw new BadCheckpoint('wrong-number-of-lines');
  if (!isKeyName(origin)) throw new BadCheckpoint('bad-origin');
  return { origin, size: parseSize(size), root: parseRoot(root) };
}

/** The checkpoint as a note signed with the log's key, whose name must be the origin. Throws BadCheckpoint or BadNote. */
export async function signCheckpoint(
  hasher: Hasher,
  checkpoint: Checkpoint,
  signer: NoteSigner,
): Promise<Uint8Array> {
  if (signer.name !== checkpoint.origin) throw new BadCheckpoint('other-origin');
  return signNote(hasher, formatCheckpoint(checkpoint), [signer]);
}

/**
 * Reads a checkpoint of unknown origin. It passes only when one of the log's keys, not retired before its size,
 * signed it and its origin is that key's name. `cosigners` are checked too when given: one that fails rejects the
 * whole note, one that is missing is only absent from `note.verified`. Throws BadCheckpoint or BadNote.
 */
export async function openCheckpoint(
  noteBytes: Uint8Array,
  logKeys: readonly LogKey[],
  verify: VerifyEd25519,
  options: { readonly cosigners?: readonly VerifierKey[]; readonly allowExtensions?: boolean } = {},
): Promise<OpenedCheckpoint> {
  if (!logKeys.some((key) => key.type === ED25519)) throw new BadCheckpoint('no-log-key');
  const note = await openNote(noteBytes, [...logKeys, ...(options.cosigners ?? [])], verify);
  const checkpoint = parseCheckpoint(note.text, options);
  const signedBy = logKeys.filter(
    (key) => key.type === ED25519 && note.verified.some((one) => one.key === key),
  );
  if (signedBy.length === 0) throw new BadCheckpoint('not-signed-by-log');
  const named = signedBy.filter((key) => key.name === checkpoint.origin);
  if (named.length === 0) throw new BadCheckpoint('other-origin');
  const inForce = named.find((key) => key.finalSize === undefined || checkpoint.size <= key.finalSize);
  if (inForce === undefined) throw new BadCheckpoint('key-retired');
  return { checkpoint, note, signedBy: inForce };
}

function parseSize(text: string): number {
  const size = Number(text);
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(size))
    throw new BadCheckpoint('bad-size');
  return size;
}

function parseRoot(text: string): Uint8Array {
  let root: Uint8Array;
  try {
    root = fromBase64(text);
  } catch {
    throw new BadCheckpoint('bad-root');
  }
  if (root.length !== HASH_BYTES) throw new BadCheckpoint('bad-root');
  return root;
}
