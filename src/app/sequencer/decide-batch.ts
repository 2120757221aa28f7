import type { Draft } from '../../domain/draft.ts';
import { Failure } from '../../domain/errors.ts';
import type { StoredEvent } from '../../domain/events.ts';
import type { FoldedEvent } from '../../domain/fold.ts';
import type { StreamId } from '../../domain/ids.ts';
import { hex } from '../../log/bytes.ts';
import type { Command, Decision, Receipt } from '../command.ts';
import type { Random } from '../ports.ts';
import { type Registry, registeredFor } from '../registry.ts';
import type {
  Attachment,
  Disclosure,
  Head,
  RowChange,
  SecretChange,
  StoredEntry,
  UsedIdempotencyKey,
} from '../store.ts';
import type { Folded, Loaded } from './load-streams.ts';
import { type Sealing, type Stamp, sealDraft } from './seal-draft.ts';
import { viewOf } from './view.ts';

/** Outside facts that are older at the decision must be fetched again. */
const MOST_FACTS_AGE_MS = 30_000;
/** For how long a repeated call gets its first answer. */
const IDEMPOTENCY_KEPT_MS = 24 * 60 * 60 * 1000;

export interface Deciding {
  readonly sealing: Sealing;
  readonly random: Pick<Random, 'ulid'>;
  readonly registry: Registry;
  /** Name and version, as entries tell it. */
  readonly program: string;
  readonly nowMs: () => number;
}

/** Gives the command's answer, or throws its refusal, once the batch is durable under `head`. */
export type Outcome = (head: Head) => unknown;

/** What a batch of commands will write, grown command by command; a command that fails leaves no trace in it. */
export interface Batch {
  readonly base: Head;
  readonly entries: StoredEntry[];
  readonly leaves: Uint8Array[];
  timeMs: number;
  readonly changed: Map<StreamId, Folded>;
  /** By table and key: only the newest whole row is written. */
  readonly rows: Map<string, RowChange>;
  readonly disclosures: Disclosure[];
  readonly erase: { readonly seq: number; readonly field: string }[];
  readonly attachments: Attachment[];
  readonly secrets: SecretChange[];
  readonly used: Map<string, UsedIdempotencyKey>;
  readonly outcomes: Outcome[];
}

/** Decides the commands in order, each seeing what those before it in the batch did. Failures become outcomes, never a throw. */
export function decideInto(
  batch: Batch,
  deciding: Deciding,
  loaded: Loaded,
  commands: readonly Command<unknown>[],
): void {
  for (const command of commands) {
    try {
      batch.outcomes.push(decideOne(deciding, loaded, batch, command));
    } catch (error) {
      batch.outcomes.push(() => {
        throw error instanceof Failure ? error : new Failure('internal', 'internal error', { cause: error });
      });
    }
  }
}

/** One that will extend `base`. */
export function emptyBatch(base: Head): Batch {
  return {
    base,
    entries: [],
    leaves: [],
    timeMs: base.timeMs,
    changed: new Map(),
    rows: new Map(),
    disclosures: [],
    erase: [],
    attachments: [],
    secrets: [],
    used: new Map(),
    outcomes: [],
  };
}

function decideOne(deciding: Deciding, loaded: Loaded, batch: Batch, command: Command<unknown>): Outcome {
  const nowMs = deciding.nowMs();
  const remembered = rememberedFor(command, loaded, batch, nowMs);
  if (remembered !== undefined) return remembered;
  refuseStaleFacts(command, nowMs);
  const folded = (stream: StreamId) => batch.changed.get(stream) ?? loaded.streams.get(stream);
  const view = viewOf(deciding.registry, deciding.sealing.origin, batch.base, command.streams, folded);
  const decision = command.decide(view, nowMs);
  const stamp: Stamp = {
    by: command.by,
    command: `c-${deciding.random.ulid(nowMs)}`,
    program: deciding.program,
    decided_at_ms: nowMs,
  };
  checkDecision(deciding, command, decision);
  const sealed = sealAll(deciding, batch, folded, decision.events, stamp);
  keep(batch, sealed, decision);
  if (command.idempotency !== undefined && decision.refusal === undefined && decision.events.length > 0) {
    const { key, digest } = command.idempotency;
    const expiresAtMs = nowMs + IDEMPOTENCY_KEPT_MS;
    batch.used.set(key, { key, digest, about: decision.about ?? '', expiresAtMs });
  }
  return outcomeOf(decision, { command: stamp.command, entries: sealed.receipts });
}

/** The answer to a call that was answered before; undefined: it was not, or so long ago that nobody knows. */
function rememberedFor(
  command: Command<unknown>,
  loaded: Loaded,
  batch: Batch,
  nowMs: number,
): Outcome | undefined {
  if (command.idempotency === undefined) return undefined;
  const { key, digest } = command.idempotency;
  const used = batch.used.get(key) ?? loaded.idempotency.get(key);
  if (used === undefined || used.expiresAtMs <= nowMs) return undefined;
  if (used.digest !== digest) {
    throw new Failure('idempotency-key-reused', 'this idempotency key was used with another body', {
      mend: 'Use a new key for a new call.',
    });
  }
  return () => {
    if (command.replay !== undefined) return command.replay(used.about);
    throw new Failure('already-done', 'this call was answered before, and its answer cannot be given again');
  };
}

