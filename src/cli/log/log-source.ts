import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { AttachmentSource } from '../../audit/attachments.ts';
import { type LogKey, parseCheckpoint } from '../../log/checkpoint.ts';
import { type Entry, readEntry } from '../../log/entry.ts';
import { type LogPolicy, parseLogPolicy } from '../../log/log-policy.ts';
import { parseVerifierKey, splitNote } from '../../log/note.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import { openTileDirectory } from '../../platform/tile-directory.ts';
import { openVerifySource, type VerifySource } from '../../platform/verify-source.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';

/** A log on this machine, opened for reading only: a broker's data, even while it writes, or an export. */
export interface LogSource {
  /** null: it is elsewhere, and is read over the network. */
  readonly kind: VerifySource | null;
  readonly origin: string;
  /** Pinned when the source was opened: a log that grows meanwhile is judged up to here. */
  readonly size: number;
  readonly checkpointNote: Uint8Array;
  readonly attachment: AttachmentSource;
  /** Policies, their texts, key sets. */
  attachments(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  entries(from: number, to: number): AsyncIterable<Uint8Array>;
  /** Personal texts of one entry that were not erased. undefined: they do not travel with this source. */
  readonly disclosures: ((seq: number) => readonly Disclosed[]) | undefined;
  close(): void;
}

export interface Disclosed {
  readonly field: string;
  /** What the text was committed to with; 32 bytes. */
  readonly key: Uint8Array;
  readonly value: string;
}

export type LocalLog = LogSource & { readonly kind: VerifySource };

export function openData(data: string): LocalLog {
  const path = join(data, 'countersign.db');
  if (!existsSync(path))
    throw new Ending(
      exitCode.usage,
      `There is no log in ${data}.`,
      'Name the broker’s data directory with --data.',
    );
  const database = new Database(path, { readonly: true });
  const head = database.prepare('select size, checkpoint from head').get() as
    | { size: number; checkpoint: Buffer }
    | undefined;
  if (head === undefined)
    throw new Ending(exitCode.failure, `The log in ${data} was never begun.`, 'countersign server init');
  const byDigest = database
    .prepare<[string], Buffer>('select bytes from attachments where digest = ?')
    .pluck();
  const every = database.prepare<[], Buffer>('select bytes from attachments').pluck();
  const disclosed = database.prepare<[number], { field: string; key: Buffer; value: string }>(
    'select field, key, value from disclosures where seq = ? order by field',
  );
  return sourceOf({ kind: 'sqlite', path }, new Uint8Array(head.checkpoint), {
    attachment: async (digest) => copy(byDigest.get(digest)),
    attachments: function* () {
      for (const bytes of every.iterate()) yield new Uint8Array(bytes);
    },
    disclosures: (seq) => disclosed.all(seq).map((one) => ({ ...one, key: new Uint8Array(one.key) })),
    close: () => void database.close(),
  });
}

export function openExport(directory: string): LocalLog {
  if (!existsSync(join(directory, 'checkpoint'))) {
    throw new Ending(
      exitCode.usage,
      `${directory} is no export of a log: it has no file named checkpoint.`,
      'Make one: countersign log export --out DIR',
    );
  }
  const opened = openTileDirectory(directory);
  return sourceOf({ kind: 'tiles', directory }, opened.checkpointNote, {
    attachment: async (digest) => opened.attachment(nodeHasher, digest.replace(/^sha256:/, '')),
    attachments: () => [],
    disclosures: undefined,
    close: () => undefined,
  });
}

const copy = (bytes: Buffer | undefined): Uint8Array | undefined =>
  bytes === undefined ? undefined : new Uint8Array(bytes);

function sourceOf(
  kind: VerifySource,
  checkpointNote: Uint8Array,
  more: Pick<LogSource, 'attachment' | 'attachments' | 'disclosures' | 'close'>,
): LocalLog {
  const { origin, size } = parseCheckpoint(splitNote(checkpointNote).text);
  const opened = openVerifySource(kind);
  return {
    ...more,
    kind,
    origin,
    size,
    checkpointNote,
    async *entries(from, to) {
      for (let at = from; at < to; at += PAGE) yield* opened.entries(at, Math.min(to, at + PAGE));
    },
    close: () => {
      opened.close();
      more.close();
    },
  };
}

const PAGE = 4_096;

/** Whom the caller believes: their own log policy file; or, shown as self-declared, what the log says of itself. */
export interface Belief {
  readonly logKeys: readonly LogKey[];
  readonly policy: LogPolicy | undefined;
  readonly isSelfDeclared: boolean;
}

export async function beliefOf(source: LogSource, policyFile: string | undefined): Promise<Belief> {
  if (policyFile !== undefined) return believed(parseLogPolicy(nodeHasher, readBytes(policyFile)), false);
  const own = source.kind?.kind === 'tiles' ? openTileDirectory(source.kind.directory).logPolicy : undefined;
  if (own !== undefined) return believed(parseLogPolicy(nodeHasher, own), true);
  const genesis = await firstEntry(source);
  const key = genesis?.type === 'countersign.log.genesis.v1' ? genesis.data['log_key'] : undefined;
  if (typeof key !== 'string')
    throw new Ending(
      exitCode.verificationFailed,
      'The log does not begin with a genesis that names its key.',
      'Give the key you know in a log policy file: --policy FILE.',
    );
  return { logKeys: [parseVerifierKey(nodeHasher, key)], policy: undefined, isSelfDeclared: true };
}

const believed = (policy: LogPolicy, isSelfDeclared: boolean): Belief => ({
  logKeys: policy.logs.map(({ key }) => key),
  policy,
  isSelfDeclared,
});

async function firstEntry(source: LogSource): Promise<Entry | undefined> {
  for await (const bytes of source.entries(0, 1)) return readEntry(bytes);
  return undefined;
}

export function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    throw new Ending(exitCode.usage, `${path} cannot be read.`, 'Check the path.');
  }
}
