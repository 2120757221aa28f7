/** One identity provider for people, as the operator wrote it. */
export interface IssuerConfig {
  readonly name: string;
  /** Its `iss`, character by character. */
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret?: string;
  /** `openid` among them. */
  readonly scopes: readonly string[];
  /**
   * Claims of the ID token that name the person for ever: `['sub']`, or `['tid', 'oid']` at Entra; never an
   * e-mail address.
   */
  readonly identity_claim: readonly string[];
  readonly groups_claim: string;
  readonly name_claim: string;
  /** Plain HTTP to the issuer's own loopback address: for demos and tests. */
  readonly allow_http_loopback: boolean;
  /** How old told groups may be before the provider is asked again; 0: asked each time. */
  readonly max_claims_age_seconds: number;
}

/** What stands for a setting that was left out. */
export const issuerDefaults = {
  scopes: ['openid', 'profile', 'groups', 'offline_access'],
  identity_claim: ['sub'],
  groups_claim: 'groups',
  name_claim: 'name',
  allow_http_loopback: false,
  max_claims_age_seconds: 60,
} as const satisfies Partial<IssuerConfig>;
