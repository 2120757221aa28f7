import { z } from 'zod';
import type { LogTrust } from '../app/sequencer/catch-up.ts';
import type { ContentsPage } from '../app/sequencer/copy-log.ts';
import { rebuildDerived } from '../app/sequencer/rebuild.ts';
import type { Head, SecretKind, Write } from '../app/store.ts';
import { Failure } from '../domain/errors.ts';
import type { StreamId } from '../domain/ids.ts';
import { ENROLMENT_CODE_LIVES_MS } from '../domain/person/enrol.ts';
import { equalBytes } from '../log/bytes.ts';
import { openCheckpoint } from '../log/checkpoint.ts';
import { leafHash } from '../log/tree.ts';
import { registry } from '../projections/registry.ts';

const bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));

const genesisShape = z.strictObject({
  format: z.literal('countersign/genesis/v1'),
  head: z.strictObject({ root: bytes, last_leaf: bytes, time_ms: z.int(), checkpoint: bytes }),
  stream: z.string(),
  entry: bytes,
  /** Hashes of the first administrators' enrolment codes; the codes are nowhere but with them. */
  codes: z.array(
    z.strictObject({ id: z.string(), person: z.string(), value: bytes, expires_at_ms: z.int().nullable() }),
  ),
});

const ENROLMENT_CODE: SecretKind = 'enrolment-code';

/**
 * A log of one entry as text, to be begun somewhere else.
 * @throws Failure `already-done` when the log has gone further: what is left out here would be lost
 */
export function writeGenesis(head: Head, page: ContentsPage): string {
  const { entries, secrets, disclosures, attachments, idempotency } = page;
  const [entry] = entries;
  const others = [...disclosures, ...attachments, ...idempotency];
  const isOnlyCodes = secrets.every(({ kind, value }) => kind === ENROLMENT_CODE && value !== null);
  if (head.size !== 1 || entry === undefined || others.length > 0 || !isOnlyCodes) {
    throw new Failure('already-done', 'The log has gone on beyond its first entry.', {
      mend: 'Only a log that was just begun can be handed over: `countersign server init` in a new directory.',
    });
  }
  return JSON.stringify({
    format: 'countersign/genesis/v1',
    head: {
      root: text(head.root),
      last_leaf: text(head.lastLeaf),
      time_ms: head.timeMs,
      checkpoint: text(head.checkpoint),
    },
    stream: entry.stream,
    entry: text(entry.bytes),
    codes: secrets.map(({ id, person, value, expiresAtMs }) => ({
      id,
      person,
      value: text(value ?? new Uint8Array()),
      expires_at_ms: expiresAtMs,
    })),
  });
}

const text = (of: Uint8Array): string => Buffer.from(of).toString('base64');

/**
 * Begins the log in an empty store. Only while the administrators' codes live: a store that was lost later, or emptied
 * by somebody, is not quietly begun anew under the same name.
 * @throws Failure `malformed-input` for one that is none, is too old, or was made under another key or origin
 */
export async function beginFromGenesis(trust: LogTrust, given: string, nowMs: number): Promise<void> {
  const write = readGenesis(given);
  if (nowMs - write.head.timeMs > ENROLMENT_CODE_LIVES_MS) {
    throw unfit('is more than a day old, and there is no log here', MEND_LOST);
  }
  await requireOurs(trust, write);
  await trust.store.begin(write);
}

const MEND_LOST =
  'If there was one, it is lost or this is another place: find out before anything else. ' +
  'For a new log run `countersign server init` in a new directory and hand over what it made.';

/** The root of one entry is its hash, so a signed root says which entry this is. */
async function requireOurs({ keys, verify, hasher }: LogTrust, { head, entries }: Write): Promise<void> {
  const signed = await openCheckpoint(head.checkpoint, keys, verify).catch(() => undefined);
  const hash = leafHash(hasher, entries[0]?.bytes ?? new Uint8Array());
  const named = [signed?.checkpoint.root, head.root, head.lastLeaf];
  const isThis = named.every((one) => one !== undefined && equalBytes(one, hash));
  if (signed?.checkpoint.size === 1 && isThis) return;
  throw unfit(
    'was made under another log key or origin',
    'Hand over keys, configuration and genesis of one `countersign server init`.',
  );
}

/** The lists that go with a first entry. A crash may have kept them from being made, so every start on one makes them. */
export async function deriveFirstRows(trust: LogTrust): Promise<void> {
  await rebuildDerived(trust, registry);
}

function readGenesis(given: string): Write {
  const read = genesisShape.safeParse(parsed(given));
  if (!read.success) throw unfit('is damaged', 'Hand it over again: `countersign server secrets`.');
  const { head, stream, entry, codes } = read.data;
  return {
    head: {
      size: 1,
      root: head.root,
      lastLeaf: head.last_leaf,
      timeMs: head.time_ms,
      checkpoint: head.checkpoint,
    },
    entries: [{ seq: 0, stream: stream as StreamId, version: 1, bytes: entry }],
    secrets: codes.map(({ id, person, value, expires_at_ms }) => ({
      id,
      person,
      kind: ENROLMENT_CODE,
      value,
      expiresAtMs: expires_at_ms,
    })),
    tiles: [],
    states: [],
    rows: [],
    disclosures: [],
    erase: [],
    attachments: [],
    idempotency: [],
  };
}

function parsed(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

const unfit = (what: string, mend: string): Failure =>
  new Failure('malformed-input', `The binding COUNTERSIGN_GENESIS ${what}.`, { mend });
