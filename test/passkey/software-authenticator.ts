import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { RegistrationAnswer } from '../../src/app/ports.ts';
import type { Assertion } from '../../src/domain/events.ts';

// An authenticator of the tests' own: real keys, real CBOR, and every lie that a hostile one could tell.

type Algorithm = 'ES256' | 'EdDSA' | 'RS256';

/** What one ceremony does otherwise than it should. */
export interface Lies {
  readonly type?: string;
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly crossOrigin?: unknown;
  readonly topOrigin?: string;
  readonly flags?: number;
  readonly counter?: number;
  /** Signed with somebody else's key. */
  readonly key?: KeyObject;
  readonly credential?: string;
}

export interface Authenticator {
  readonly credential: string;
  /** The COSE_Key, in base64url. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  /** Answers `navigator.credentials.create()`. */
  create(options: unknown, lies?: Lies): RegistrationAnswer;
  /** Answers `navigator.credentials.get()`. */
  get(challenge: string, lies?: Lies): Assertion;
}

export const PRESENT = 0x01;
export const VERIFIED = 0x04;
export const BACKUP_ELIGIBLE = 0x08;
export const BACKED_UP = 0x10;
const HAS_CREDENTIAL = 0x40;

export const SECURITY_KEY = '08987058-cadc-4b81-b6e1-30de50dcbe96';

/** A key of the maker's, and its certificates in DER, its own first; none: it vouches for itself. */
export interface MakersWord {
  readonly key: KeyObject;
  readonly chain: readonly Uint8Array[];
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
const text = (raw: Uint8Array) => Buffer.from(raw).toString('base64url');
const sha256 = (raw: Uint8Array | string) => createHash('sha256').update(raw).digest();

export function softwareAuthenticator(
  made: {
    readonly algorithm?: Algorithm;
    readonly origin?: string;
    readonly aaguid?: string;
    /** Counts its signatures; left out: says 0. */
    readonly counts?: boolean;
    /** On several devices. */
    readonly synced?: boolean;
    /** Whose maker says what it is (WebAuthn §8.2); left out: nobody does. */
    readonly attested?: MakersWord;
  } = {},
): Authenticator {
  const { algorithm = 'ES256', origin = 'https://broker.example', aaguid = SECURITY_KEY } = made;
  const { publicKey, privateKey } = keyPair(algorithm);
  const id = randomBytes(32);
  const backup = made.synced === true ? BACKUP_ELIGIBLE | BACKED_UP : 0;
  let counted = 0;
  const count = () => (made.counts === true ? ++counted : 0);

  const clientData = (type: string, challenge: string, lies: Lies) =>
    Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: lies.crossOrigin ?? false,
        ...(lies.topOrigin === undefined ? {} : { topOrigin: lies.topOrigin }),
      }),
    );
  const authenticatorData = (flags: number, lies: Lies) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.counter ?? count());
    return Buffer.concat([
      sha256(lies.rpId ?? new URL(origin).hostname),
      Buffer.from([lies.flags ?? flags]),
      counter,
    ]);
  };

  return {
    credential: text(id),
    publicKey: text(cbor(coseKey(algorithm, publicKey))),
    privateKey,
    create(options, lies = {}) {
      const { challenge } = options as { challenge: string };
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const data = Buffer.concat([
        authenticatorData(PRESENT | VERIFIED | HAS_CREDENTIAL | backup, lies),
        Buffer.from(aaguid.replaceAll('-', ''), 'hex'),
        length,
        id,
        cbor(coseKey(algorithm, publicKey)),
      ]);
      const client = clientData('webauthn.create', challenge, lies);
      const attestation = cbor(
        new Map<string, Cbor>([
          ['fmt', made.attested === undefined ? 'none' : 'packed'],
          ['attStmt', statementOf(made.attested, Buffer.concat([data, sha256(client)]))],
          ['authData', data],
        ]),
      );
      return {
        credential: lies.credential ?? text(id),
        client_data: text(client),
        attestation_object: text(attestation),
      };
    },
    get(challenge, lies = {}) {
      const client = clientData('webauthn.get', challenge, lies);
      const data = authenticatorData(PRESENT | VERIFIED | backup, lies);
      const message = Buffer.concat([data, sha256(client)]);
      return {
        credential: lies.credential ?? text(id),
        client_data: text(client),
        authenticator_data: text(data),
        signature: text(sign(algorithm === 'EdDSA' ? null : 'sha256', message, lies.key ?? privateKey)),
      };
    },
  };
}

function statementOf(attested: MakersWord | undefined, message: Uint8Array): ReadonlyMap<string, Cbor> {
  if (attested === undefined) return new Map();
  const signed = new Map<string, Cbor>([
    ['alg', -7],
    ['sig', sign('sha256', message, attested.key)],
  ]);
  return attested.chain.length === 0 ? signed : signed.set('x5c', attested.chain);
}

/** The challenge of a statement's digest, as a browser is given it. */
export const challengeOf = (digest: string): string =>
  Buffer.from(digest.slice('sha256:'.length), 'hex').toString('base64url');

function keyPair(algorithm: Algorithm): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return algorithm === 'EdDSA'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
}

type Cbor = number | string | Uint8Array | readonly Cbor[] | ReadonlyMap<number | string, Cbor>;

export function coseKey(algorithm: Algorithm, publicKey: KeyObject): ReadonlyMap<number, Cbor> {
  const { x = '', y = '', n = '', e = '' } = publicKey.export({ format: 'jwk' });
  if (algorithm === 'ES256')
    return new Map<number, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]);
  if (algorithm === 'EdDSA')
    return new Map<number, Cbor>([
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(x)],
    ]);
  return new Map<number, Cbor>([
    [1, 3],
    [3, -257],
    [-1, bytes(n)],
    [-2, bytes(e)],
  ]);
}

const isList = (value: Cbor): value is readonly Cbor[] => Array.isArray(value);

/** RFC 8949, as much of it as an authenticator writes. */
export function cbor(value: Cbor): Uint8Array {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (isList(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
}

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
}
