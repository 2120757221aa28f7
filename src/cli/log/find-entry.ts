import type { AuditedEntry } from '../../audit/audited-entry.ts';
import { readAuditedEntry } from '../../audit/read-audited-entry.ts';
import { idPattern } from '../../domain/ids.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import type { LogSource } from './log-source.ts';

/** By which entry an id is best asked about: where the thing begins. */
const beginnings = [
  { pattern: idPattern.session, field: 'session', type: 'countersign.session.opening.v1' },
  { pattern: idPattern.grant, field: 'grant', type: 'countersign.request.approved.v1' },
  { pattern: idPattern.request, field: 'request', type: 'countersign.request.submitted.v1' },
] as const;

/** The number of the entry that was named: `41`, `#41`, or the id of a session, a grant or a request. @throws Ending */
export async function findEntry(source: LogSource, named: string): Promise<number> {
  const number = /^#?(\d{1,15})$/.exec(named)?.[1];
  if (number !== undefined) {
    if (Number(number) < source.size) return Number(number);
    throw new Ending(exitCode.usage, `The log has ${source.size} entries, from #0 to #${source.size - 1}.`);
  }
  const beginning = beginnings.find(({ pattern }) => pattern.test(named));
  if (beginning === undefined)
    throw new Ending(
      exitCode.usage,
      'Name an entry (41 or #41), a session (s-…), a grant (g-…) or a request (r-…).',
      'countersign log tail shows the newest entries with their numbers.',
    );
  for await (const bytes of source.entries(0, source.size)) {
    if (!new TextDecoder().decode(bytes).includes(named)) continue;
    const { seq, type, data } = readAuditedEntry(nodeHasher, bytes);
    if (type === beginning.type && data[beginning.field] === named) return seq;
  }
  throw new Ending(exitCode.failure, `Nothing in this log begins ${named}.`, 'Check the id and the log.');
}

/** A decision's entries stand side by side, and hardly any makes more. */
const NEIGHBOURS = 64;

/** The entry and those around it, in order. */
export async function entriesAround(source: LogSource, seq: number): Promise<readonly AuditedEntry[]> {
  const around: AuditedEntry[] = [];
  const [from, to] = [Math.max(0, seq - NEIGHBOURS), Math.min(source.size, seq + NEIGHBOURS)];
  for await (const bytes of source.entries(from, to)) around.push(readAuditedEntry(nodeHasher, bytes));
  return around;
}
