import type { By } from '../../domain/actor.ts';
import { draft } from '../../domain/draft.ts';
import { Failure } from '../../domain/errors.ts';
import { type PersonId, streams } from '../../domain/ids.ts';
import { signingInRules } from '../../domain/person/signing-in.ts';
import { isSignedIn, personFold, signInFold } from '../../domain/person/state.ts';
import { refuse } from '../../domain/refusal.ts';
import { type Broken, firstBroken } from '../../domain/rule.ts';
import { base64, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { brokerItself } from '../grant/revoke-at-provider.ts';
import { leftStreams, whoLeft } from '../grant/who-left.ts';
import type { SignedIn, SignInDestination, SignInFacts, Tokens } from '../identity-ports.ts';
import { humansOf } from '../policy/policy-in-force.ts';
import { deletionsOfSignIn } from './end-sign-in.ts';
import { refusalStreams, refusalsState } from './factor.ts';
import { handOver } from './hand-over-sign-in.ts';

/** Where to send the browser of somebody who wants to sign in a command line. */
export const beginSignIn = (
  broker: Broker,
  ask: { readonly issuer: string | undefined; readonly cli: unknown },
): Promise<string> => begin(broker, ask.issuer, { cli: ask.cli });

/** The same for whatever the browser itself is to be signed in to. */
export const beginSignInTo = (
  broker: Broker,
  issuer: string | undefined,
  goesTo: Exclude<SignInDestination, { kind: 'command-line' }>,
): Promise<string> => begin(broker, issuer, { goesTo });

async function begin(
  broker: Broker,
  wanted: string | undefined,
  what: Pick<Parameters<Broker['identityProviders']['beginSignIn']>[0], 'cli' | 'goesTo'>,
): Promise<string> {
  const issuer = wanted ?? broker.identityProviders.names[0] ?? '';
  const redirectUri = `${broker.publicUrl}/v1/sign-in/callback`;
  const { url, secrets } = await broker.identityProviders.beginSignIn({ issuer, redirectUri, ...what });
  await broker.store.secrets.put(secrets);
  return url;
}

interface Answer {
  readonly currentUrl: string;
  /** Digest of what the browser has kept since the beginning; null, or left out: nothing. */
  readonly browser?: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Where the browser goes now, and the cookie that signs it in; null: something else was signed in. */
export interface SignedInBrowser {
  readonly location: string;
  readonly cookie: string | null;
}

/**
 * The provider's answer becomes an entry, and what it was begun for: a one-time code for the loopback address of a
 * command line, a cookie, or tokens that a device may fetch. The provider's own tokens stay here, sealed; nothing that
 * it issued is ever accepted by our API.
 */
export async function finishSignIn(broker: Broker, answer: Answer): Promise<SignedInBrowser> {
  const { currentUrl, browser = null } = answer;
  const { facts, goesTo, keep } = await broker.identityProviders.finishSignIn({ currentUrl, browser });
  const nowMs = broker.clock.nowMs();
  const person = broker.namePerson('human', facts.issuerUrl, facts.subject);
  const name = { signIn: `i-${broker.random.ulid(nowMs)}`, person } as const;
  const handed = await handOver(broker, goesTo, { ...name, issuer: facts.issuer }, nowMs);
  const { signedIn } = handed;
  const humans = humansOf(await broker.policies.inForceIfAny());
  const left = leftStreams(humans, [person]);
  const broken = (view: View) =>
    firstBroken(signingInRules, { actor: { person }, peopleWhoLeft: whoLeft(view, humans, [person]) });
  const before = broken(await broker.sequencer.read(left));
  if (before !== undefined) await refuseLeaver(broker, person, before);
  await broker.sequencer.submit({
    by: { kind: 'human', person, sign_in: name.signIn, claims_at_ms: facts.claimsAtMs } satisfies By,
    streams: [streams.signIn(name.signIn), ...left],
    factsAtMs: nowMs,
    decide(view) {
      const now = broken(view);
      if (now !== undefined) throw new Failure('refused-by-rule', now.because, { rule: now.rule });
      return {
        events: [authenticated(broker, { signedIn, way: goesTo.kind }, facts, answer)],
        attachments: [facts.keySet],
        secrets: [...handed.secrets, ...keep(signedIn)],
        result: () => undefined,
      };
    },
  });
  return { location: handed.location, cookie: handed.cookie };
}

/** That somebody who left comes back to the door is worth an entry, like every no; it is the broker's, who let nobody in. */
async function refuseLeaver(broker: Broker, person: PersonId, broken: Broken): Promise<void> {
  const nowMs = broker.clock.nowMs();
  await broker.sequencer.submit({
    by: brokerItself(broker),
    streams: refusalStreams(person, nowMs),
    factsAtMs: null,
    decide(view, decidedAtMs) {
      const refusals = refusalsState(view, person, decidedAtMs);
      const attempt = { actor: { person }, attempted: 'sign-in', about: null } as const;
      return {
        ...refuse({ ...attempt, refusals, nowMs: decidedAtMs }, broken),
        result: () => undefined,
      };
    },
  });
}

function authenticated(
  broker: Broker,
  { signedIn, way }: { readonly signedIn: SignedIn; readonly way: SignInDestination['kind'] },
  facts: SignInFacts,
  { address, userAgent }: { readonly address: string | null; readonly userAgent: string | null },
) {
  const entry = draft(
    'countersign.person.authenticated.v1',
    streams.signIn(signedIn.signIn),
    signedIn.person,
    {
      sign_in: signedIn.signIn,
      person: signedIn.person,
      issuer: facts.issuer,
      groups: [...facts.groups],
      auth_time_ms: facts.authTimeMs,
      acr: facts.acr,
      key_set_digest: facts.keySet.digest,
      key_thumbprint: signedIn.keyThumbprint,
      expires_at_ms: signedIn.expiresAtMs,
      way,
      may: signedIn.mayOnlyAsk ? 'ask' : 'everything',
      proof: null,
    },
    {
      subject: facts.subject,
      display_name: facts.displayName,
      address,
      user_agent: userAgent?.slice(0, 300) ?? null,
      id_token: facts.idToken,
    },
  );
  // The log commits to the token itself, so that shown later it makes the groups the provider's word. Until its `exp`
  // somebody could use it elsewhere, so what is kept is sealed.
  return { ...entry, kept: { id_token: sealedText(broker, signedIn.person, facts.idToken) } };
}

function sealedText(broker: Broker, person: string, text: string): string {
  return base64(broker.sealer.seal(utf8(text), `id-token\n${person}`));
}

/** A one-time code for the first tokens of a sign-in. */
export async function redeemCode(
  broker: Broker,
  call: Parameters<Broker['accessTokens']['redeemCode']>[0],
): Promise<Tokens> {
  return tokensOfLiving(broker, await broker.accessTokens.redeemCode(call));
}

/** A refresh token for the next ones. */
export async function refreshTokens(
  broker: Broker,
  call: Parameters<Broker['accessTokens']['refresh']>[0],
): Promise<Tokens> {
  return tokensOfLiving(broker, await broker.accessTokens.refresh(call));
}

/** The store says which tokens there are, the log which sign-ins: one that the log ended gets no further ones. */
async function tokensOfLiving(broker: Broker, tokens: Tokens): Promise<Tokens> {
  const { person, signIn } = tokens.signedIn;
  const view = await broker.sequencer.read([streams.signIn(signIn), streams.person(person)]);
  const state = view.state(signInFold, streams.signIn(signIn));
  const owner = view.state(personFold, streams.person(person));
  if (state.person === person && isSignedIn(state, owner, broker.clock.nowMs())) return tokens;
  await broker.store.secrets.put(await deletionsOfSignIn(broker, person, signIn));
  broker.accessTokens.forget(signIn);
  throw new Failure('not-signed-in', 'This sign-in has ended.', { mend: 'countersign login' });
}
