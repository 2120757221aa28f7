import type { Statement } from './events.ts';

/** A statement that nobody signed for five minutes is made anew, over what stands then. */
export const STATEMENT_LIFETIME_MS = 300_000;

/** What every statement ends with, held against what is true: the log it pins and the time it is good for. */
export interface FrameContext {
  readonly statement: Pick<Statement, 'log' | 'expires_at_ms'>;
  readonly origin: string;
  /** The log's root at the statement's size is the one it names. */
  readonly logFits: boolean;
  readonly nowMs: number;
}

/** Which part of the frame does not hold; undefined: all of it does. */
export function frameMisfit({ statement, origin, logFits, nowMs }: FrameContext): string | undefined {
  if (statement.log.origin !== origin || !logFits) return 'log';
  if (statement.expires_at_ms <= nowMs) return 'it has expired';
  return statement.expires_at_ms > nowMs + STATEMENT_LIFETIME_MS ? 'it would be valid too long' : undefined;
}
