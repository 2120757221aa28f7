import { type AuditReport, isFaultless, reportText } from '../../src/audit/report.ts';
import { fromUtf8, utf8 } from '../../src/log/bytes.ts';
import { type LogKey, parseCheckpoint } from '../../src/log/checkpoint.ts';
import { readEntry } from '../../src/log/entry.ts';
import type { Hasher } from '../../src/log/hasher.ts';
import { type LogPolicy, parseLogPolicy } from '../../src/log/log-policy.ts';
import { formatVerifierKey, parseVerifierKey, splitNote } from '../../src/log/note.ts';
import { type RangeTask, verifyLogBy } from '../../src/log/verify.ts';
import type { RangeResult } from '../../src/log/verify-range.ts';
import { compileSha256 } from '../hashing/sha256-machine.ts';
import { createWasmHasher } from '../hashing/wasm-hasher.ts';
import { fetchCheckpoint, fetchEntry } from './fetch-log.ts';
import type { Judge } from './judge-entries.ts';
import type { VerifyReport, VerifyRequest } from './messages.ts';
import { type RangeThreads, startRangeThreads } from './range-threads.ts';
import { VERIFY_SCRIPT } from './start-worker.ts';
import { verifyEd25519 } from './web-ed25519.ts';

/** How far the visitor's clock may be behind the broker's. */
const CLOCK_LEEWAY_MS = 60_000;

/** Told after each range, in entries. */
export type OnProgress = (done: number, size: number) => void;

/**
 * The three verdicts, by the same code as `countersign log verify`: threads check bytes and tree while this one judges
 * the decisions in what they have found good. Pinned at the checkpoint of the moment it begins. Memory does not grow
 * with the log. Faults are verdicts; a server that cannot be read rejects.
 */
export async function verifyLog(request: VerifyRequest, onProgress: OnProgress): Promise<VerifyReport> {
  const started = performance.now();
  // They come up while this one compiles, and while the checkpoint is under way.
  const threads = startRangeThreads(VERIFY_SCRIPT, request.threads);
  try {
    const report = await verifyBy(threads, request, onProgress);
    return { ...report, wholeMs: performance.now() - started, checkingMs: threads.busiestMs() };
  } finally {
    threads.stop();
  }
}

async function verifyBy(
  threads: RangeThreads,
  request: VerifyRequest,
  onProgress: OnProgress,
): Promise<Omit<VerifyReport, 'wholeMs' | 'checkingMs'>> {
  const coming = fetchCheckpoint();
  const program = compileSha256();
  const hasher = createWasmHasher(program);
  const [checkpointNote, belief] = await Promise.all([coming, beliefOf(hasher, request)]);
  const { origin, size } = parseCheckpoint(splitNote(checkpointNote).text);
  const judge = request.judges ? loadJudge(hasher, origin) : undefined;
  const shared = { program, wantsEntries: judge !== undefined };
  async function* checkRanges(task: RangeTask): AsyncGenerator<RangeResult> {
    for await (const { result, tiles } of threads.check(task, shared)) {
      yield result;
      // Whoever joins the ranges asks for the next one only when this one fits those before.
      for (const tile of tiles) await (await judge)?.take(tile);
      onProgress(result.first + result.count, size);
    }
  }
  const { intact, complete } = await verifyLogBy(
    {
      hasher,
      verify: verifyEd25519,
      origin,
      logKeys: belief.logKeys,
      checkpointNote,
      heldCheckpoints: request.held.map(utf8),
      ...(belief.policy === undefined ? {} : { policy: belief.policy }),
      notAfterMs: request.nowMs + CLOCK_LEEWAY_MS,
    },
    checkRanges,
  );
  const conformant = intact.passed ? await (await judge)?.finish() : undefined;
  const report: AuditReport = { size, intact, complete, conformant, isSelfDeclared: belief.isSelfDeclared };
  return {
    text: reportText(report),
    origin,
    size,
    isFaultless: isFaultless(report),
    isIntact: intact.passed,
    fault: intact.fault,
    atFault: conformant?.faults[0]?.seq,
    checkpoint: fromUtf8(checkpointNote),
    logKey: belief.logKeys[0] === undefined ? '' : formatVerifierKey(belief.logKeys[0]),
  };
}

function loadJudge(hasher: Hasher, origin: string): Promise<Judge> {
  const judge = import('./judge-entries.ts').then(({ startJudge }) => startJudge(hasher, origin));
  // Met where it is awaited, which a log that is not intact never does.
  judge.catch(() => undefined);
  return judge;
}

interface Belief {
  readonly logKeys: readonly LogKey[];
  readonly policy: LogPolicy | undefined;
  readonly isSelfDeclared: boolean;
}

/** The auditor's own policy file, the key they kept, or what the log says of itself: in that order. */
async function beliefOf(hasher: Hasher, { policy, logKey }: VerifyRequest): Promise<Belief> {
  if (policy !== null) {
    const own = parseLogPolicy(hasher, utf8(policy));
    return { logKeys: own.logs.map(({ key }) => key), policy: own, isSelfDeclared: false };
  }
  const known = logKey ?? (await keyOfGenesis());
  return { logKeys: [parseVerifierKey(hasher, known)], policy: undefined, isSelfDeclared: logKey === null };
}

async function keyOfGenesis(): Promise<string> {
  const genesis = readEntry(await fetchEntry(0));
  const key = genesis.type === 'countersign.log.genesis.v1' ? genesis.data['log_key'] : undefined;
  if (typeof key === 'string') return key;
  throw new Error(
    'The log does not begin with a genesis that names its key. Paste the log policy file you know.',
  );
}
