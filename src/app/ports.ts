import type { Assertion, Passkey, TicketFacts } from '../domain/events.ts';
import type { GrantId, SessionId } from '../domain/ids.ts';
import type { AskedPermission } from '../domain/policy/narrow.ts';
import type { PasskeyDemands, Permission, Target } from '../domain/policy/policy.ts';
import type { JsonObject } from '../log/json.ts';

/** Wall time for the log and monotonic time for measuring; a simulator turns both. */
export interface Clock {
  nowMs(): number;
  /** Never goes back, unaffected by changes of the wall clock; its zero is arbitrary. */
  monotonicMs(): number;
}

export interface Random {
  bytes(count: number): Uint8Array;
  /** 26 characters, sorted by `nowMs`; see https://github.com/ulid/spec */
  ulid(nowMs: number): string;
}

/** What is to be opened: all that a provider may know. */
export interface SessionPlan {
  readonly session: SessionId;
  readonly grant: GrantId;
  readonly person: string;
  readonly role: string;
  readonly targetName: string;
  readonly target: Target;
  readonly scope: readonly Permission[];
  readonly nowMs: number;
  /** The grant's end; credentials never outlive it. */
  readonly endsAtMs: number;
}

/** What will be sent, as it goes into `session.opening`: plain JSON without secrets. */
export interface PreparedSession {
  readonly provider: 'token' | 'aws';
  readonly parameters: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
  readonly earliestEndMs: number;
  readonly endsAtMs: number;
}

export type Credentials =
  | { readonly kind: 'token'; readonly token: string; readonly audience: string }
  | {
      readonly kind: 'aws';
      readonly access_key_id: string;
      readonly secret_access_key: string;
      readonly session_token: string;
      readonly region: string | null;
    };

export type OpenOutcome =
  | {
      readonly outcome: 'opened';
      readonly cloudSession: string;
      readonly providerRequest: string | null;
      readonly expiresAtMs: number;
      readonly packedPolicyPercent: number | null;
      /** Leaves the broker once and is kept nowhere. */
      readonly credentials: Credentials;
    }
  /** The cloud said no: nothing was opened. `mend` is told to the person. */
  | {
      readonly outcome: 'refused';
      readonly reason: string;
      readonly mend: string | null;
      readonly retryable: boolean;
    }
  /** No answer, or one that cannot be believed: a session may exist. */
  | { readonly outcome: 'unknown'; readonly reason: string };

/** A cloud, or what stands for one. Adapters in `providers/`. */
export interface Provider {
  readonly kind: 'token' | 'aws';
  /** Shortest and longest credentials it can issue, seconds. */
  readonly leastSeconds: number;
  readonly mostSeconds: number;
  /** What still works after a revocation, in a sentence for people; null: nothing does. */
  readonly outlivesRevocation: string | null;
  /** How a revocation is carried out, for the log. */
  readonly revocationChannel: string;
  /**
   * Pure: the exact parameters of the call. Throws `Failure` `refused-by-rule` `session-fits-the-provider` when the
   * grant cannot be said in this cloud's words (too long a policy, too short a time).
   */
  prepare(plan: SessionPlan): PreparedSession;
  /**
   * What these parameters let somebody do, read back from them as the cloud will read them; undefined: they cannot be
   * read, or say more than actions on resources. Compared with what was approved before anything is sent.
   */
  scopeOf(prepared: PreparedSession): readonly AskedPermission[] | undefined;
  /** Sends exactly `prepared`. Never throws for what the cloud did; the caller records the outcome. */
  open(prepared: PreparedSession, signal: AbortSignal): Promise<OpenOutcome>;
  /**
   * Ends what can be ended for these sessions of one grant. `confirmed`: nothing issued works from now on at anybody
   * who asks us; `by-expiry`: it ends by itself at the sessions' end.
   */
  revoke(
    grant: GrantId,
    sessions: readonly { session: SessionId; cloudSession: string | null }[],
  ): Promise<'confirmed' | 'by-expiry'>;
}

/** A ticket as its source tells it now. */
export interface TicketSnapshot {
  readonly facts: TicketFacts;
  readonly ticket: string;
  readonly title: string;
}

export interface TicketSource {
  readonly name: string;
  /**
   * Fresh from the source, never cached.
   * @param person whose part in it is told
   * @param identities every identity of that human: none of them vouches for another
   * @param ticket as typed; anything but the source's own form of a name is `undefined`, never put in a URL
   * @throws Failure `ticket-source-unavailable`
   */
  check(
    ticket: string,
    person: string,
    nowMs: number,
    identities: readonly string[],
  ): Promise<TicketSnapshot | undefined>;
}

/** AEAD under the sealing key; `associated` binds a sealed value to its person and purpose. */
export interface Sealer {
  seal(plain: Uint8Array, associated: string): Uint8Array;
  /** @throws when key or associated data differ, or a bit was changed */
  open(sealed: Uint8Array, associated: string): Uint8Array;
}

/** Codes of an authenticator (RFC 6238). Whether one was used before is not this port's to know. */
export interface AuthenticatorCodes {
  newSeed(): Uint8Array;
  /** What an authenticator reads as a QR code. */
  uri(account: string, seed: Uint8Array): string;
  /** The seed as people type it. */
  text(seed: Uint8Array): string;
  match(attempt: {
    readonly seed: Uint8Array;
    readonly code: string;
    readonly nowMs: number;
  }): { readonly step: number } | undefined;
}

/** What `navigator.credentials.create()` takes, as JSON (WebAuthn §5.1.8). */
export type CreationOptions = JsonObject;

/** What it gives, each as unpadded base64url. Untrusted. */
export interface RegistrationAnswer {
  readonly credential: string;
  readonly client_data: string;
  readonly attestation_object: string;
}

/** Passkeys of this broker's own page (WebAuthn). Adapter: identity/webauthn.ts */
export interface Passkeys {
  /** It is configured whose certificates are believed: an attestation has to lead to one of them. */
  readonly makersAreKnown: boolean;
  options(ask: {
    /** 32 random bytes, for one enrolment. */
    readonly challenge: Uint8Array;
    readonly person: string;
    readonly label: string;
    /** Credentials that the person has already: an authenticator makes no second one. */
    readonly known: readonly string[];
    readonly attestation: PasskeyDemands['attestation'];
  }): Promise<CreationOptions>;
  /** undefined: it was not made for this challenge, at our page, by a person whom their device had made sure of. */
  register(answer: RegistrationAnswer, challenge: Uint8Array): Promise<Passkey | undefined>;
  /**
   * What was signed, `sha256:…`, and what the authenticator has counted; undefined: not by this key, not at our page, in
   * a frame of somebody else's, or without its user having been verified. What the signature is about is not judged here.
   */
  verify(
    assertion: Assertion,
    passkey: Passkey,
  ): Promise<{ readonly challenge: string; readonly counter: number } | undefined>;
}

/** Codes that people carry on paper or hear from a colleague. Only hashes are kept. */
export interface PaperCodes {
  newEnrolmentCode(): { readonly code: string; readonly hash: string };
  newRecoveryCodes(): readonly { readonly code: string; readonly hash: string }[];
  /** undefined: what was typed cannot be such a code. */
  hash(typed: string): string | undefined;
}
