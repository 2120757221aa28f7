import { z } from 'zod';
import { Failure } from '../../domain/errors.ts';
import { matchPhrase, matchPhraseInput } from '../../domain/match-phrase.ts';
import { base64url, fromUtf8, hex, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { ProvenCall, SignedIn, Tokens } from '../identity-ports.ts';
import type { SecretChange } from '../store.ts';

const ASK_LIVES_MS = 10 * 60_000;
const POLL_SECONDS = 5;
const DEVICE_CODE = /^cd_[A-Za-z0-9_-]{43}$/;
/** RFC 8628 §6.1: no vowels, so no words; nothing that is read as a digit. 34 bits. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const CODE_LETTERS = 8;

const stored = z.strictObject({
  user_code: z.string(),
  key_thumbprint: z.string(),
  /** RFC 7636, S256, of the device code itself: what is handed over fits nobody else. */
  code_challenge: z.string(),
  address: z.string().nullable(),
  user_agent: z.string().nullable(),
  asked_at_ms: z.int(),
  /** Who said in a browser that the machine is theirs. */
  confirmed_by: z.string().nullable(),
  /** The one-time code of the sign-in that came of it. */
  code: z.string().nullable(),
});
type Stored = z.infer<typeof stored>;

/** What a machine without a browser is told (RFC 8628 §3.2). */
export interface DeviceAsk {
  readonly deviceCode: string;
  /** In two groups, as a person types it. */
  readonly userCode: string;
  readonly expiresInSeconds: number;
  readonly pollSeconds: number;
}

/** A machine asks to be signed in by somebody's browser elsewhere. Nothing is anybody's yet, so nothing is recorded. */
export async function askForDevice(
  broker: Broker,
  ask: {
    readonly keyThumbprint: string;
    readonly address: string | null;
    readonly userAgent: string | null;
  },
): Promise<DeviceAsk> {
  const deviceCode = `cd_${base64url(broker.random.bytes(32))}`;
  const userCode = newUserCode(broker);
  const nowMs = broker.clock.nowMs();
  const value: Stored = {
    user_code: userCode,
    key_thumbprint: ask.keyThumbprint,
    code_challenge: base64url(broker.hasher.sha256(utf8(deviceCode))),
    address: ask.address,
    user_agent: ask.userAgent?.slice(0, 200) ?? null,
    asked_at_ms: nowMs,
    confirmed_by: null,
    code: null,
  };
  const id = deviceId(broker, deviceCode);
  const toIt = { id: userCodeId(broker, userCode), value: utf8(id) };
  await broker.store.secrets.put([
    rowOf(broker, id, value, nowMs + ASK_LIVES_MS),
    { ...toIt, person: '', kind: 'device-ask', expiresAtMs: nowMs + ASK_LIVES_MS },
  ]);
  return { deviceCode, userCode, expiresInSeconds: ASK_LIVES_MS / 1000, pollSeconds: POLL_SECONDS };
}

/** What somebody looks at before they let a machine in. Address and program are what the machine told: untrusted. */
export interface AskedByDevice {
  readonly device: string;
  readonly userCode: string;
  readonly phrase: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly askedAtMs: number;
  readonly confirmedBy: string | null;
}

/** @throws Failure `not-found`: no such code, or its ten minutes are over */
export async function deviceAskFor(broker: Broker, typed: string): Promise<AskedByDevice> {
  const { id, value } = await findByUserCode(broker, typed);
  const { user_code, key_thumbprint, address, user_agent, asked_at_ms, confirmed_by } = value;
  const digest = broker.hasher.sha256(utf8(matchPhraseInput(user_code, key_thumbprint)));
  return {
    device: id,
    userCode: user_code,
    phrase: matchPhrase(digest),
    address,
    userAgent: user_agent,
    askedAtMs: asked_at_ms,
    confirmedBy: confirmed_by,
  };
}

/** Somebody says that the machine is theirs. It is signed in once their identity provider has vouched for them anew. */
export async function confirmDevice(broker: Broker, person: string, typed: string): Promise<AskedByDevice> {
  const { id, value, expiresAtMs } = await findByUserCode(broker, typed);
  if (value.confirmed_by !== null && value.confirmed_by !== person) throw unknown();
  const confirmed = rowOf(broker, id, { ...value, confirmed_by: person }, expiresAtMs);
  if ((await broker.store.secrets.take('device-ask', id, [confirmed])) === undefined) throw unknown();
  return deviceAskFor(broker, typed);
}

