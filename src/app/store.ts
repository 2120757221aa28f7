import type { StreamId } from '../domain/ids.ts';
import type { Tile } from '../log/tile.ts';

/** The log's end, as the store holds it. `checkpoint` is the signed note over origin, `size` and `root`. */
export interface Head {
  readonly size: number;
  readonly root: Uint8Array;
  /** RFC 6962 leaf hash of the last entry; 32 zero bytes when empty. */
  readonly lastLeaf: Uint8Array;
  /** `time` of the last entry, milliseconds since 1970. */
  readonly timeMs: number;
  readonly checkpoint: Uint8Array;
}

export interface StoredEntry {
  readonly seq: number;
  readonly stream: StreamId;
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** A read model's whole row: every column but `key`; null deletes it. Tables are listed in `projections/tables.ts`. */
export interface RowChange {
  readonly table: string;
  readonly key: string;
  readonly row: Readonly<Record<string, string | number | null>> | null;
}

/** Key and value of a commitment in an entry. Without it the text cannot be known; with it, it can be checked. */
export interface Disclosure {
  readonly seq: number;
  readonly field: string;
  readonly key: Uint8Array;
  readonly value: string;
}

export interface Attachment {
  /** `sha256:<hex>` */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** Sealed or hashed; never plain. A `null` value deletes. */
export interface SecretChange {
  readonly id: string;
  readonly person: string;
  readonly kind: SecretKind;
  readonly value: Uint8Array | null;
  readonly expiresAtMs: number | null;
}
export type SecretKind =
  | 'totp-seed' // sealed
  | 'totp-seed-pending' // sealed
  | 'passkey-pending' // sealed: the challenge of an enrolment under way
  | 'recovery-code' // id is the hash
  | 'enrolment-code' // id is the hash
  | 'sign-in-attempt' // sealed: PKCE verifier, nonce
  | 'one-time-code' // id is the hash
  | 'access-token' // id is the hash
  | 'refresh-token' // id is the hash
  | 'provider-tokens' // sealed: the identity provider's tokens for one sign-in
  | 'provider-name' // id is the hash of what the identity provider calls a person or their visit there
  | 'provider-logout' // id is the hash of a logout token that was obeyed
  | 'web-sign-in' // id is the hash of the browser's cookie
  | 'device-ask'; // id is the hash of the device code, or of the code that a person types

export interface StoredSecret {
  readonly id: string;
  readonly person: string;
  readonly kind: SecretKind;
  readonly value: Uint8Array;
  readonly expiresAtMs: number | null;
}

export interface UsedIdempotencyKey {
  /** Scoped: `<person>\n<route>\n<key>` hashed. */
  readonly key: string;
  /** Of the request's body. */
  readonly digest: string;
  /** What the answer can be built from again: an id, never a secret. */
  readonly about: string;
  readonly expiresAtMs: number;
}

export interface StateRow {
  readonly stream: StreamId;
  readonly version: number;
  /** JSON of the folded state, for lists and cheap reads; decisions never rest on it. */
  readonly state: string;
  /** The next moment at which time alone changes this stream; null: never. */
  readonly dueAtMs: number | null;
}

export interface Write {
  readonly head: Head;
  readonly entries: readonly StoredEntry[];
  readonly tiles: readonly Tile[];
  readonly states: readonly StateRow[];
  readonly rows: readonly RowChange[];
  readonly disclosures: readonly Disclosure[];
  /** Disclosures whose text is to be forgotten. */
  readonly erase: readonly { readonly seq: number; readonly field: string }[];
  readonly attachments: readonly Attachment[];
  readonly secrets: readonly SecretChange[];
  readonly idempotency: readonly UsedIdempotencyKey[];
}

export interface Snapshot {
  readonly head: Head;
  /** For each stream asked for: entries with version above the one the caller already knows, in order. */
  readonly streams: ReadonlyMap<StreamId, readonly StoredEntry[]>;
  /**
   * For each stream asked for: its version by the derived table, 0 when absent. Only ever compared: a stream whose
   * entries end elsewhere has lost some.
   */
  readonly versions: ReadonlyMap<StreamId, number>;
  /** The entry before the log's end, whose leaf hash the head names; undefined when there is none. */
  readonly last: StoredEntry | undefined;
  readonly idempotency: ReadonlyMap<string, UsedIdempotencyKey>;
}

/** The answer to `advance` was lost: the commit may or may not stand. Compare the stored bytes before replying. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/**
 * Where the log lives. One implementation per engine, all held to `test/contract/store-contract.ts`.
 */
export interface Store {
  /**
   * Head, stream entries and remembered keys in ONE snapshot, from the primary.
   * @param streams how many entries of each stream the caller already holds (0: none)
   */
  load(streams: ReadonlyMap<StreamId, number>, idempotency: readonly string[]): Promise<Snapshot>;
  /**
   * ONE transaction, if and only if the stored head still has size and root of `from`.
   * @returns true: everything is durable (survives `kill -9` and power loss); false: nothing was written
   * @throws OutcomeUnknown when the engine's answer was lost; any other error: nothing was written
   */
  advance(from: Head, write: Write): Promise<boolean>;
  /** Whether `advance` leaves this thread free, so that it pays to make the next commit meanwhile. */
  readonly commitsElsewhere?: boolean;
  /** Saves wasted work among brokers on one database; safety never rests on it. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  /** Entry bytes in [from, to), in order, without holding a long transaction open. */
  entries(from: number, to: number): AsyncIterable<Uint8Array>;
  head(): Promise<Head | undefined>;
  /** Writes the very first head of an empty log; false when there is one already. */
  begin(write: Write): Promise<boolean>;
  tile(level: number, n: number): Promise<Uint8Array | undefined>;
  attachment(digest: string): Promise<Uint8Array | undefined>;
  attachments(): AsyncIterable<Attachment>;
  disclosures(seqs: readonly number[]): Promise<readonly Disclosure[]>;
  /** Rows of a read model, `key` included, by equality on its columns, newest first; more than 200 are never given. */
  rows(query: RowQuery): Promise<readonly Readonly<Record<string, string | number | null>>[]>;
  state(stream: StreamId): Promise<StateRow | undefined>;
  /** Streams whose `dueAtMs` is at or before `nowMs`, earliest first. */
  due(nowMs: number, limit: number): Promise<readonly { stream: StreamId; dueAtMs: number }[]>;
  /**
   * Replaces every derived row (tiles, streams, read models) in one transaction, if and only if the stored head still
   * has size and root of `from`; used by `server rebuild`.
   * @returns false: nothing was replaced, somebody wrote meanwhile
   */
  replaceDerived(from: Head, derived: DerivedRows): Promise<boolean>;
  /** Every derived row as stored, kind by kind, for comparison with a rebuild (app/sequencer/derived-value.ts spells them). */
  derived(): AsyncIterable<DerivedValue>;
  readonly secrets: SecretStore;
  readonly leases: LeaseStore;
  close(): Promise<void>;
}

/** One derived row in words: `kind` is `tile`, `stream` or a read model's table; values that are equal are spelled equally. */
export interface DerivedValue {
  readonly kind: string;
  readonly key: string;
  readonly value: string;
}

/** Everything that can be made again from the entries alone. */
export interface DerivedRows {
  readonly tiles: Iterable<Tile>;
  readonly states: Iterable<StateRow>;
  readonly rows: Iterable<RowChange>;
}

export interface RowQuery {
  readonly table: string;
  readonly where: Readonly<Record<string, string | number | null>>;
  /** Exclusive upper bound on the table's order column, for paging backwards. */
  readonly before?: number | string;
  readonly limit: number;
}

/** Secrets that change without an entry (tokens): each call is one durable transaction. */
export interface SecretStore {
  get(kind: SecretKind, id: string): Promise<StoredSecret | undefined>;
  ofPerson(kind: SecretKind, person: string): Promise<readonly StoredSecret[]>;
  put(changes: readonly SecretChange[]): Promise<void>;
  /** Reads and deletes in one step: of two that race, one gets it. Then writes `changes` in the same transaction, if it was there. */
  take(kind: SecretKind, id: string, changes?: readonly SecretChange[]): Promise<StoredSecret | undefined>;
  /** Forgets secrets and idempotency keys that expired at or before `nowMs`; how many. */
  deleteExpired(nowMs: number): Promise<number>;
}

/**
 * Which broker does which timed work, so that several do not all do it. Nothing rests on it: a holder that was paused
 * believes in its lease for too long, so whatever is done under one is decided against the log.
 */
export interface LeaseStore {
  /**
   * One compare-and-set, by the store's own clock and never a broker's: `holder` has `job` for `forMs` from now if nobody
   * has it, its lease is over, or `holder` has it already (then it is renewed). A lease that ends later than two such
   * could was made before the clock was set back, and is over too.
   * @returns whether `holder` has it now; after an error it may or may not
   */
  take(job: string, holder: string, forMs: number): Promise<boolean>;
  /** Gives it up at once; does nothing when somebody else has it. */
  release(job: string, holder: string): Promise<void>;
}
