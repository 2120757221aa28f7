import type { By } from '../../domain/actor.ts';
import { draft } from '../../domain/draft.ts';
import type { StoredData } from '../../domain/events.ts';
import { type PersonId, type SignInId, streams } from '../../domain/ids.ts';
import { isSignedIn, personFold, signInFold } from '../../domain/person/state.ts';
import type { Broker } from '../broker.ts';
import { brokerItself } from '../grant/revoke-at-provider.ts';
import type { SignInName } from '../identity-ports.ts';
import type { SecretChange } from '../store.ts';
import { webDeletionsOf } from './web-sign-in-rows.ts';

export type Cause = StoredData<'countersign.person.signed-out.v1'>['cause'];

/** Deletions of all that one sign-in has: tokens of ours, the browser's cookies, what we hold of the provider's. */
export async function deletionsOfSignIn(
  broker: Broker,
  person: PersonId,
  signIn: SignInId,
): Promise<readonly SecretChange[]> {
  const [tokens, cookies] = await Promise.all([
    broker.accessTokens.endSignIn(person, signIn),
    webDeletionsOf(broker, person, signIn),
  ]);
  return [...tokens, ...cookies];
}

/** Ends a sign-in everywhere, and says in the log why. Of one that is over already, only what is left is deleted. */
export async function endSignIn(
  broker: Broker,
  name: Pick<SignInName, 'person' | 'signIn'>,
  how: { readonly cause: Cause; readonly by: By },
): Promise<void> {
  const { person, signIn } = name;
  const secrets = await deletionsOfSignIn(broker, person, signIn);
  const stream = streams.signIn(signIn);
  const wasSignedIn = await broker.sequencer.submit({
    by: how.by,
    streams: [stream, streams.person(person)],
    factsAtMs: null,
    decide(view, nowMs) {
      // Of two sign-outs at once the second has nothing left to end, nor has one after a leaving or a reset.
      const owner = view.state(personFold, streams.person(person));
      if (!isSignedIn(view.state(signInFold, stream), owner, nowMs))
        return { events: [], result: () => false };
      const body = { sign_in: signIn, person, cause: how.cause };
      const events = [draft('countersign.person.signed-out.v1', stream, person, body)];
      return { events, secrets, result: () => true };
    },
  });
  if (!wasSignedIn && secrets.length > 0) await broker.store.secrets.put(secrets);
  broker.accessTokens.forget(signIn);
}

/** Somebody signs out. */
export const signOut = (broker: Broker, { person, signIn }: SignInName): Promise<void> =>
  endSignIn(broker, { person, signIn }, { cause: 'person', by: bySignIn(broker, person, signIn) });

/** Why nobody did it themselves: the broker writes it. */
export const endSignInItself = (
  broker: Broker,
  name: Pick<SignInName, 'person' | 'signIn'>,
  cause: Exclude<Cause, 'person'>,
): Promise<void> => endSignIn(broker, name, { cause, by: brokerItself(broker) });

/** A provider's word that somebody signed out there; see `signedOutAtProvider`. */
export async function signOutAsProviderSays(broker: Broker, logoutToken: string): Promise<void> {
  for (const name of await broker.identityProviders.signedOutAtProvider(logoutToken)) {
    await endSignInItself(broker, name, 'identity-provider');
  }
}

export const bySignIn = (broker: Broker, person: PersonId, signIn: SignInId): By => ({
  kind: 'human',
  person,
  sign_in: signIn,
  claims_at_ms: broker.clock.nowMs(),
});
