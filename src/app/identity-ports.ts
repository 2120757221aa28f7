import type { PersonId, SignInId } from '../domain/ids.ts';
import type { Attachment, SecretChange } from './store.ts';

/** What the command line gives when it begins to sign in; the answer goes back to its own loopback address only. */
export interface CliCallback {
  readonly redirect_uri: string;
  readonly code_challenge: string;
  readonly state: string;
  readonly dpop_jkt: string;
}

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
    /** Untrusted; checked there. */
    readonly cli: unknown;
  }): Promise<{ readonly url: string; readonly secrets: readonly SecretChange[] }>;
  finishSignIn(answer: { readonly currentUrl: string }): Promise<{
    readonly facts: SignInFacts;
    readonly cli: CliCallback;
    keep(name: SignInName): SecretChange;
  }>;
  refreshClaims(name: SignInName): Promise<ToldClaims>;
  /** What was told last, without asking anew; undefined: the sign-in has ended, or the provider took it back. */
  lastClaims(name: SignInName): Promise<ToldClaims | undefined>;
}

/** A sign-in that tokens of ours stand for. */
export interface SignedIn extends SignInName {
  /** Name of the configured issuer. */
  readonly issuer: string;
  /** RFC 7638 thumbprint of the key that every token of it is bound to. */
  readonly keyThumbprint: string;
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
