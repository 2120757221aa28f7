import { Failure } from '../../domain/errors.ts';
import { streams } from '../../domain/ids.ts';
import { isSignedIn, personFold, signInFold } from '../../domain/person/state.ts';
import type { Broker } from '../broker.ts';
import type { SignedIn } from '../identity-ports.ts';
import type { WithoutProvider } from './cached-membership.ts';
import { endSignInItself } from './end-sign-in.ts';
import { type Human, recogniseSignedIn } from './recognise.ts';
import { findWebSignIn, replaceCookie, rewriteWebSignIn, type WebSignIn } from './web-sign-in-rows.ts';

/** A browser at rest for this long is signed out. */
export const DEFAULT_IDLE_MS = 60 * 60_000;
/** How exact the rest is measured: a page that is looked at often is not written down each time. */
const SEEN_EVERY_MS = 60_000;

export interface WebVisitor extends Human {
  readonly web: WebSignIn;
}

/**
 * A person by their browser's cookie. Whether the sign-in still stands is asked of the log each minute, and each
 * decision asks it anyway.
 * @returns undefined: nobody is signed in by this cookie
 * @throws Failure `not-signed-in` when the provider no longer vouches, `identity-provider-unavailable`
 */
export async function recogniseWebSignIn(
  broker: Broker,
  cookie: string,
  call: {
    readonly address: string | null;
    readonly withoutProvider: WithoutProvider;
    readonly idleMs: number;
  },
): Promise<WebVisitor | undefined> {
  const web = await livingWebSignIn(broker, cookie, call.idleMs);
  if (web === undefined) return undefined;
  try {
    return { ...(await recogniseSignedIn(broker, web.signedIn, call)), web };
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-signed-in') await endEmergency(broker, web.signedIn);
    throw error;
  }
}

/** Whoever makes the provider silent a second time must sign in a second time: what an answer ended stays ended. */
async function endEmergency(broker: Broker, signedIn: SignedIn): Promise<void> {
  const stream = streams.signIn(signedIn.signIn);
  const { way } = (await broker.sequencer.read([stream])).state(signInFold, stream);
  if (way === 'passkey') await endSignInItself(broker, signedIn, 'outage-over');
}

/** Without asking the provider: for signing out, which works whoever is down. */
export async function livingWebSignIn(
  broker: Broker,
  cookie: string,
  idleMs: number,
): Promise<WebSignIn | undefined> {
  const found = await findWebSignIn(broker, cookie);
  if (found === undefined) return undefined;
  const restedMs = broker.clock.nowMs() - found.seenAtMs;
  if (restedMs >= idleMs) {
    await endSignInItself(broker, found.signedIn, 'idle');
    return undefined;
  }
  // A clock that stepped back makes the rest negative: look again.
  if (found.isSpent || (restedMs >= 0 && restedMs < SEEN_EVERY_MS)) return found;
  return seenNow(broker, cookie, found);
}

async function seenNow(broker: Broker, cookie: string, found: WebSignIn): Promise<WebSignIn | undefined> {
  const { person, signIn } = found.signedIn;
  const nowMs = broker.clock.nowMs();
  const view = await broker.sequencer.read([streams.signIn(signIn), streams.person(person)]);
  const state = view.state(signInFold, streams.signIn(signIn));
  const owner = view.state(personFold, streams.person(person));
  if (state.person !== person || !isSignedIn(state, owner, nowMs)) {
    await endSignInItself(broker, found.signedIn, 'idle');
    return undefined;
  }
  const seen = { ...found, seenAtMs: nowMs };
  // Replaced, or ended, in between: ask again what stands now.
  return (await rewriteWebSignIn(broker, cookie, seen)) ? seen : findWebSignIn(broker, cookie);
}

/**
 * After a step for which something was shown or written: who got hold of the cookie before it does not have the next.
 * @returns undefined: the cookie was replaced, or ended, before
 */
export const nextCookie = (broker: Broker, cookie: string, web: WebSignIn): Promise<string | undefined> =>
  web.isSpent ? Promise.resolve(undefined) : replaceCookie(broker, cookie, web);
