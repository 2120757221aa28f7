import type { Actor } from '../../domain/actor.ts';
import { digestOfBytes } from '../../domain/digest.ts';
import { Failure } from '../../domain/errors.ts';
import type { Passkey } from '../../domain/events.ts';
import { type FactorId, streams } from '../../domain/ids.ts';
import { personFold } from '../../domain/person/state.ts';
import { base64, fromBase64, fromBase64url } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { CreationOptions, RegistrationAnswer } from '../ports.ts';
import { type PreparedAct, prepareAct } from '../request/prepare-act.ts';
import { type BegunWith, begin, confirmPending, type Enrolled, readPending } from './enrolment.ts';
import type { FactorGiven } from './factor.ts';

const CHALLENGE_BYTES = 32;

export interface BegunPasskey {
  readonly factor: FactorId;
  /** For `navigator.credentials.create()`. */
  readonly options: CreationOptions;
}

/** Makes a challenge for one passkey, kept for a quarter of an hour and good for one confirmation. */
export async function beginPasskey(broker: Broker, actor: Actor, given: BegunWith): Promise<BegunPasskey> {
  const challenge = broker.random.bytes(CHALLENGE_BYTES);
  const factor = await begin(broker, actor, 'passkey-pending', given, base64(challenge));
  const known = await broker.policies.inForceIfAny();
  const options = await broker.passkeys.options({
    challenge,
    person: actor.person,
    label: given.label,
    known: (await heldPasskeys(broker, actor)).map(({ credential }) => credential),
    attestation: known?.policy.passkeys?.attestation ?? 'none',
  });
  return { factor, options };
}

async function heldPasskeys(broker: Broker, { person }: Actor): Promise<readonly Passkey[]> {
  const stream = streams.person(person);
  const { factors } = (await broker.sequencer.read([stream])).state(personFold, stream);
  return Object.values(factors).flatMap(({ passkey }) => passkey ?? []);
}

/** What an older passkey signs for a new one: the new key itself, so that a stranger sees who vouched for it. */
export async function preparePasskey(
  broker: Broker,
  actor: Actor,
  factor: FactorId,
  given: { readonly registration: RegistrationAnswer; readonly factor?: string | undefined },
): Promise<PreparedAct> {
  const { passkey } = await registered(broker, actor, factor, given.registration);
  const digest = keyDigest(broker, passkey);
  return prepareAct(broker, actor, { purpose: 'enrol', about: factor, digest, factor: given.factor });
}

/** The passkey was made; from here on its signatures count. */
export async function confirmPasskey(
  broker: Broker,
  actor: Actor,
  factor: FactorId,
  given: { readonly registration: RegistrationAnswer } & FactorGiven,
): Promise<Enrolled> {
  const shownAtMs = broker.clock.nowMs();
  const { pending, passkey } = await registered(broker, actor, factor, given.registration);
  if ((await heldPasskeys(broker, actor)).some(({ credential }) => credential === passkey.credential))
    throw new Failure('conflict', 'You have this very passkey already.', {
      mend: 'Use another authenticator for a further one.',
    });
  const confirmation = { kind: 'passkey', passkey, keyDigest: keyDigest(broker, passkey) } as const;
  return confirmPending(broker, actor, {
    factor,
    pending,
    kind: 'passkey-pending',
    shownAtMs,
    confirmation: () => confirmation,
    confirmationStreams: [],
    kept: [],
    given,
  });
}

const keyDigest = (broker: Broker, { public_key }: Passkey): string =>
  digestOfBytes(broker.hasher, fromBase64url(public_key));

async function registered(broker: Broker, actor: Actor, factor: FactorId, answer: RegistrationAnswer) {
  const pending = await readPending(broker, actor, 'passkey-pending', factor);
  const passkey = await broker.passkeys.register(answer, fromBase64(pending.secret));
  if (passkey !== undefined) return { pending, passkey };
  throw new Failure(
    'factor-wrong',
    'That passkey was not made for this enrolment, at this page, by a verified person with a key that is known here.',
    { mend: 'Begin again in the browser; unlock the authenticator with its PIN, finger or face.' },
  );
}
