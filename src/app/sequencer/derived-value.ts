import { hex } from '../../log/bytes.ts';
import type { Tile } from '../../log/tile.ts';
import type { DerivedValue, RowChange, StateRow } from '../store.ts';

/** One spelling for derived rows, so that stored and rebuilt ones compare as texts. */
export function tileValue(tile: Tile): DerivedValue {
  return { kind: 'tile', key: `${tile.level}/${tile.n}`, value: hex(tile.hashes) };
}

export function streamValue(row: StateRow): DerivedValue {
  return { kind: 'stream', key: row.stream, value: JSON.stringify([row.version, row.dueAtMs, row.state]) };
}

/** Columns by name, so that the order an object was made in does not matter. */
export function rowValue(table: string, key: string, row: NonNullable<RowChange['row']>): DerivedValue {
  const columns = Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));
  return { kind: table, key, value: JSON.stringify(columns) };
}
