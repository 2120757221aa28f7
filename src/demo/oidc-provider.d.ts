/** The part of oidc-provider 9 that the demo uses; the package brings no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';
  import type { JWK } from 'jose';

  export interface Account {
    readonly accountId: string;
    claims(): Readonly<Record<string, unknown>> & { readonly sub: string };
  }

  export interface Client {
    readonly clientId: string;
  }

  export interface GrantModel {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  export type StoredModel = Readonly<Record<string, unknown>>;

  export interface Adapter {
    upsert(id: string, payload: StoredModel, expiresInSeconds: number): Promise<void>;
    find(id: string): Promise<StoredModel | undefined>;
    findByUid(uid: string): Promise<StoredModel | undefined>;
    findByUserCode(userCode: string): Promise<StoredModel | undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export interface Context {
    type: string;
    body: string;
    readonly oidc: {
      readonly client: Client;
      readonly session: { readonly accountId: string };
      readonly params: { readonly scope?: string };
      readonly result?: { readonly login?: unknown };
      readonly provider: Provider;
    };
  }

  interface Feature {
    readonly enabled: boolean;
    logoutSource?(context: Context, form: string): Promise<void>;
    postLogoutSuccessSource?(context: Context): Promise<void>;
  }

  export interface Settings {
    adapter(model: string): Adapter;
    readonly clients: readonly Readonly<Record<string, unknown>>[];
    readonly jwks: { readonly keys: readonly JWK[] };
    readonly cookies: { readonly keys: readonly string[] };
    readonly claims: Readonly<Record<string, readonly string[]>>;
    readonly scopes: readonly string[];
    readonly conformIdTokenClaims: boolean;
    readonly features: Readonly<Record<string, Feature>>;
    readonly interactions: {
      readonly policy: readonly interactionPolicy.Prompt[];
      url(context: unknown, interaction: { readonly uid: string }): string;
    };
    readonly ttl: Readonly<Record<string, number>>;
    findAccount(context: unknown, id: string): Promise<Account | undefined>;
    fetch(url: string, call: RequestInit): Promise<Response>;
    loadExistingGrant(context: Context): Promise<GrantModel>;
    issueRefreshToken(): Promise<boolean>;
    expiresWithSession(): Promise<boolean>;
    rotateRefreshToken(): boolean;
    renderError(context: Context, out: Readonly<Record<string, string>>): Promise<void>;
  }

  export default class Provider {
    constructor(issuer: string, settings: Settings);
    readonly Grant: new (owner: {
      readonly accountId: string;
      readonly clientId: string;
    }) => GrantModel;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<{ readonly uid: string }>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { readonly login: { readonly accountId: string } },
    ): Promise<void>;
  }

  export namespace interactionPolicy {
    class Check {
      constructor(reason: string, description: string, check: (context: Context) => boolean);
    }
    interface Prompt {
      readonly name: string;
      readonly checks: { add(check: Check): void };
    }
    function base(): Prompt[] & { get(name: string): Prompt | undefined };
  }
}
