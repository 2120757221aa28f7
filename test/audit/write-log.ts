import type { AuditedEntry } from '../../src/audit/audited-entry.ts';
import type { By } from '../../src/domain/actor.ts';
import type { Draft } from '../../src/domain/draft.ts';
import { catalogue } from '../../src/domain/events.ts';
import { base64 } from '../../src/log/bytes.ts';
import { NO_PREVIOUS, sealEntry } from '../../src/log/entry.ts';
import type { JsonObject } from '../../src/log/json.ts';
import { appendLeaf, edgeRoot, emptyEdge, leafHash } from '../../src/log/tree.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

/** Whoever holds the log's key can write anything: drafts are changed before they are sealed. */
export type Tamper = (drafts: readonly Draft[]) => readonly Draft[];

export interface Written {
  readonly entry: AuditedEntry;
  readonly bytes: Uint8Array;
}

/** Seals drafts one after the other as the broker would, without asking any rule. */
export function logWriter(origin: string, startMs: number, sink: (written: Written) => void) {
  let edge = emptyEdge;
  let prev = NO_PREVIOUS;
  let made = 0;
  const versions = new Map<string, number>();
  const clock = { nowMs: startMs };

  /** 26 characters that carry the time. */
  const ulid = (): string => spell(clock.nowMs, 10) + spell(++made, 16);

  const seal = (draft: Draft, by: By, command: string, decidedAtMs: number): void => {
    const streamVersion = (versions.get(draft.stream) ?? 0) + 1;
    versions.set(draft.stream, streamVersion);
    const data = dataOf(draft, by, command, decidedAtMs);
    const at = { seq: edge.size, prev, id: ulid(), origin, timeMs: clock.nowMs, streamVersion };
    const { type, stream, subject } = draft;
    const bytes = sealEntry({ type, stream, subject, data }, at);
    prev = leafHash(nodeHasher, bytes);
    sink({
      bytes,
      entry: { seq: at.seq, timeMs: clock.nowMs, type, stream, streamVersion, leafHash: prev, data },
    });
    edge = appendLeaf(nodeHasher, edge, prev);
  };

  return {
    clock,
    ulid,
    /** Leaf hash of the newest entry, base64. */
    lastLeaf: () => base64(prev),
    size: () => edge.size,
    log: () => ({ origin, size: edge.size, root: base64(edgeRoot(nodeHasher, edge)) }),
    commit(by: By, drafts: readonly Draft[], sealedAfterMs = 5): string[] {
      const command = `c-${ulid()}`;
      const decidedAtMs = clock.nowMs;
      clock.nowMs += sealedAfterMs;
      return drafts.map((draft) => {
        seal(draft, by, command, decidedAtMs);
        return base64(prev);
      });
    },
  };
}

export type LogWriter = ReturnType<typeof logWriter>;

const someCommitment = base64(new Uint8Array(32).fill(7));

function dataOf(draft: Draft, by: By, command: string, decidedAtMs: number): JsonObject {
  const personal: readonly string[] = catalogue[draft.type].personal;
  const committed = personal.map((field) => [field, { commitment: someCommitment }] as const);
  const base = { by, command, program: 'countersign/0.1.0', decided_at_ms: decidedAtMs };
  // A body is made of JSON values; interfaces have no index signature to show it.
  return { ...base, ...draft.body, ...Object.fromEntries(committed) } as unknown as JsonObject;
}

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
function spell(value: number, length: number): string {
  let text = '';
  for (let rest = value, at = 0; at < length; at++, rest = Math.floor(rest / 32))
    text = DIGITS.charAt(rest % 32) + text;
  return text;
}
