import { base64url } from '../../log/bytes.ts';
import type { PasskeyKey } from './verify-signature.ts';

/** RFC 9052 §7, RFC 9053 §7: labels of a COSE_Key, and the values this audit knows. */
const label = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2 } as const;
const kty = { okp: 1, ec2: 2, rsa: 3 } as const;
const crv = { p256: 1, ed25519: 6 } as const;

export const algorithm = { edDsa: -8, es256: -7, rs256: -257 } as const;

/**
 * The key in these bytes; undefined: they are no COSE_Key with this algorithm, or not in the one spelling of CBOR that
 * CTAP2 prescribes. Nothing is guessed: an auditor must not see another key in them than the broker did.
 */
export function readCoseKey(bytes: Uint8Array, wanted: number): PasskeyKey | undefined {
  const map = readMap(bytes);
  if (map === undefined || map.get(label.alg) !== wanted) return undefined;
  switch (wanted) {
    case algorithm.es256:
      return map.get(label.kty) === kty.ec2 && map.get(label.crv) === crv.p256 && map.size === 5
        ? withCoordinates(map.get(label.x), map.get(label.y))
        : undefined;
    case algorithm.edDsa: {
      const x = map.get(label.x);
      const isEd25519 =
        map.get(label.kty) === kty.okp && map.get(label.crv) === crv.ed25519 && map.size === 4;
      return isEd25519 && isBytes(x, 32) ? { kty: 'OKP', crv: 'Ed25519', x: base64url(x) } : undefined;
    }
    case algorithm.rs256: {
      const [n, e] = [map.get(label.n), map.get(label.e)];
      const isRsa = map.get(label.kty) === kty.rsa && map.size === 4;
      // 2,048 to 4,096 bits.
      return isRsa && n instanceof Uint8Array && e instanceof Uint8Array && n.length >= 256 && n.length <= 512
        ? { kty: 'RSA', n: base64url(n), e: base64url(e) }
        : undefined;
    }
    default:
      return undefined;
  }
}

function withCoordinates(x: Value | undefined, y: Value | undefined): PasskeyKey | undefined {
  return isBytes(x, 32) && isBytes(y, 32)
    ? { kty: 'EC', crv: 'P-256', x: base64url(x), y: base64url(y) }
    : undefined;
}

const isBytes = (value: Value | undefined, length: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length === length;

type Value = number | Uint8Array;

/** RFC 8949, of which a key needs this much: one definite map from integers to integers and byte strings, and no more. */
function readMap(bytes: Uint8Array): ReadonlyMap<number, Value> | undefined {
  const reader = { bytes, at: 0 };
  const head = readHead(reader);
  if (head?.major !== 5 || head.value > 16) return undefined;
  const map = new Map<number, Value>();
  for (let count = 0; count < head.value; count++) {
    const key = readValue(reader);
    const value = readValue(reader);
    if (typeof key !== 'number' || value === undefined || map.has(key)) return undefined;
    map.set(key, value);
  }
  return reader.at === bytes.length ? map : undefined;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function readValue(reader: Reader): Value | undefined {
  const head = readHead(reader);
  if (head?.major === 0) return head.value;
  if (head?.major === 1) return -1 - head.value;
  if (head?.major !== 2 || reader.at + head.value > reader.bytes.length) return undefined;
  const from = reader.at;
  reader.at += head.value;
  return reader.bytes.slice(from, reader.at);
}

/** Major type and argument, in the shortest form (§4.2.1), up to 65,535: more is no part of a key. */
function readHead(reader: Reader): { readonly major: number; readonly value: number } | undefined {
  const first = reader.bytes[reader.at++];
  if (first === undefined) return undefined;
  const major = first >> 5;
  const short = first & 0x1f;
  if (short < 24) return { major, value: short };
  if (short > 25) return undefined;
  const [high, low] =
    short === 24 ? [0, reader.bytes[reader.at++]] : [reader.bytes[reader.at++], reader.bytes[reader.at++]];
  if (high === undefined || low === undefined) return undefined;
  const value = high * 256 + low;
  return value < (short === 24 ? 24 : 256) ? undefined : { major, value };
}
