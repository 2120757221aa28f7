import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startConformance } from '../src/audit/conformance.ts';
import { readAuditedEntry } from '../src/audit/read-audited-entry.ts';
import { leafHash } from '../src/log/tree.ts';
import { joinRanges, rangesOfSize, verifyRange } from '../src/log/verify-range.ts';
import { auditLog } from '../src/platform/audit-log.ts';
import { nodeHasher } from '../src/platform/node-hasher.ts';
import { verifyInWorkers } from '../src/platform/verify-in-workers.ts';
import { verifySignature } from '../src/platform/verify-signature.ts';
import { type OpenVerifySource, openVerifySource } from '../src/platform/verify-source.ts';
import type { StoredLog } from '../test/audit/log-database.ts';
import { generateLog } from './generate-log.ts';
import { printTable } from './harness.ts';

/**
 * How long a log takes to be read, parsed, hashed and judged: step by step on one thread, then as `log verify` does it
 * on all cores; and that memory does not follow its length. Processor time beside time by the clock, since the machine
 * may have other work, and as a multiple of what reading and parsing the same entries takes. Every pass reads for
 * itself; `conformant` reads, parses and hashes as well as it judges. Sizes as arguments.
 */
const given = process.argv.slice(2).map(Number);
const sizes = given.length > 0 ? given : [100_000, 1_000_000];
const RANGE = 4096;
const FLOOR = 'read and parse';

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

async function spent(work: () => Promise<void>): Promise<Spent> {
  const [start, processor] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(processor);
  return { clockMs: performance.now() - start, processorMs: (user + system) / 1000 };
}

/** The same checks as `log verify` makes on each core; here on one. */
async function checkIntact({ origin, size }: StoredLog, source: OpenVerifySource): Promise<void> {
  async function* results() {
    for (const { first, count } of rangesOfSize(size)) {
      const leafTile = (n: number, width: number) => source.tile(0, n, width);
      yield verifyRange(nodeHasher, source.entries(first, first + count), first, { origin, count, leafTile });
    }
  }
  const { fault } = await joinRanges(nodeHasher, results());
  if (fault !== undefined) throw new Error(`the generated log is not intact: ${JSON.stringify(fault)}`);
}

/** Answers the most that was held on the way; weighed half-way and at the end, since weighing takes its time, too. */
async function judge({ origin, size }: StoredLog, source: OpenVerifySource): Promise<number> {
  const attachment = async (digest: string) => source.attachment(digest);
  const audit = startConformance({ verifySignature, hasher: nodeHasher, origin, attachment });
  let mostBytes = 0;
  let seen = 0;
  for (const bytes of entriesOf(source, size)) {
    const pending = audit.take(readAuditedEntry(nodeHasher, bytes));
    if (pending !== undefined) await pending;
    seen++;
    if (seen === size || seen === Math.floor(size / 2)) mostBytes = Math.max(mostBytes, liveBytes());
  }
  const verdict = await audit.finish();
  if (verdict.passed !== true) throw new Error(`the log is at fault: ${JSON.stringify(verdict.faults[0])}`);
  return mostBytes;
}

async function checkInWorkers(log: StoredLog): Promise<void> {
  const { intact } = await verifyInWorkers(log);
  if (!intact.passed) throw new Error(intact.why);
}

async function auditWhole(log: StoredLog): Promise<void> {
  const { intact, conformant } = await auditLog({ ...log, isSelfDeclared: false });
  if (!intact.passed || conformant?.passed !== true) throw new Error(`not passed: ${intact.why}`);
}

/** What it answers, if a number, is how many bytes were held at most. */
type Pass = readonly [name: string, work: () => unknown];

function passesOver(log: StoredLog, source: OpenVerifySource): readonly Pass[] {
  const decoder = new TextDecoder();
  const each = (work: (bytes: Uint8Array) => unknown) => () => {
    for (const bytes of entriesOf(source, log.size)) work(bytes);
  };
  return [
    ['read', each((bytes) => bytes.length)],
    [FLOOR, each((bytes) => JSON.parse(decoder.decode(bytes)))],
    ['read and hash', each((bytes) => leafHash(nodeHasher, bytes))],
    ['intact', () => checkIntact(log, source)],
    ['conformant', () => judge(log, source)],
    ['intact, all cores', () => checkInWorkers(log)],
    ['all three verdicts, all cores', () => auditWhole(log)],
  ];
}

const directory = mkdtempSync(join(tmpdir(), 'countersign-verify-'));
const rows: (string | number)[][] = [];
for (const size of sizes) {
  const log = await generateLog(join(directory, `${size}.db`), size);
  const source = openVerifySource(log.source);
  let parsingMs = Number.NaN;
  for (const [name, work] of passesOver(log, source)) {
    let held: unknown;
    const { clockMs, processorMs } = await spent(async () => {
      held = await work();
    });
    const megabytes = [held, process.memoryUsage.rss()].map((bytes) =>
      typeof bytes === 'number' ? Math.round(bytes / 1_000_000) : '',
    );
    if (name === FLOOR) parsingMs = processorMs;
    const [each, ratio] = [(processorMs * 1000) / size, processorMs / parsingMs];
    rows.push([name, size, clockMs, processorMs, each, Number.isNaN(ratio) ? '' : ratio, ...megabytes]);
  }
  source.close();
  rmSync(log.source.path);
}
const headings = [
  'pass',
  'entries',
  'clock ms',
  'processor ms',
  'µs an entry',
  'of parsing',
  'most held, MB',
  'resident, MB',
];
printTable('A log of everyday accesses', headings, rows);
rmSync(directory, { recursive: true });
