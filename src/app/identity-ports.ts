import type { PersonId, SignInId } from '../domain/ids.ts';
import type { Attachment, SecretChange } from './store.ts';

/** What the command line gives when it begins to sign in; the answer goes back to its own loopback address only. */
export interface CliCallback {
  readonly redirect_uri: string;
  readonly code_challenge: string;
  readonly state: string;
  readonly dpop_jkt: string;
}

/** Where the provider's answer leads; kept on our side from the beginning on, so that no link can change it. */
export type SignInDestination =
  | ({ readonly kind: 'command-line' } & CliCallback)
  | {
      readonly kind: 'browser';
      /** A path of our own, for after the sign-in. */
      readonly returnTo: string;
      /** SHA-256 (hexadecimal) of what the browser that began it keeps in a cookie. */
      readonly browser: string;
    }
  | {
      readonly kind: 'device';
      /** The ask of the machine without a browser: id of its row. */
      readonly device: string;
      readonly browser: string;
    };

/** What an identity provider vouched for, verified. Its texts are bounded, and untrusted when shown. */
export interface SignInFacts {
  /** Name of the configured issuer. */
  readonly issuer: string;
  readonly issuerUrl: string;
  readonly subject: string;
  readonly groups: readonly string[];
  readonly claimsAtMs: number;
  readonly displayName: string | null;
  readonly authTimeMs: number | null;
  readonly acr: string | null;
  readonly idToken: string;
  readonly keySet: Attachment;
}

export interface SignInName {
  readonly signIn: SignInId;
  readonly person: PersonId;
  /** When it ends, milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Groups in the provider's own words, and when it told them. */
export interface ToldClaims {
  readonly groups: readonly string[];
  readonly claimsAtMs: number;
}

/** OIDC providers, of which the broker is a client. Adapter: identity/oidc.ts */
export interface IdentityProviders {
  readonly names: readonly string[];
  beginSignIn(ask: {
    readonly issuer: string;
    readonly redirectUri: string;
    /** For a command line; untrusted, checked there. */
    readonly cli?: unknown;
    /** For anything else. */
    readonly goesTo?: Exclude<SignInDestination, { kind: 'command-line' }>;
  }): Promise<{ readonly url: string; readonly secrets: readonly SecretChange[] }>;
  /** @param answer.browser as in `SignInDestination`, of the browser that came back; null, or left out: it has no such cookie */
  finishSignIn(answer: { readonly currentUrl: string; readonly browser?: string | null }): Promise<{
    readonly facts: SignInFacts;
    readonly goesTo: SignInDestination;
    /** Rows with the provider's tokens, and those by which it finds the sign-in again when it ends it. */
    keep(name: SignInName): readonly SecretChange[];
  }>;
  /**
   * Where a browser goes to end its sign-in at the provider too (OpenID Connect RP-Initiated Logout 1.0).
   * @returns undefined: the provider has no such place, does not answer, or the sign-in is over
   */
  endSessionUrl(name: SignInName, issuer: string, returnTo: string): Promise<string | undefined>;
  /**
   * Whom a provider's logout token (OpenID Connect Back-Channel Logout 1.0) signs out; each token counts once.
   * @throws Failure `not-signed-in` for a token that is not to be believed, `identity-provider-unavailable`
   */
  signedOutAtProvider(logoutToken: string): Promise<readonly SignInName[]>;
  refreshClaims(name: SignInName): Promise<ToldClaims>;
  /**
   * What one more sign-in may rest on while the person's provider does not answer: what it told last, in another one.
   * @throws Failure `not-signed-in` when it told nothing of late, or answers
   */
  standIn(
    name: SignInName,
  ): Promise<ToldClaims & { readonly issuer: string; readonly secrets: readonly SecretChange[] }>;
  /** What was told last, without asking anew; undefined: the sign-in has ended, or the provider took it back. */
  lastClaims(name: SignInName): Promise<ToldClaims | undefined>;
}

/** A sign-in that tokens of ours stand for. */
export interface SignedIn extends SignInName {
  /** Name of the configured issuer. */
  readonly issuer: string;
  /** RFC 7638 thumbprint of the key that every token of it is bound to; a browser's: a digest of its first cookie. */
  readonly keyThumbprint: string;
  readonly mayOnlyAsk: boolean;
}

/** What a client is handed; kept nowhere in the clear. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly accessTokenSeconds: number;
  readonly signedIn: SignedIn;
}

/** One HTTP call with its `DPoP` header; `url` is made from the configured public address. */
export interface ProvenCall {
  /** The `DPoP` header, untrusted. */
  readonly proof: string;
  readonly method: string;
  readonly url: string;
}

/**
 * Our own short-lived tokens. Adapter: identity/access-tokens.ts
 *
 * Every function but `issueCode`, `endSignIn`, `forget` and `forgetPerson` throws Failure `not-signed-in` or
 * `too-many-requests`.
 */
export interface AccessTokens {
  /**
   * A one-time code for 60 s. It works once `secrets` are stored: in the commit that records the sign-in.
   * @param codeChallenge base64url of the SHA-256 of the client's PKCE verifier (RFC 7636, S256)
   */
  issueCode(
    signedIn: SignedIn,
    codeChallenge: string,
  ): { readonly code: string; readonly secrets: readonly SecretChange[] };
  /** Any attempt spends the code. */
  redeemCode(call: ProvenCall & { readonly code: string; readonly codeVerifier: string }): Promise<Tokens>;
  /** The old refresh token is spent; showing a spent one ends the whole sign-in (RFC 9700 §4.14.2). */
  refresh(call: ProvenCall & { readonly refreshToken: string }): Promise<Tokens>;
  authenticate(call: ProvenCall & { readonly accessToken: string }): Promise<SignedIn>;
  /**
   * Deletions that end every token of a sign-in: for the commit that records the signing out; then call
   * `forget`.
   */
  endSignIn(person: PersonId, signIn: SignInId): Promise<readonly SecretChange[]>;
  /** Sign-ins of a person that have tokens of ours and have not run out. */
  livingOf(person: PersonId): Promise<readonly SignedIn[]>;
  /** Drops what this process remembers of a sign-in; other brokers notice within 5 s. */
  forget(signIn: SignInId): void;
  /** The same for every sign-in of a person. */
  forgetPerson(person: PersonId): void;
}

/** Tokens of configured workload issuers, verified. Adapter: identity/workload.ts */
export type AuthenticateWorkload = (
  token: string,
  nowMs: number,
) => Promise<{
  readonly issuer: string;
  readonly issuerUrl: string;
  readonly subject: string;
  /** Seconds since 1970, as in the token. */
  readonly issuedAt: number;
  readonly keyId: string | null;
}>;

/** Names a person or a workload by issuer and subject; see identity/person-id.ts. */
export type NamePerson = (kind: 'human' | 'workload', issuerUrl: string, subject: string) => PersonId;
