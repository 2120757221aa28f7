import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { platform, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A file system of its own that can be filled without harm to anybody. */
export interface SmallDisk {
  readonly directory: string;
  /** To the last byte. */
  fill(): Promise<void>;
  makeRoom(): Promise<void>;
  remove(): Promise<void>;
}

const MEGABYTES = 200;
const PIECE = Buffer.alloc(65_536, 1);

/** undefined where this process may not make one. */
export async function smallDisk(): Promise<SmallDisk | undefined> {
  if (platform() !== 'linux' || userInfo().uid !== 0) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'countersign-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m,mode=0755`, 'tmpfs', directory], {
      stdio: 'pipe',
    });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  const filler = join(directory, 'filler');
  return {
    directory,
    async fill() {
      const file = await open(filler, 'w');
      try {
        for (let length = PIECE.length; length > 0; ) {
          try {
            writeSync(file.fd, PIECE, 0, length);
          } catch {
            length = Math.floor(length / 2);
          }
        }
      } finally {
        await file.close();
      }
    },
    makeRoom: () => rm(filler),
    async remove() {
      execFileSync('umount', [directory], { stdio: 'pipe' });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