/**
 * The sign-in of a machine that was let in, and what the commit that records it stores.
 * @throws Failure `not-signed-in`: nobody, or somebody else, said that the machine is theirs
 */
export async function approvedDevice(
  broker: Broker,
  device: string,
  named: Omit<SignedIn, 'keyThumbprint' | 'mayOnlyAsk'>,
): Promise<{ readonly signedIn: SignedIn; readonly secrets: readonly SecretChange[] }> {
  const found = await findRow(broker, device);
  if (found === undefined) throw unknown();
  const { value, expiresAtMs } = found;
  if (value.confirmed_by !== named.person || value.code !== null) {
    throw new Failure(
      'not-signed-in',
      'This machine was confirmed by somebody else, or is signed in already.',
      {
        mend: 'Begin again on that machine: `countersign login --device`.',
      },
    );
  }
  const signedIn = { ...named, keyThumbprint: value.key_thumbprint, mayOnlyAsk: true };
  const { code, secrets } = broker.accessTokens.issueCode(signedIn, value.code_challenge);
  return { signedIn, secrets: [...secrets, rowOf(broker, device, { ...value, code }, expiresAtMs)] };
}

/**
 * What a machine that waits is answered (RFC 8628 §3.4, §3.5).
 * @throws Failure `not-signed-in`: what was handed over fits another key, or was fetched too late
 */
export async function redeemDevice(
  broker: Broker,
  call: ProvenCall & { readonly deviceCode: string },
): Promise<Tokens | 'authorization_pending' | 'expired_token'> {
  if (!DEVICE_CODE.test(call.deviceCode)) return 'expired_token';
  const id = deviceId(broker, call.deviceCode);
  const found = await findRow(broker, id);
  if (found === undefined) return 'expired_token';
  if (found.value.code === null) return 'authorization_pending';
  // Of two that ask at once, one gets it.
  if ((await broker.store.secrets.take('device-ask', id)) === undefined) return 'expired_token';
  const { proof, method, url } = call;
  return broker.accessTokens.redeemCode({
    proof,
    method,
    url,
    code: found.value.code,
    codeVerifier: call.deviceCode,
  });
}

/** As typed: case, blanks and dashes do not count. */
const bareCode = (typed: string): string => typed.toUpperCase().replaceAll(/[\s-]/g, '');

const userCodeId = ({ hasher }: Broker, userCode: string): string =>
  hex(hasher.sha256(utf8(`user-code\n${bareCode(userCode)}`)));
const deviceId = ({ hasher }: Broker, deviceCode: string): string => hex(hasher.sha256(utf8(deviceCode)));

async function findByUserCode(broker: Broker, typed: string) {
  if (!new RegExp(`^[${LETTERS}]{${CODE_LETTERS}}$`).test(bareCode(typed))) throw unknown();
  const toIt = await broker.store.secrets.get('device-ask', userCodeId(broker, typed));
  if (toIt === undefined) throw unknown();
  const id = fromUtf8(toIt.value);
  const found = await findRow(broker, id);
  if (found === undefined || found.value.code !== null) throw unknown();
  return { id, ...found };
}

async function findRow(broker: Broker, id: string) {
  const found = await broker.store.secrets.get('device-ask', id);
  const expiresAtMs = found?.expiresAtMs ?? 0;
  if (found === undefined || expiresAtMs <= broker.clock.nowMs()) return undefined;
  const plain = broker.sealer.open(found.value, purposeOf(id));
  return { value: stored.parse(JSON.parse(fromUtf8(plain))), expiresAtMs };
}

function rowOf(broker: Broker, id: string, value: Stored, expiresAtMs: number): SecretChange {
  const sealed = broker.sealer.seal(utf8(JSON.stringify(value)), purposeOf(id));
  return { id, person: '', kind: 'device-ask', value: sealed, expiresAtMs };
}

const purposeOf = (id: string): string => `device-ask\n${id}`;

/** Bytes that would favour some letters are drawn again. */
function newUserCode({ random }: Pick<Broker, 'random'>): string {
  const fair = 256 - (256 % LETTERS.length);
  let code = '';
  while (code.length < CODE_LETTERS) {
    const [byte = 255] = random.bytes(1);
    if (byte < fair) code += LETTERS.charAt(byte % LETTERS.length);
  }
  return `${code.slice(0, CODE_LETTERS / 2)}-${code.slice(CODE_LETTERS / 2)}`;
}

const unknown = (): Failure =>
  new Failure('not-found', 'No machine waits under this code; a code is good for ten minutes.', {
    mend: 'Type it as the terminal shows it, or begin again there: `countersign login --device`.',
  });
