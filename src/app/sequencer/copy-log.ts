import { Failure } from '../../domain/errors.ts';
import { equalBytes, hex, utf8 } from '../../log/bytes.ts';
import type { Hasher } from '../../log/hasher.ts';
import type { Head, Write } from '../store.ts';

/** Part of what cannot be made again from the entries, and the entries themselves; a few hundred rows. */
export type ContentsPage = Pick<Write, 'entries' | 'disclosures' | 'attachments' | 'secrets' | 'idempotency'>;

/** All that a store holds but what is derived, as of one moment, each kind in the order of its key. */
export interface LogContents {
  /** undefined: no log was begun there. */
  readonly head: Head | undefined;
  readonly pages: AsyncIterable<ContentsPage>;
}

/** Where a log can be taken from and put to as a whole; brokers may go on writing to the one it is taken from. */
export interface LogPlace {
  read<T>(work: (contents: LogContents) => Promise<T>): Promise<T>;
  /** ONE transaction. false: a log was begun there, and nothing was written. */
  fill(head: Head, pages: AsyncIterable<ContentsPage>): Promise<boolean>;
  close(): Promise<void>;
}

export interface Copied {
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly root: string;
}

/**
 * Copies a log and reads it again where it went: every row is compared by its hash. What is derived is left out; a
 * rebuild makes it, and proves the root. Throws `Failure` `not-found`, `already-done`; `internal` when what arrived
 * is not what was sent.
 */
export async function copyLog(from: LogPlace, to: LogPlace, hasher: Hasher): Promise<Copied> {
  const sent = contentsDigest(hasher);
  const head = await from.read(async (contents) => {
    if (contents.head === undefined) {
      throw new Failure('not-found', 'there is no log to copy', { mend: 'Is this the right place?' });
    }
    if (await to.fill(contents.head, sent.through(contents.pages))) return contents.head;
    throw new Failure('already-done', 'a log was begun there already', {
      mend: 'Name an empty place; a log is never written over.',
    });
  });
  await requireSame(to, hasher, head, sent.digest());
  return { size: head.size, root: hex(head.root) };
}

async function requireSame(place: LogPlace, hasher: Hasher, head: Head, sent: Uint8Array): Promise<void> {
  const arrived = contentsDigest(hasher);
  await place.read(async (contents) => {
    for await (const _ of arrived.through(contents.pages));
    const same = contents.head !== undefined && contents.head.size >= head.size;
    if (same && equalBytes(arrived.digest(), sent)) return;
    throw new Failure('internal', 'what arrived is not what was sent', {
      mend: 'Nobody may write to the new place yet: stop what does, empty it, and copy again.',
    });
  });
}

/** One hash over all rows in their order, however they were paged. */
function contentsDigest(hasher: Hasher) {
  let digest = new Uint8Array(32);
  const add = (row: unknown) => {
    digest = new Uint8Array(hasher.sha256(utf8(`${hex(digest)} ${JSON.stringify(row)}`)));
  };
  return {
    digest: () => digest,
    async *through(pages: AsyncIterable<ContentsPage>): AsyncIterable<ContentsPage> {
      for await (const page of pages) {
        for (const row of rowsOf(page)) add(row);
        yield page;
      }
    },
  };
}

/** Columns by position, so that the order an object was made in does not matter. */
function* rowsOf(page: ContentsPage): Iterable<readonly unknown[]> {
  for (const one of page.entries) yield ['entry', one.seq, one.stream, one.version, hex(one.bytes)];
  for (const one of page.disclosures) yield ['disclosure', one.seq, one.field, hex(one.key), one.value];
  for (const one of page.attachments) yield ['attachment', one.digest, hex(one.bytes)];
  for (const one of page.secrets) {
    yield [
      'secret',
      one.kind,
      one.id,
      one.person,
      one.value === null ? null : hex(one.value),
      one.expiresAtMs,
    ];
  }
  for (const one of page.idempotency) yield ['idempotency', one.key, one.digest, one.about, one.expiresAtMs];
}
