const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Milliseconds since 1970 in an id of the form `x-` and a ULID; NaN when it is none. */
export function ulidTimeMs(id: string): number {
  if (id.length !== 28) return Number.NaN;
  let time = 0;
  for (let at = 2; at < 12; at++) {
    const digit = DIGITS.indexOf(id.charAt(at));
    if (digit < 0) return Number.NaN;
    time = time * 32 + digit;
  }
  return time;
}
