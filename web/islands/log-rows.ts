import type { FoundInLog, LogRow, LogTable } from '../../src/app/views/log-table.ts';

/** Rows that are fetched together, and how many such blocks are kept: the log is never in memory whole. */
const BLOCK = 100;
const MOST_BLOCKS = 60;

/** Rows by number, fetched in blocks when they are asked for, the oldest asked for forgotten first. */
export function rowSource(onChange: (size: number) => void, onFailure: () => void) {
  const blocks = new Map<number, readonly LogRow[]>();
  const underWay = new Set<number>();

  async function load(block: number): Promise<void> {
    if (underWay.has(block)) return;
    underWay.add(block);
    try {
      const from = block * BLOCK;
      const { rows, size } = await answer<LogTable>(`/log/rows?from=${from}&to=${from + BLOCK}`);
      blocks.set(block, rows);
      for (const oldest of blocks.keys()) {
        if (blocks.size <= MOST_BLOCKS) break;
        blocks.delete(oldest);
      }
      onChange(size);
    } catch {
      onFailure();
    } finally {
      underWay.delete(block);
    }
  }

  return {
    row(seq: number): LogRow | undefined {
      return blocks.get(Math.floor(seq / BLOCK))?.[seq % BLOCK];
    },
    /** Asks for all in [from, to) that is not there yet. */
    want(from: number, to: number): void {
      for (let block = Math.floor(from / BLOCK); block * BLOCK < to; block++) {
        const kept = blocks.get(block);
        if (kept === undefined) void load(block);
        else {
          // Asked for again: it goes to the end of the queue of those to be forgotten.
          blocks.delete(block);
          blocks.set(block, kept);
        }
      }
    },
    /** The log has grown: what was its end is followed by others now. */
    forget(): void {
      blocks.clear();
    },
  };
}

export const findRows = (query: URLSearchParams): Promise<FoundInLog> => answer(`/log/found?${query}`);

async function answer<T>(path: string): Promise<T> {
  const response = await fetch(path, { credentials: 'same-origin', redirect: 'error' });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return (await response.json()) as T; // our own server's, of the same build
}
