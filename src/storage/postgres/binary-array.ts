export type ColumnType = 'bigint' | 'text' | 'bytea';

/** Types by their numbers in every PostgreSQL (src/include/catalog/pg_type.dat). */
const ELEMENTS: Readonly<Record<ColumnType, number>> = { bigint: 20, text: 25, bytea: 17 };
/** Dimensions, whether there are nulls, type of the elements; then length and lower bound of the one dimension. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const BIGINT_BYTES = 8;
const NULL_LENGTH = -1;
const TWO_TO_THE_32 = 2 ** 32;

/**
 * Values as the server's `array_recv` takes them: neither side spells bytes in hexadecimal or quotes a text, which
 * costs more than the insert. Throws TypeError for a value that is not of the type.
 */
export function binaryArray(type: ColumnType, values: readonly unknown[]): Buffer {
  const lengths = values.map((value) => (value === null ? NULL_LENGTH : lengthOf(type, value)));
  const total = lengths.reduce((sum, length) => sum + LENGTH_BYTES + Math.max(length, 0), HEADER_BYTES);
  const buffer = Buffer.allocUnsafe(total);
  let at = writeHeader(buffer, type, lengths);
  for (const [index, value] of values.entries()) {
    const length = lengths[index] ?? NULL_LENGTH;
    at = buffer.writeInt32BE(length, at);
    if (length === NULL_LENGTH) continue;
    write(buffer, at, type, value);
    at += length;
  }
  return buffer;
}

function writeHeader(buffer: Buffer, type: ColumnType, lengths: readonly number[]): number {
  let at = buffer.writeInt32BE(1, 0);
  at = buffer.writeInt32BE(lengths.includes(NULL_LENGTH) ? 1 : 0, at);
  at = buffer.writeInt32BE(ELEMENTS[type], at);
  at = buffer.writeInt32BE(lengths.length, at);
  return buffer.writeInt32BE(1, at);
}

function lengthOf(type: ColumnType, value: unknown): number {
  if (type === 'bigint' && Number.isSafeInteger(value)) return BIGINT_BYTES;
  if (type === 'text' && typeof value === 'string') return Buffer.byteLength(value);
  if (type === 'bytea' && value instanceof Uint8Array) return value.length;
  throw new TypeError(`a column of ${type} was given ${typeof value}`);
}

function write(buffer: Buffer, at: number, type: ColumnType, value: unknown): void {
  if (value instanceof Uint8Array) buffer.set(value, at);
  else if (typeof value === 'string') buffer.write(value, at);
  else if (typeof value === 'number') writeBigint(buffer, at, value);
  else throw new TypeError(`a column of ${type} was given ${typeof value}`);
}

/** Two's complement in two halves: no BigInt for each number. */
function writeBigint(buffer: Buffer, at: number, value: number): void {
  buffer.writeInt32BE(Math.floor(value / TWO_TO_THE_32), at);
  buffer.writeUInt32BE(value >>> 0, at + BIGINT_BYTES / 2);
}
