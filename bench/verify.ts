import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'better-sqlite3';
import { startConformance } from '../src/audit/conformance.ts';
import { readAuditedEntry } from '../src/audit/read-audited-entry.ts';
import { leafHash } from '../src/log/tree.ts';
import { joinRanges, rangesOfSize, verifyRange } from '../src/log/verify-range.ts';
import { nodeHasher } from '../src/platform/node-hasher.ts';
import { type OpenVerifySource, openVerifySource } from '../src/platform/verify-source.ts';
import { type GeneratedLog, generateLog } from './generate-log.ts';
import { printTable } from './harness.ts';

/**
 * How long a log takes to be read, parsed, hashed and judged, and that memory does not follow its length. Processor
 * time beside time by the clock, since the machine may have other work. Sizes as arguments.
 */
const given = process.argv.slice(2).map(Number);
const sizes = given.length > 0 ? given : [100_000, 1_000_000];
const RANGE = 4096;
const WEIGHED_EVERY = 50_000;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** What is still held once all garbage is gone: resident memory says more about the collector than about the audit. */
function liveBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function* entriesOf(source: OpenVerifySource, size: number): Generator<Uint8Array> {
  for (let from = 0; from < size; from += RANGE) yield* source.entries(from, Math.min(from + RANGE, size));
}

interface Spent {
  readonly clockMs: number;
  readonly processorMs: number;
}

async function spent(work: () => Promise<void> | void): Promise<Spent> {
  const [start, processor] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(processor);
  return { clockMs: performance.now() - start, processorMs: (user + system) / 1000 };
}

/** The same checks as `log verify` makes on each core; here on one. */
async function checkIntact({ origin, size }: GeneratedLog, source: OpenVerifySource): Promise<void> {
  async function* results() {
    for (const { first, count } of rangesOfSize(size)) {
      yield verifyRange(nodeHasher, source.entries(first, first + count), first, { origin, count });
    }
  }
  const { fault } = await joinRanges(nodeHasher, results());
  if (fault !== undefined) throw new Error(`the generated log is not intact: ${JSON.stringify(fault)}`);
}

async function judge(log: GeneratedLog, source: OpenVerifySource): Promise<number> {
  const database = new Database(log.path, { readonly: true });
  const attached = database
    .prepare<[string], Uint8Array>('select bytes from attachments where digest = ?')
    .pluck();
  const attachment = async (digest: string) => attached.get(digest);
  const audit = startConformance({ hasher: nodeHasher, origin: log.origin, attachment });
  let mostBytes = 0;
  let seen = 0;
  for (const bytes of entriesOf(source, log.size)) {
    const pending = audit.take(readAuditedEntry(nodeHasher, bytes));
    if (pending !== undefined) await pending;
    if (++seen % WEIGHED_EVERY === 0) mostBytes = Math.max(mostBytes, liveBytes());
  }
  const verdict = await audit.finish();
  database.close();
  if (verdict.passed !== true)
    throw new Error(`the generated log is at fault: ${JSON.stringify(verdict.faults[0])}`);
  return mostBytes;
}

const directory = mkdtempSync(join(tmpdir(), 'countersign-verify-'));
const rows: (string | number)[][] = [];
for (const size of sizes) {
  const log = generateLog(join(directory, `${size}.db`), size);
  const source = openVerifySource({ kind: 'sqlite', path: log.path });
  const decoder = new TextDecoder();
  const measured = { bytesRead: 0, mostBytes: 0 };
  const each = (work: (bytes: Uint8Array) => void) => () => entriesOf(source, size).forEach(work);
  const passes: readonly (readonly [string, () => Promise<void> | void])[] = [
    [
      'read',
      each((bytes) => {
        measured.bytesRead += bytes.length;
      }),
    ],
    ['read and parse', each((bytes) => void JSON.parse(decoder.decode(bytes)))],
    ['read and hash', each((bytes) => void leafHash(nodeHasher, bytes))],
    ['intact', () => checkIntact(log, source)],
    [
      'conformant',
      async () => {
        measured.mostBytes = await judge(log, source);
      },
    ],
  ];
  let parsing = Number.NaN;
  for (const [name, work] of passes) {
    const { clockMs, processorMs } = await spent(work);
    if (name === 'read and parse') parsing = processorMs;
    const memory = name === 'conformant' ? Math.round(measured.mostBytes / 1_000_000) : '';
    const ratio = Number.isNaN(parsing) ? '' : processorMs / parsing;
    rows.push([name, size, clockMs, processorMs, (processorMs * 1000) / size, ratio, memory]);
  }
  source.close();
  rmSync(log.path);
  console.log(
    `${size.toLocaleString('en-US')} entries, ${Math.round(measured.bytesRead / size)} bytes on average`,
  );
}
const headings = [
  'pass',
  'entries',
  'clock ms',
  'processor ms',
  'µs an entry',
  'times parsing',
  'most held, MB',
];
printTable('A log of everyday accesses, one thread', headings, rows);
rmSync(directory, { recursive: true });
