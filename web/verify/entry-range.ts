/** Entries as they come over the network: each after its length in 16 bits, big-endian, as in a C2SP entry bundle. */

/** One by one, so that a fault is found before the bytes behind it. They share the answer's memory. Throws RangeError. */
export function* entriesIn(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + view.getUint16(at);
    if (end > bytes.length) throw new RangeError('The answer ends within an entry.');
    yield bytes.subarray(at + 2, end);
    at = end;
  }
}
