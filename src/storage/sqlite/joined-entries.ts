import type { Client } from './connection.ts';

/**
 * Reads the bytes of entries in [from, to), in order, as one value that is cut apart here, so that they share memory. A
 * value for each costs more than twice as much, most of it once they are thrown away.
 */
export function joinedEntries(client: Client): (from: number, to: number) => readonly Uint8Array[] {
  // Joining takes bytes as they are, whatever they would be as text; the order within is that of what is selected from.
  const select = client.prepare<[number, number], { bytes: Uint8Array | null; lengths: string | null }>(
    `select cast(group_concat(bytes, '') as blob) as bytes, group_concat(octet_length(bytes)) as lengths
      from (select bytes from entries where seq >= ? and seq < ? order by seq)`,
  );
  return (from, to) => {
    const { bytes, lengths } = select.get(from, to) ?? nothing;
    if (bytes === null || lengths === null) return [];
    let at = 0;
    return lengths.split(',').map((length) => {
      const begins = at;
      at += Number(length);
      return bytes.subarray(begins, at);
    });
  };
}

const nothing = { bytes: null, lengths: null };
