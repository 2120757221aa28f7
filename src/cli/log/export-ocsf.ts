import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { ocsfRecord } from '../../domain/events/ocsf-record.ts';
import { fromBase64 } from '../../log/bytes.ts';
import { checkDisclosure } from '../../log/commitment.ts';
import { type Entry, readEntry } from '../../log/entry.ts';
import { isJsonObject } from '../../log/json.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import type { LogSource } from './log-source.ts';

interface OcsfExport {
  /** The first entry. */
  readonly from: number;
  /** A new file; undefined: standard output. */
  readonly path: string | undefined;
  /** With the personal texts that were not erased. */
  readonly disclose: boolean;
}

/**
 * Entries from `from` on as lines of JSON, each an OCSF event: to a new file that only its owner reads, or to standard
 * output. It is a copy for searching; nothing can be verified by it.
 */
export async function exportOcsf(context: CliContext, source: LogSource, wanted: OcsfExport): Promise<void> {
  const { from, path } = wanted;
  if (path === undefined) return writeLines(context.surroundings.stdout, source, wanted);
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  await once(file, 'open').catch(() => {
    throw new Ending(
      exitCode.usage,
      `${path} is there already, or cannot be written.`,
      'Name a new file, or leave --out away and pipe the lines on.',
    );
  });
  await writeLines(file, source, wanted);
  file.end();
  await once(file, 'finish');
  const count = Math.max(0, source.size - from);
  context.output.result({ file: path, from, count, origin: source.origin }, [
    `${count} entries of ${source.origin} as OCSF, in ${path}`,
  ]);
}

async function writeLines(
  to: NodeJS.WritableStream,
  source: LogSource,
  { from, disclose }: OcsfExport,
): Promise<void> {
  for await (const bytes of source.entries(from, source.size)) {
    const entry = readEntry(bytes);
    const record = ocsfRecord(entry, disclose ? disclosedTexts(source, entry) : {});
    if (!to.write(`${JSON.stringify(record)}\n`)) await once(to, 'drain');
  }
}

/** Only what the entry committed to: a row that somebody edited, or a text that is kept sealed, says nothing. */
function disclosedTexts(source: LogSource, { seq, type, data }: Entry): Readonly<Record<string, string>> {
  const fitting = (source.disclosures?.(seq) ?? []).filter(({ field, key, value }) => {
    const commitment = isJsonObject(data[field]) ? data[field]['commitment'] : undefined;
    const disclosure = { key, type, pointer: `/${field}`, value };
    return typeof commitment === 'string' && checkDisclosure(nodeHasher, fromBase64(commitment), disclosure);
  });
  return Object.fromEntries(fitting.map(({ field, value }) => [field, value]));
}
