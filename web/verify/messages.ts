import type { Fault, RangeOptions, RangeResult } from '../../src/log/verify-range.ts';

/** What the page asks of the worker that verifies. */
export interface VerifyRequest {
  readonly ask: 'verify';
  /** Signed checkpoints that the auditor kept or pasted. */
  readonly held: readonly string[];
  /** The log's key as the auditor knows it (C2SP verifier key); null: whatever the log says of itself. */
  readonly logKey: string | null;
  /** The auditor's own log policy file; null: none. */
  readonly policy: string | null;
  /** Whether decisions are judged too, or bytes, chain, tree and signature only. */
  readonly judges: boolean;
  /** Threads that check ranges, beside the one that joins and judges. */
  readonly threads: number;
  /** The visitor's clock. */
  readonly nowMs: number;
}

/** What that worker asks of those that check one range of entries after the other. */
export interface RangeRequest {
  readonly ask: 'range';
  /** To hash with: compiled once for all threads. */
  readonly program: WebAssembly.Module;
  readonly first: number;
  readonly options: Omit<RangeOptions, 'leafTile' | 'onGood'>;
  readonly wantsEntries: boolean;
}

/** Up to 256 entries that were found good. */
export interface GoodTile {
  /** Each entry after its length, as they came. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** 32 bytes for each. */
  readonly leafHashes: Uint8Array<ArrayBuffer>;
}

export interface RangeAnswer {
  readonly result: RangeResult;
  /** None when nobody wants them, or one of the range is at fault. */
  readonly tiles: readonly GoodTile[];
  /** Milliseconds spent checking: not those spent waiting for the bytes. */
  readonly checkingMs: number;
}

/** What the page is told. */
export type VerifyNews =
  | { readonly tell: 'progress'; readonly done: number; readonly size: number }
  | { readonly tell: 'report'; readonly report: VerifyReport }
  | { readonly tell: 'failure'; readonly why: string };

export interface VerifyReport {
  /** The verdicts, in the very words of `countersign log verify`. */
  readonly text: string;
  readonly origin: string;
  readonly size: number;
  readonly isFaultless: boolean;
  readonly isIntact: boolean;
  /** The first entry whose bytes, chain or tree do not fit. */
  readonly fault: Fault | undefined;
  /** The first entry whose decision was wrong. */
  readonly atFault: number | undefined;
  /** The signed checkpoint that was checked, to be kept. */
  readonly checkpoint: string;
  readonly logKey: string;
  /** From the question to the verdicts. */
  readonly wholeMs: number;
  /** The longest that one thread was busy checking bytes, chain and tree. */
  readonly checkingMs: number;
}
