import type { Actor } from '../../domain/actor.ts';
import { digestOf } from '../../domain/digest.ts';
import { Failure } from '../../domain/errors.ts';
import type { Act } from '../../domain/events.ts';
import { streams } from '../../domain/ids.ts';
import { personFold } from '../../domain/person/state.ts';
import { own } from '../../domain/policy/own.ts';
import { base64url, fromHex } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { factorToSign } from '../person/factor.ts';
import { statementFrame } from './statement.ts';

/** What is to be signed with a passkey, and its digest, which is the challenge. */
export interface PreparedAct {
  readonly act: Act & { readonly factor: string };
  readonly digest: string;
}

/**
 * What somebody is about to sign, for everything that has no statement of its own. Whether they may do it is decided
 * when they do.
 * @throws Failure `factor-missing`
 */
export async function prepareAct(
  broker: Broker,
  actor: Actor,
  wanted: Pick<Act, 'purpose' | 'about' | 'digest'> & { readonly factor?: string | undefined },
): Promise<PreparedAct> {
  const view = await broker.sequencer.read([streams.person(actor.person)]);
  const { factor = factorToSign(view, actor, 'passkey'), ...done } = wanted;
  const act = { ...done, person: actor.person, factor, ...statementFrame(broker, view) };
  const digest = digestOf(broker.hasher, act);
  if (digest === undefined) throw new Failure('malformed-input', 'What is to be signed is no plain text.');
  return { act, digest };
}

/** What `navigator.credentials.get()` takes, as JSON (WebAuthn §5.1.8). */
export interface SigningOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly allowCredentials: readonly { readonly id: string; readonly type: 'public-key' }[];
  readonly userVerification: 'required';
  readonly timeout: number;
}

const SIGNING_MS = 240_000;

/** How the browser has a statement signed; null: the factor it names is no passkey of theirs, and shows codes. */
export async function signingOptions(
  broker: Broker,
  actor: Actor,
  signed: { readonly factor: string; readonly digest: string },
): Promise<SigningOptions | null> {
  return optionsIn(await broker.sequencer.read([streams.person(actor.person)]), actor, signed);
}

function optionsIn(
  view: View,
  { person }: Actor,
  { factor, digest }: { readonly factor: string; readonly digest: string },
): SigningOptions | null {
  const held = own(view.state(personFold, streams.person(person)).factors, factor);
  if (!held?.passkey) return null;
  return {
    challenge: base64url(fromHex(digest.slice('sha256:'.length))),
    rpId: held.passkey.rp_id,
    allowCredentials: [{ id: held.passkey.credential, type: 'public-key' }],
    userVerification: 'required',
    timeout: SIGNING_MS,
  };
}