function refuseStaleFacts(command: Command<unknown>, nowMs: number): void {
  if ('claims_at_ms' in command.by && command.by.claims_at_ms > nowMs) {
    // A clock that was set back meanwhile would have the decision rest on what was told after it.
    throw new Failure('stale', 'the clock was set back while this was looked up', { mend: 'Try again.' });
  }
  if (command.factsAtMs === null || Math.abs(nowMs - command.factsAtMs) <= MOST_FACTS_AGE_MS) return;
  throw new Failure('stale', 'what was looked up for this decision is more than 30 s old', {
    mend: 'Try again.',
  });
}

/** Invariants of our own code: a decision that breaks one is refused whole. */
function checkDecision(deciding: Deciding, command: Command<unknown>, decision: Decision<unknown>): void {
  for (const { stream } of decision.events) {
    if (!command.streams.includes(stream))
      throw new Error(`the command did not name the stream ${stream} that it writes`);
  }
  for (const { digest, bytes } of decision.attachments ?? []) {
    const found = `sha256:${hex(deciding.sealing.hasher.sha256(bytes))}`;
    if (found !== digest) throw new Error(`an attachment named ${digest} has the digest ${found}`);
  }
  const beside = [decision.attachments, decision.secrets, decision.erase];
  if (decision.events.length === 0 && beside.some((changes) => changes !== undefined && changes.length > 0)) {
    throw new Error('a decision that leaves no entry may change nothing');
  }
}

interface Sealed {
  readonly entries: StoredEntry[];
  readonly leaves: Uint8Array[];
  readonly receipts: Receipt['entries'][number][];
  readonly disclosures: Disclosure[];
  readonly changed: Map<StreamId, Folded>;
  readonly rows: RowChange[];
  timeMs: number;
}

function sealAll(
  deciding: Deciding,
  batch: Batch,
  folded: (stream: StreamId) => Folded | undefined,
  drafts: readonly Draft[],
  stamp: Stamp,
): Sealed {
  const sealed: Sealed = {
    entries: [],
    leaves: [],
    receipts: [],
    disclosures: [],
    changed: new Map(),
    rows: [],
    timeMs: Math.max(batch.timeMs, stamp.decided_at_ms),
  };
  for (const draft of drafts) sealOne(deciding, batch, folded, draft, stamp, sealed);
  return sealed;
}

function sealOne(
  deciding: Deciding,
  batch: Batch,
  folded: (stream: StreamId) => Folded | undefined,
  draft: Draft,
  stamp: Stamp,
  sealed: Sealed,
): void {
  const { stream, type } = draft;
  const { fold, rows } = registeredFor(deciding.registry, stream);
  const before = sealed.changed.get(stream) ?? folded(stream) ?? { version: 0, state: fold.initial };
  const version = before.version + 1;
  const { timeMs } = sealed;
  const seq = batch.base.size + batch.entries.length + sealed.entries.length;
  const prev = sealed.leaves.at(-1) ?? batch.leaves.at(-1) ?? batch.base.lastLeaf;
  const { bytes, leafHash, data, disclosures } = sealDraft(deciding.sealing, draft, stamp, {
    seq,
    prev,
    timeMs,
    streamVersion: version,
  });
  const event = { type, data } as unknown as StoredEvent; // the schema of this type accepted the data while sealing
  const last: FoldedEvent = { seq, version, timeMs, leafHash, event };
  const state = fold.evolve(before.state, last);
  sealed.changed.set(stream, { version, state });
  sealed.rows.push(...rows(stream, state, last));
  sealed.entries.push({ seq, stream, version, bytes });
  sealed.leaves.push(leafHash);
  sealed.receipts.push({ seq, type, leafHash });
  sealed.disclosures.push(...disclosures);
}

function keep(batch: Batch, sealed: Sealed, decision: Decision<unknown>): void {
  if (sealed.entries.length === 0) return;
  batch.timeMs = sealed.timeMs;
  batch.entries.push(...sealed.entries);
  batch.leaves.push(...sealed.leaves);
  batch.disclosures.push(...sealed.disclosures);
  for (const [stream, folded] of sealed.changed) batch.changed.set(stream, folded);
  for (const change of sealed.rows) batch.rows.set(`${change.table}\n${change.key}`, change);
  batch.attachments.push(...(decision.attachments ?? []));
  batch.secrets.push(...(decision.secrets ?? []));
  batch.erase.push(...(decision.erase ?? []));
}

function outcomeOf(decision: Decision<unknown>, receipt: Omit<Receipt, 'head'>): Outcome {
  const { refusal } = decision;
  if (refusal === undefined) return (head) => decision.result({ ...receipt, head });
  return () => {
    throw recordedAs(refusal, receipt.entries);
  };
}

/** The refusal with the number of the entry that records it. */
function recordedAs(refusal: Failure, entries: Receipt['entries']): Failure {
  const entry = entries.find((one) => one.type === 'countersign.command.refused.v1') ?? entries.at(-1);
  if (entry === undefined) return refusal;
  const { code, message, rule, mend, mistakes, cause } = refusal;
  return new Failure(code, message, {
    ...(rule === undefined ? {} : { rule }),
    ...(mend === undefined ? {} : { mend }),
    mistakes,
    entry: entry.seq,
    cause,
  });
}
