import { equalBytes, hex } from './bytes.ts';
import type { Checkpoint, LogKey, OpenedCheckpoint } from './checkpoint.ts';
import { BadCheckpoint, openCheckpoint } from './checkpoint.ts';
import { cosignaturesOf } from './cosignature.ts';
import type { Hasher } from './hasher.ts';
import type { LogPolicy, QuorumVerdict } from './log-policy.ts';
import { evaluateQuorum } from './log-policy.ts';
import type { VerifyEd25519 } from './note.ts';
import { BadNote } from './note.ts';
import type { Fault, JoinedRanges, RangeResult } from './verify-range.ts';
import { joinRanges, rangesOfSize, verifyRange } from './verify-range.ts';
import type { FindTile } from './verify-tiles.ts';
import { checkUpperTiles } from './verify-tiles.ts';

/** Bytes, chain, tree and signature fit one another. */
export interface IntactVerdict {
  readonly verdict: 'intact';
  readonly passed: boolean;
  /** What was checked: the signed size and root, where a checkpoint could be opened. */
  readonly checkpoint: Checkpoint | undefined;
  /** The verifier key's name and id that vouches for it. */
  readonly signedBy: string | undefined;
  /** The first entry at fault. */
  readonly fault: Fault | undefined;
  /** A sentence for people. */
  readonly why: string;
}

/** Nothing was cut off, forked or rewritten since the checkpoints that the auditor brought. */
export interface CompleteVerdict {
  readonly verdict: 'complete';
  readonly passed: boolean | 'not-reached';
  /** The largest size that what the auditor holds vouches for; later entries are intact at most. */
  readonly coveredSize: number;
  readonly quorum: QuorumVerdict | undefined;
  /** The held checkpoint that the log contradicts. */
  readonly contradicts: Checkpoint | undefined;
  readonly why: string;
}

export interface LogVerdicts {
  readonly intact: IntactVerdict;
  readonly complete: CompleteVerdict;
}

/** What a caller believes before it has read a byte of the log. */
export interface VerifyInput {
  readonly hasher: Hasher;
  readonly verify: VerifyEd25519;
  readonly origin: string;
  /** The log's keys as the caller holds them, retired ones with their final size; never from the log itself. */
  readonly logKeys: readonly LogKey[];
  /** The signed checkpoint that came with the log; undefined when there was none, which never passes. */
  readonly checkpointNote: Uint8Array | undefined;
  /** Signed checkpoints that the caller kept from earlier, or had from elsewhere. */
  readonly heldCheckpoints?: readonly Uint8Array[];
  /** Whose cosignatures the caller believes; without it none is asked for and none counts. */
  readonly policy?: LogPolicy;
  /** The stored tiles, to be compared as well; without it they are not looked at. */
  readonly findTile?: FindTile;
  /** The caller's clock: entries stamped later are refused. */
  readonly notAfterMs?: number;
}

/** What to check, once the sizes are known: the same for one thread and for many. */
export interface RangeTask {
  readonly origin: string;
  /** Only entries below this are read, so that a log may grow meanwhile. */
  readonly size: number;
  readonly pinnedSizes: readonly number[];
  readonly notAfterMs?: number;
}

/** Yields the results of all `rangesOfSize(task.size)`, in order. */
export type CheckRanges = (task: RangeTask) => AsyncIterable<RangeResult>;

/** Reads entries `from` to `to` (exclusive), in order; fewer when there are not so many. */
export type ReadEntries = (from: number, to: number) => AsyncIterable<Uint8Array>;

/** Checks a log on this thread. Faults are verdicts; only a source that cannot be read throws. */
export async function verifyLog(
  input: VerifyInput & { readonly entries: ReadEntries },
): Promise<LogVerdicts> {
  return verifyLogBy(input, (task) => checkRangesHere(input, input.entries, task));
}

/** Checks a log whose ranges somebody else works through. */
export async function verifyLogBy(input: VerifyInput, checkRanges: CheckRanges): Promise<LogVerdicts> {
  const presented = await tryOpen(input, input.checkpointNote);
  const held = await Promise.all((input.heldCheckpoints ?? []).map((note) => tryOpen(input, note)));
  if (typeof presented === 'string') return refusedCheckpoint(presented);
  const { checkpoint } = presented;
  const joined = await joinRanges(
    input.hasher,
    checkRanges({
      origin: input.origin,
      size: checkpoint.size,
      pinnedSizes: held.flatMap((one) => (typeof one === 'string' ? [] : [one.checkpoint.size])),
      ...(input.notAfterMs === undefined ? {} : { notAfterMs: input.notAfterMs }),
    }),
  );
  const intact = judgeIntact(input, presented, joined);
  return { intact, complete: judgeComplete(input, presented, held, joined, intact) };
}

async function* checkRangesHere(
  { hasher, findTile }: VerifyInput,
  entries: ReadEntries,
  task: RangeTask,
): AsyncGenerator<RangeResult> {
  const tiles =
    findTile === undefined ? {} : { leafTile: (n: number, width: number) => findTile(0, n, width) };
  for (const { first, count } of rangesOfSize(task.size)) {
    const range: Uint8Array[] = [];
    for await (const bytes of entries(first, first + count)) range.push(bytes);
    yield verifyRange(hasher, range, first, { ...task, ...tiles, count });
  }
}

