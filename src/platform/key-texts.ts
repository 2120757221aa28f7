import { createPrivateKey } from 'node:crypto';
import type { JWK } from 'jose';
import { z } from 'zod';
import { Failure } from '../domain/errors.ts';
import type { SealingKey } from './sealer.ts';

/**
 * Every private key of a broker. Each was made by itself: none is derived from another, so none opens
 * another.
 */
export interface BrokerKeys {
  /** PKCS #8 of the Ed25519 key that signs checkpoints. */
  readonly logPem: string;
  /** Private keys of grant tokens, the current one first. */
  readonly grantTokenKeys: readonly JWK[];
  /** The current one first. */
  readonly sealingKeys: readonly SealingKey[];
  /** 32 bytes, for `personId`. */
  readonly personKey: Uint8Array;
}

export type KeyKind = 'log' | 'grantTokens' | 'sealing' | 'person';
export const keyKinds: readonly KeyKind[] = ['log', 'grantTokens', 'sealing', 'person'];

export const KEY_BYTES = 32;

const bytes32 = z
  .base64url()
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64url')))
  .refine((key) => key.length === KEY_BYTES, `must be ${KEY_BYTES} bytes in base64url`);
const sealing = z.array(z.strictObject({ id: z.string(), key: bytes32 })).min(1);
const grantTokens = z
  .array(z.looseObject({ kty: z.string(), kid: z.string().min(1), d: z.string().min(1) }))
  .min(1);
const ed25519Pem = z.string().refine((text) => createPrivateKey(text).asymmetricKeyType === 'ed25519');

/**
 * The keys out of their texts, as the key files hold them.
 * @param nameOf where each text came from, for what is said of a damaged one
 * @throws Failure `internal`, without a word of the text
 */
export function readKeyTexts(
  texts: Readonly<Record<KeyKind, string>>,
  nameOf: (kind: KeyKind) => string,
): BrokerKeys {
  return {
    logPem: parse(nameOf('log'), ed25519Pem, () => texts.log),
    grantTokenKeys: parse(nameOf('grantTokens'), grantTokens, () => JSON.parse(texts.grantTokens)),
    sealingKeys: parse(nameOf('sealing'), sealing, () => JSON.parse(texts.sealing)),
    personKey: parse(nameOf('person'), bytes32, () => texts.person.trimEnd()),
  };
}

function parse<Value>(name: string, schema: z.ZodType<Value>, read: () => unknown): Value {
  try {
    return schema.parse(read());
  } catch {
    // Neither the parser's message nor its cause goes on: both may quote the key.
    throw new Failure('internal', `${name} is damaged`, { mend: 'Restore it from your backup of the keys.' });
  }
}
