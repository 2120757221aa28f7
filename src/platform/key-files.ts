import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JWK } from 'jose';
import { Failure } from '../domain/errors.ts';
import { type BrokerKeys, KEY_BYTES, type KeyKind, keyKinds, readKeyTexts } from './key-texts.ts';
import { generateEd25519Pem } from './node-ed25519.ts';

const OTHERS = 0o077;
const fileNames = {
  log: 'log.pem',
  grantTokens: 'grant-tokens.json',
  sealing: 'sealing.json',
  person: 'person.key',
} as const satisfies Record<KeyKind, string>;

/**
 * Makes the directory (0700) with fresh keys (0600), all of it or nothing: the files are made beside it,
 * flushed, and moved into place in one step that fails when keys are there already.
 * @throws Failure `already-done`
 */
export async function createKeyFiles(directory: string, generateGrantKey: () => Promise<JWK>): Promise<void> {
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  const made = await mkdtemp(`${directory}.new-`);
  try {
    await writeNew(join(made, fileNames.log), generateEd25519Pem());
    await writeNew(join(made, fileNames.grantTokens), toText([await generateGrantKey()]));
    const sealingKey = { id: randomBytes(6).toString('hex'), key: newKeyText() };
    await writeNew(join(made, fileNames.sealing), toText([sealingKey]));
    await writeNew(join(made, fileNames.person), `${newKeyText()}\n`);
    await flush(made);
    await rename(made, directory);
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    if (!isCode(cause, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw cause;
    throw new Failure('already-done', `${directory} holds keys already; they are never overwritten`, {
      cause,
    });
  }
  await flush(dirname(directory));
}

/**
 * @throws Failure `internal`, its `mend` a command or an instruction, when a file is missing, damaged, or
 *   can be read by anybody but its owner
 */
export function readKeyFiles(directory: string): BrokerKeys {
  return readKeyTexts(readKeyFileTexts(directory), (kind) => join(directory, fileNames[kind]));
}

/** As they stand in the files, unread. Throws as `readKeyFiles`. */
export function readKeyFileTexts(directory: string): Record<KeyKind, string> {
  refuseOthers(directory, directory, 0o700);
  return readAll(directory);
}

/**
 * Puts a fresh key for grant tokens before the ones that are there; the former one is marked with the moment it
 * retired, and stays published until everything it signed has expired. The file is replaced whole or not at all.
 * @returns the new key's id
 */
export async function rotateGrantTokenKey(
  directory: string,
  generateGrantKey: () => Promise<JWK>,
  nowMs: number,
): Promise<string> {
  const { grantTokenKeys } = readKeyFiles(directory);
  const [current, ...older] = grantTokenKeys;
  const fresh = await generateGrantKey();
  const path = join(directory, fileNames.grantTokens);
  const beside = `${path}.new-${randomBytes(6).toString('hex')}`;
  await writeNew(
    beside,
    toText([fresh, ...(current === undefined ? [] : [{ ...current, retired_at_ms: nowMs }]), ...older]),
  );
  await rename(beside, path);
  await flush(directory);
  return String(fresh.kid);
}

function readAll(directory: string): Record<KeyKind, string> {
  const texts = { log: '', grantTokens: '', sealing: '', person: '' };
  const missing: string[] = [];
  for (const kind of keyKinds) {
    const text = readPrivate(join(directory, fileNames[kind]));
    if (text === undefined) missing.push(fileNames[kind]);
    else texts[kind] = text;
  }
  if (missing.length === 0) return texts;
  throw new Failure('internal', `${directory} lacks ${missing.join(', ')}`, {
    mend:
      missing.length === 4
        ? 'countersign server init'
        : 'Restore the missing files from your backup of the keys.',
  });
}

/** The mode is read from the opened file, so that what is checked is what is read. */
function readPrivate(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    throw new Failure('internal', `${path} cannot be read`, { cause });
  }
  try {
    refuseOthers(path, descriptor, 0o600);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function refuseOthers(path: string, opened: string | number, wanted: number): void {
  const mode = modeOf(path, opened);
  if ((mode & OTHERS) === 0) return;
  throw new Failure(
    'internal',
    `${path} is open to others than its owner (mode ${mode.toString(8).padStart(4, '0')})`,
    {
      mend: `chmod ${wanted.toString(8)} ${path}`,
    },
  );
}

function modeOf(path: string, opened: string | number): number {
  if (typeof opened === 'number') return fstatSync(opened).mode & 0o7777;
  try {
    const descriptor = openSync(opened, 'r');
    try {
      return fstatSync(descriptor).mode & 0o7777;
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new Failure('internal', `the key directory ${path} cannot be opened`, {
      mend: 'countersign server init',
      cause,
    });
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flush(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const newKeyText = (): string => randomBytes(KEY_BYTES).toString('base64url');
const toText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}