/** The opened checkpoint, or why it is worth nothing. */
async function tryOpen(input: VerifyInput, note: Uint8Array | undefined): Promise<OpenedCheckpoint | string> {
  if (note === undefined) return 'no checkpoint was given';
  const cosigners = input.policy?.witnesses.map(({ key }) => key) ?? [];
  try {
    const opened = await openCheckpoint(note, input.logKeys, input.verify, { cosigners });
    return opened.checkpoint.origin === input.origin ? opened : 'the checkpoint is of another log';
  } catch (error) {
    if (error instanceof BadCheckpoint || error instanceof BadNote) return error.message;
    throw error;
  }
}

function refusedCheckpoint(reason: string): LogVerdicts {
  return {
    intact: {
      verdict: 'intact',
      passed: false,
      checkpoint: undefined,
      signedBy: undefined,
      fault: undefined,
      why: `The log's signed checkpoint does not hold: ${reason}.`,
    },
    complete: completeVerdict('not-reached', 'Without a signed checkpoint there is nothing to compare.'),
  };
}

function judgeIntact(input: VerifyInput, presented: OpenedCheckpoint, joined: JoinedRanges): IntactVerdict {
  const { checkpoint, signedBy } = presented;
  const fault = joined.fault ?? rootFault(checkpoint, joined) ?? upperTileFault(input, checkpoint.size);
  return {
    verdict: 'intact',
    passed: fault === undefined,
    checkpoint,
    signedBy: `${signedBy.name}+${hex(signedBy.keyId)}`,
    fault,
    why:
      fault === undefined
        ? `All ${checkpoint.size} entries fit the chain, the tree and the signed root.`
        : `Entry ${fault.seq} is at fault: ${fault.reason}.`,
  };
}

function upperTileFault({ hasher, findTile }: VerifyInput, size: number): Fault | undefined {
  return findTile === undefined ? undefined : checkUpperTiles(hasher, size, findTile);
}

function rootFault(checkpoint: Checkpoint, joined: JoinedRanges): Fault | undefined {
  if (joined.size === checkpoint.size && equalBytes(joined.root, checkpoint.root)) return undefined;
  const seq = Math.max(0, checkpoint.size - 1);
  return { seq, reason: 'root-differs', expected: hex(checkpoint.root), found: hex(joined.root) };
}

function judgeComplete(
  input: VerifyInput,
  presented: OpenedCheckpoint,
  held: readonly (OpenedCheckpoint | string)[],
  joined: JoinedRanges,
  intact: IntactVerdict,
): CompleteVerdict {
  const quorum = input.policy && evaluateQuorum(input.policy, cosignaturesOf(presented.note));
  const opened = held.flatMap((one) => (typeof one === 'string' ? [] : [one.checkpoint]));
  const refused = held.find((one) => typeof one === 'string');
  const contradicts = opened.find((one) => isContradicted(one, presented.checkpoint.size, joined));
  const witnessed = quorum?.required === true && quorum.reached;
  const sizes = [...opened.map(({ size }) => size), ...(witnessed ? [presented.checkpoint.size] : [])];
  const more = { coveredSize: Math.max(0, ...sizes), quorum };
  if (contradicts !== undefined) {
    return completeVerdict(false, contradiction(contradicts, presented.checkpoint), { contradicts, quorum });
  }
  if (!intact.passed)
    return completeVerdict('not-reached', 'The log is not intact, so it proves no history.', { quorum });
  if (refused !== undefined) {
    return completeVerdict('not-reached', `A held checkpoint cannot be used: ${refused}.`, { quorum });
  }
  if (quorum?.required === true && !quorum.reached) {
    return completeVerdict('not-reached', 'The quorum of witnesses that the policy asks for is missing.', {
      quorum,
    });
  }
  if (more.coveredSize === 0) {
    return completeVerdict('not-reached', 'Nothing was held against which the history could be compared.', {
      quorum,
    });
  }
  return completeVerdict(
    true,
    `Nothing was cut off or rewritten in the first ${more.coveredSize} entries.`,
    more,
  );
}

function isContradicted(held: Checkpoint, size: number, joined: JoinedRanges): boolean {
  if (held.size > size) return true;
  const root = held.size === joined.size ? joined.root : joined.rootsAt.get(held.size);
  return root !== undefined && !equalBytes(root, held.root);
}

function contradiction(held: Checkpoint, presented: Checkpoint): string {
  return held.size > presented.size
    ? `The log has ${presented.size} entries, but had ${held.size} when the held checkpoint was signed.`
    : `The first ${held.size} entries are not those for which the held checkpoint was signed.`;
}

function completeVerdict(
  passed: boolean | 'not-reached',
  why: string,
  more: Partial<Pick<CompleteVerdict, 'coveredSize' | 'quorum' | 'contradicts'>> = {},
): CompleteVerdict {
  return {
    verdict: 'complete',
    passed,
    coveredSize: 0,
    quorum: undefined,
    contradicts: undefined,
    why,
    ...more,
  };
}
