import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../domain/errors.ts';

const MOST_BYTES = 1_000_000;

/** A checkpoint that was kept in a file. Throws `Failure` `not-found`, `malformed-input`. */
export function readCheckpointFile(path: string): Uint8Array {
  if (!existsSync(path)) {
    throw new Failure('not-found', `there is no file ${path}`, {
      mend: 'Name the checkpoint that you kept, or leave --checkpoint out.',
    });
  }
  const bytes = readFileSync(path);
  if (bytes.length > MOST_BYTES)
    throw new Failure('malformed-input', `${path} is too large for a checkpoint`);
  return new Uint8Array(bytes);
}

/** The whole new one or the old one, never half of either, and on the disk when this resolves. */
export async function keepCheckpointFile(path: string, checkpoint: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(checkpoint);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
