import type { Actor } from '../../domain/actor.ts';
import { Failure } from '../../domain/errors.ts';
import { CACHED_MEMBERSHIP_SERVES_MS } from '../../domain/request/rules/membership-is-fresh.ts';
import type { Broker } from '../broker.ts';
import type { SignedIn, ToldClaims } from '../identity-ports.ts';

/**
 * What a call may do while its caller's identity provider does not answer. `nothing`: it fails. `act`: it may be part
 * of an emergency, and the rules decide for whom. `see`: it shows somebody the way through theirs, whom the policy
 * names for that case. `stop`: it takes access away, which must never be harder than giving it: what was told within a
 * day serves everybody.
 */
export type WithoutProvider = 'nothing' | 'act' | 'see' | 'stop';

export type Claims = ToldClaims & Pick<Actor, 'membership'>;

/**
 * Groups as told now, or, to stop access and for emergencies alone, as told before.
 * @throws Failure `not-signed-in`, `identity-provider-unavailable`
 */
export async function claimsOf(
  broker: Broker,
  signedIn: SignedIn,
  without: WithoutProvider,
): Promise<Claims> {
  try {
    return { ...(await broker.identityProviders.refreshClaims(signedIn)), membership: 'fresh' };
  } catch (error) {
    const isDown = error instanceof Failure && error.code === 'identity-provider-unavailable';
    if (!isDown || without === 'nothing') throw error;
    const told = await broker.identityProviders.lastClaims(signedIn);
    if (told === undefined) throw error;
    if (without !== 'act' && broker.clock.nowMs() > told.claimsAtMs + CACHED_MEMBERSHIP_SERVES_MS)
      throw error;
    if (without === 'see' && !(await isNamed(broker, signedIn))) throw error;
    return { ...told, membership: 'cached' };
  }
}

async function isNamed(broker: Broker, { person }: SignedIn): Promise<boolean> {
  const known = await broker.policies.inForceIfAny();
  return Object.values(known?.policy.entitlements ?? {}).some(
    ({ break_glass }) =>
      break_glass?.without.includes('identity-provider') === true &&
      break_glass.named?.includes(person) === true,
  );
}

/**
 * Whatever is no emergency waits for the identity provider, and leaves no entry meanwhile.
 * @throws Failure `identity-provider-unavailable`
 */
export function requireFreshMembership(
  { membership }: Pick<Actor, 'membership'>,
  isEmergency: boolean,
): void {
  if (membership === 'fresh' || isEmergency) return;
  throw new Failure(
    'identity-provider-unavailable',
    'Your identity provider does not answer, so your groups cannot be looked up.',
    { mend: 'Try again soon. In an emergency: --break-glass, where the policy names you for it.' },
  );
}
