import { type PersonId, type SignInId, streams } from '../../domain/ids.ts';
import { isSignedIn, personFold, type SignInState, signInFold } from '../../domain/person/state.ts';
import type { Broker } from '../broker.ts';
import { webSignInsOf } from '../person/web-sign-in-rows.ts';
import { personalTexts } from '../personal-text.ts';
import { iso, isoOrNull } from './time.ts';

/** One place where somebody is signed in. Address and program are what was seen at the beginning. */
export interface SignInView {
  readonly sign_in: SignInId;
  readonly way: SignInState['way'];
  readonly may: 'everything' | 'ask';
  readonly issuer: string;
  readonly expires_at: string;
  /** To the minute; null: not told of command lines. */
  readonly seen_at: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  /** It is the one that asks. */
  readonly is_this: boolean;
}

/** Everywhere a person is signed in, newest first: as the rows say, and the log confirms. */
export async function signInsView(
  broker: Broker,
  person: PersonId,
  asking: SignInId | null,
): Promise<readonly SignInView[]> {
  const [tokens, browsers] = await Promise.all([
    broker.accessTokens.livingOf(person),
    webSignInsOf(broker, person),
  ]);
  const rows = [
    ...tokens.map((signedIn) => ({ signedIn, seenAtMs: null })),
    ...browsers.map(({ signedIn, seenAtMs }) => ({ signedIn, seenAtMs })),
  ];
  const names = rows.map(({ signedIn }) => streams.signIn(signedIn.signIn));
  const view = await broker.sequencer.read([...names, streams.person(person)]);
  const owner = view.state(personFold, streams.person(person));
  const nowMs = broker.clock.nowMs();
  const living = rows
    .map((row) => ({ ...row, state: view.state(signInFold, streams.signIn(row.signedIn.signIn)) }))
    .filter(({ state }) => state.person === person && isSignedIn(state, owner, nowMs))
    .toSorted((a, b) => b.state.beganSeq - a.state.beganSeq);
  const text = await personalTexts(
    broker,
    living.map(({ state }) => state.beganSeq),
  );
  return living.map(({ signedIn, seenAtMs, state }) => ({
    sign_in: signedIn.signIn,
    way: state.way,
    may: state.mayOnlyAsk ? 'ask' : 'everything',
    issuer: signedIn.issuer,
    expires_at: iso(state.expiresAtMs),
    seen_at: isoOrNull(seenAtMs),
    address: text(state.beganSeq, 'address'),
    user_agent: text(state.beganSeq, 'user_agent'),
    is_this: signedIn.signIn === asking,
  }));
}
