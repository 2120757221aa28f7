import type { Actor } from '../../domain/actor.ts';
import type { FactorId } from '../../domain/ids.ts';
import type { ShownCode } from '../../domain/person/show-factor.ts';
import { base64, fromBase64 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import { type BegunWith, begin, confirmPending, type Enrolled, readPending } from './enrolment.ts';
import { type FactorGiven, factorStates, factorStreams, seedPurpose } from './factor.ts';

/** Shown once; an authenticator takes either form. */
export interface BegunEnrolment {
  readonly factor: FactorId;
  readonly otpauth_uri: string;
  readonly secret: string;
}

/** Makes a seed that counts for nothing until it is confirmed. */
export async function beginEnrolment(
  broker: Broker,
  actor: Actor,
  given: BegunWith,
): Promise<BegunEnrolment> {
  const seed = broker.authenticator.newSeed();
  const factor = await begin(broker, actor, 'totp-seed-pending', given, base64(seed));
  const otpauth = broker.authenticator.uri(given.label, seed);
  return { factor, otpauth_uri: otpauth, secret: broker.authenticator.text(seed) };
}

/** The authenticator shows that it has the seed; from here on its codes count. */
export async function confirmEnrolment(
  broker: Broker,
  actor: Actor,
  factor: FactorId,
  given: { readonly code: string } & FactorGiven,
): Promise<Enrolled> {
  const nowMs = broker.clock.nowMs();
  const pending = await readPending(broker, actor, 'totp-seed-pending', factor);
  const seed = fromBase64(pending.secret);
  const match = broker.authenticator.match({ seed, code: given.code, nowMs });
  const shown: ShownCode | { kind: 'wrong' } =
    match === undefined ? { kind: 'wrong' } : { kind: 'right', factor, step: match.step };
  const { person } = actor;
  const value = broker.sealer.seal(seed, seedPurpose(person, factor));
  return confirmPending(broker, actor, {
    factor,
    pending,
    kind: 'totp-seed-pending',
    shownAtMs: nowMs,
    confirmation: (view, atMs) => ({
      kind: 'totp',
      shown,
      states: factorStates(view, person, shown, atMs),
    }),
    confirmationStreams: factorStreams(person, shown, nowMs),
    // The seed takes its place in the commit that says so.
    kept: [{ id: factor, person, kind: 'totp-seed', value, expiresAtMs: null }],
    given,
  });
}
