import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { beginPasskey, confirmPasskey } from '../app/person/enrol-passkey.ts';
import type { GivenSignature } from '../app/person/factor.ts';
import type { RegistrationAnswer } from '../app/ports.ts';
import { type PreparedAct, prepareAct } from '../app/request/prepare-act.ts';
import type { ActPurpose } from '../domain/events.ts';
import { base64url, concat, fromBase64url, fromHex, utf8 } from '../log/bytes.ts';
import { acting, type Onstage, type Player, type RehearsedPasskey } from './cast.ts';

/** Flags of the authenticator data (WebAuthn §6.1): somebody was present and verified; a new credential follows. */
const SIGNED = 0x05;
const MADE = 0x45;

/** As a first factor, on the word of an administrator. */
export async function enrolPasskey(stage: Onstage, player: Player, enrolmentCode: string): Promise<void> {
  const { broker } = stage;
  const begun = await beginPasskey(broker, acting(stage, player), { label: 'rehearsal', enrolmentCode });
  const { origin } = new URL(broker.publicUrl);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  const registration = registrationOf(id, publicKey, {
    origin,
    challenge: String(begun.options['challenge']),
  });
  await confirmPasskey(broker, acting(stage, player), begun.factor, { registration });
  player.passkey = { key: privateKey, credential: base64url(id), origin, factor: begun.factor };
}

/** An attestation object of the format `none`: CBOR of three fields, and a COSE_Key of ES256 within the last. */
function registrationOf(
  id: Uint8Array,
  publicKey: KeyObject,
  { origin, challenge }: { readonly origin: string; readonly challenge: string },
): RegistrationAnswer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const coseKey = concat(
    fromHex('a5010203262001215820'),
    fromBase64url(x),
    fromHex('225820'),
    fromBase64url(y),
  );
  const data = concat(authenticatorData(origin, MADE), new Uint8Array(16), fromHex('0020'), id, coseKey);
  const attestation = concat(
    fromHex('a363666d74646e6f6e656761747453746d74a068617574684461746158'),
    new Uint8Array([data.length]),
    data,
  );
  return {
    credential: base64url(id),
    client_data: base64url(clientData('webauthn.create', challenge, origin)),
    attestation_object: base64url(attestation),
  };
}

const clientData = (type: string, challenge: string, origin: string): Uint8Array =>
  utf8(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

const authenticatorData = (origin: string, flags: number): Uint8Array =>
  concat(sha256(utf8(new URL(origin).hostname)), new Uint8Array([flags, 0, 0, 0, 0]));

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** The signature of somebody's passkey over a digest `sha256:…`. */
export function signWith({ key, credential, origin }: RehearsedPasskey, digest: string): GivenSignature {
  const client = clientData('webauthn.get', base64url(fromHex(digest.slice('sha256:'.length))), origin);
  const data = authenticatorData(origin, SIGNED);
  const signature = sign('sha256', concat(data, sha256(client)), key);
  return {
    assertion: {
      credential,
      client_data: base64url(client),
      authenticator_data: base64url(data),
      signature: base64url(signature),
    },
  };
}

export const signPrepared = (passkey: RehearsedPasskey, { act, digest }: PreparedAct): GivenSignature => ({
  ...signWith(passkey, digest),
  act,
});

/** Signs for what has no statement of its own. */
export async function signAct(
  { broker }: Onstage,
  { actor }: Player,
  passkey: RehearsedPasskey,
  wanted: { readonly purpose: ActPurpose; readonly about: string },
): Promise<GivenSignature> {
  const { factor } = passkey;
  return signPrepared(passkey, await prepareAct(broker, actor, { ...wanted, digest: null, factor }));
}
