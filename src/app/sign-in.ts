import type { By } from '../domain/actor.ts';
import { draft } from '../domain/draft.ts';
import { Failure } from '../domain/errors.ts';
import { type PersonId, type SignInId, streams } from '../domain/ids.ts';
import { signingInRules } from '../domain/person/signing-in.ts';
import { isSignedIn, personFold, signInFold } from '../domain/person/state.ts';
import { refuse } from '../domain/refusal.ts';
import { type Broken, firstBroken } from '../domain/rule.ts';
import { base64, utf8 } from '../log/bytes.ts';
import type { Broker } from './broker.ts';
import type { View } from './command.ts';
import { refusalStreams, refusalsState } from './factor.ts';
import type { CliCallback, SignedIn, SignInFacts, Tokens } from './identity-ports.ts';
import { humansOf } from './policy-in-force.ts';
import { brokerItself } from './revoke-at-provider.ts';
import { leftStreams, whoLeft } from './who-left.ts';

/** A sign-in ends after this, whatever is done in it. */
const SIGN_IN_LIVES_MS = 12 * 3_600_000;

/** Where to send the browser of somebody who wants to sign in. */
export async function beginSignIn(
  broker: Broker,
  ask: { readonly issuer: string | undefined; readonly cli: unknown },
): Promise<string> {
  const issuer = ask.issuer ?? broker.identityProviders.names[0] ?? '';
  const redirectUri = `${broker.publicUrl}/v1/sign-in/callback`;
  const { url, secrets } = await broker.identityProviders.beginSignIn({ issuer, redirectUri, cli: ask.cli });
  await broker.store.secrets.put(secrets);
  return url;
}

/**
 * The provider's answer becomes an entry, and a one-time code for the loopback address that began it. The provider's
 * own tokens stay here, sealed; nothing that it issued is ever accepted by our API.
 */
export async function finishSignIn(
  broker: Broker,
  answer: { readonly currentUrl: string; readonly address: string | null; readonly userAgent: string | null },
): Promise<string> {
  const { facts, cli, keep } = await broker.identityProviders.finishSignIn({ currentUrl: answer.currentUrl });
  const nowMs = broker.clock.nowMs();
  const signIn: SignInId = `i-${broker.random.ulid(nowMs)}`;
  const person = broker.namePerson('human', facts.issuerUrl, facts.subject);
  const signedIn: SignedIn = {
    signIn,
    person,
    issuer: facts.issuer,
    keyThumbprint: cli.dpop_jkt,
    expiresAtMs: nowMs + SIGN_IN_LIVES_MS,
  };
  const code = broker.accessTokens.issueCode(signedIn, cli.code_challenge);
  const humans = humansOf(await broker.policies.inForceIfAny());
  const left = leftStreams(humans, [person]);
  const broken = (view: View) =>
    firstBroken(signingInRules, { actor: { person }, peopleWhoLeft: whoLeft(view, humans, [person]) });
  const before = broken(await broker.sequencer.read(left));
  if (before !== undefined) await refuseLeaver(broker, person, before);
  await broker.sequencer.submit({
    by: { kind: 'human', person, sign_in: signIn, claims_at_ms: facts.claimsAtMs } satisfies By,
    streams: [streams.signIn(signIn), ...left],
    factsAtMs: nowMs,
    decide(view) {
      const now = broken(view);
      if (now !== undefined) throw new Failure('refused-by-rule', now.because, { rule: now.rule });
      return {
        events: [authenticated(broker, signedIn, facts, answer)],
        attachments: [facts.keySet],
        secrets: [...code.secrets, keep(signedIn)],
        result: () => undefined,
      };
    },
  });
  return loopbackAnswer(cli, code.code);
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
  signedIn: SignedIn,
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

function loopbackAnswer(cli: CliCallback, code: string): string {
  const url = new URL(cli.redirect_uri);
  url.searchParams.set('code', code);
  url.searchParams.set('state', cli.state);
  return url.href;
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
  await broker.store.secrets.put(await broker.accessTokens.endSignIn(person, signIn));
  broker.accessTokens.forget(signIn);
  throw new Failure('not-signed-in', 'This sign-in has ended.', { mend: 'countersign login' });
}

/** Ends a sign-in everywhere: its tokens here, and what we hold of the provider's. */
export async function signOut(broker: Broker, signedIn: SignedIn): Promise<void> {
  const { person, signIn } = signedIn;
  const secrets = await broker.accessTokens.endSignIn(person, signIn);
  const stream = streams.signIn(signIn);
  await broker.sequencer.submit({
    by: { kind: 'human', person, sign_in: signIn, claims_at_ms: broker.clock.nowMs() },
    streams: [stream, streams.person(person)],
    factsAtMs: null,
    decide(view, nowMs) {
      const result = () => undefined;
      // Of two sign-outs at once the second has nothing left to end, nor has one after a leaving or a reset.
      const owner = view.state(personFold, streams.person(person));
      if (!isSignedIn(view.state(signInFold, stream), owner, nowMs)) return { events: [], result };
      const events = [draft('countersign.person.signed-out.v1', stream, person, { sign_in: signIn, person })];
      return { events, secrets, result };
    },
  });
  broker.accessTokens.forget(signIn);
}
