import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { ocsfRecord } from '../domain/events/ocsf-record.ts';
import { readEntry } from '../log/entry.ts';
import type { CliContext } from './context.ts';
import { Ending } from './ending.ts';
import { exitCode } from './exit-codes.ts';
import type { LogSource } from './log-source.ts';

/**
 * Entries from `from` on as lines of JSON, each an OCSF event: to a new file that only its owner reads, or to standard
 * output when `path` is undefined. It is a copy for searching and holds no personal text; nothing can be verified by it.
 */
export async function exportOcsf(
  context: CliContext,
  source: LogSource,
  from: number,
  path: string | undefined,
): Promise<void> {
  if (path === undefined) {
    await writeLines(context.surroundings.stdout, source, from);
    return;
  }
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  await once(file, 'open').catch(() => {
    throw new Ending(
      exitCode.usage,
      `${path} is there already, or cannot be written.`,
      'Name a new file, or leave --out away and pipe the lines on.',
    );
  });
  await writeLines(file, source, from);
  file.end();
  await once(file, 'finish');
  const count = Math.max(0, source.size - from);
  context.output.result({ file: path, from, count, origin: source.origin }, [
    `${count} entries of ${source.origin} as OCSF, in ${path}`,
  ]);
}

async function writeLines(to: NodeJS.WritableStream, source: LogSource, from: number): Promise<void> {
  for await (const bytes of source.entries(from, source.size)) {
    const line = `${JSON.stringify(ocsfRecord(readEntry(bytes)))}\n`;
    if (!to.write(line)) await once(to, 'drain');
  }
}
