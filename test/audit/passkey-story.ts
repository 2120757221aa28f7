import { digestOf } from '../../src/audit/digest-of.ts';
import { type Draft, draft } from '../../src/domain/draft.ts';
import type { Act, EventBody, Passkey, PasskeyProof } from '../../src/domain/events.ts';
import { streams } from '../../src/domain/ids.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import {
  type Authenticator,
  challengeOf,
  type Lies,
  SECURITY_KEY,
  softwareAuthenticator,
} from '../passkey/software-authenticator.ts';
import type { Person, Request, Story } from './build-log.ts';
import type { Tamper } from './write-log.ts';

const HOUR_MS = 3_600_000;

/** Somebody's passkey in a story, with the counter its authenticator has come to. */
export interface HeldPasskey {
  readonly factor: string;
  readonly authenticator: Authenticator;
  readonly passkey: Passkey;
}

/** A passkey on the word of a code that is shown for it. */
export function enrolPasskey(
  s: Story,
  who: Person,
  how: { readonly counts?: boolean; readonly passkey?: Partial<Passkey>; readonly tamper?: Tamper } = {},
): HeldPasskey {
  const by = s.actor(who);
  const factor = `f-${s.writer.ulid()}`;
  const authenticator = softwareAuthenticator({ counts: how.counts === true });
  const passkey: Passkey = {
    credential: authenticator.credential,
    public_key: authenticator.publicKey,
    algorithm: -7,
    aaguid: SECURITY_KEY,
    rp_id: 'broker.example',
    origin: 'https://broker.example',
    backup_eligible: false,
    backed_up: false,
    counter: 0,
    attestation_format: 'none',
    attestation_digest: `sha256:${'7'.repeat(64)}`,
    attestation_root: null,
    ...how.passkey,
  };
  const shown = s.show(who, 'enrol', factor);
  const body = {
    person: who.id,
    factor,
    factor_kind: 'passkey',
    passkey,
    means: 'factor',
    enrolment_code: null,
    voucher: null,
    recovery_codes: 10,
    proof: shown.proof,
  } as const;
  const stream = streams.person(who.id);
  const enrolled = draft('countersign.factor.enrolled.v1', stream, who.id, body, { label: null });
  s.commit(by, [shown.used, enrolled], how.tamper);
  return { factor, authenticator, passkey };
}

export interface Forgery extends Lies {
  /** What is signed in the place of the statement's digest. */
  readonly over?: string;
  readonly proof?: Partial<PasskeyProof>;
  readonly used?: Partial<Extract<Draft, { type: 'countersign.factor.used.v1' }>['body']>;
}

/** A review that is signed with a passkey, truly or not. */
export const reviewSigned = (
  s: Story,
  who: Person,
  request: Request,
  held: HeldPasskey,
  forgery: Forgery = {},
): void =>
  s.review(who, request, {
    tamper: (drafts) => drafts.map((one) => signedDraft(one, drafts, held, forgery)),
  });

/** The same draft, of a command that a passkey carries. */
function signedDraft(one: Draft, drafts: readonly Draft[], held: HeldPasskey, forgery: Forgery): Draft {
  const reviewed = drafts.find((other) => other.type === 'countersign.request.reviewed.v1');
  if (reviewed?.type !== 'countersign.request.reviewed.v1') throw new Error('there is no review to sign');
  const statement = { ...reviewed.body.statement, factor: held.factor };
  const digest = digestOf(nodeHasher, statement) ?? '';
  const assertion = held.authenticator.get(challengeOf(forgery.over ?? digest), forgery);
  const { nonce } = statement;
  if (one.type === 'countersign.request.reviewed.v1') {
    const proof: PasskeyProof = {
      kind: 'passkey',
      factor: held.factor,
      ...assertion,
      nonce,
      act: null,
      proved_at_ms: one.body.proof.proved_at_ms,
      ...forgery.proof,
    };
    return { ...one, body: { ...one.body, statement, statement_digest: digest, proof } };
  }
  if (one.type !== 'countersign.factor.used.v1') return one;
  const body = {
    ...one.body,
    factor: held.factor,
    step: null,
    nonce,
    counter: forgery.counter ?? 0,
    about: digest,
  };
  return { ...one, stream: streams.passkeyUse(held.factor), body: { ...body, ...forgery.used } };
}

type Authenticated = EventBody<'countersign.person.authenticated.v1'>;

export interface ForgedSignIn extends Forgery {
  readonly act?: Partial<Act>;
  readonly body?: Partial<Authenticated>;
  /** How long before it the identity provider had told of them. */
  readonly claimsAgeMs?: number;
}

/** Somebody comes by a passkey alone, as in an outage of the identity provider; what they do next is done in it. */
export function signInAlone(s: Story, who: Person, held: HeldPasskey, forgery: ForgedSignIn = {}): void {
  const { clock, log, ulid } = s.writer;
  who.signIn = `i-${ulid()}`;
  who.signedInUntilMs = clock.nowMs + HOUR_MS;
  const nonce = Buffer.from(ulid().padEnd(32)).toString('base64');
  const unknownYet = { person: null, factor: null } as const;
  const page = held.passkey.origin;
  const pinned = { nonce, expires_at_ms: clock.nowMs + 200_000, log: log() };
  const act: Act = {
    purpose: 'sign-in',
    about: page,
    digest: null,
    ...unknownYet,
    ...pinned,
    ...forgery.act,
  };
  const signed = digestOf(nodeHasher, act) ?? '';
  const proof: PasskeyProof = {
    kind: 'passkey',
    factor: held.factor,
    ...held.authenticator.get(challengeOf(forgery.over ?? signed), forgery),
    nonce,
    act,
    proved_at_ms: clock.nowMs,
    ...forgery.proof,
  };
  const authenticated: Authenticated = {
    sign_in: who.signIn,
    person: who.id,
    issuer: 'corp',
    groups: [...who.groups],
    auth_time_ms: null,
    acr: null,
    key_set_digest: null,
    key_thumbprint: who.key,
    expires_at_ms: who.signedInUntilMs,
    way: 'passkey',
    may: 'everything',
    proof,
    ...forgery.body,
  };
  const shown = { step: null, nonce, counter: forgery.counter ?? 0 } as const;
  const purpose = 'sign-in' as const;
  const used = { person: who.id, factor: held.factor, ...shown, purpose, about: page, ...forgery.used };
  const personal = { subject: null, display_name: null, address: null, user_agent: null, id_token: null };
  const claims_at_ms = clock.nowMs - (forgery.claimsAgeMs ?? HOUR_MS);
  s.commit({ kind: 'human', person: who.id, sign_in: who.signIn, claims_at_ms }, [
    draft('countersign.person.authenticated.v1', streams.signIn(who.signIn), who.id, authenticated, personal),
    draft('countersign.factor.used.v1', streams.passkeyUse(held.factor), who.id, used),
  ]);
}
