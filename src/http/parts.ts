import type { Logger } from 'pino';
import type { SignedIn } from '../app/identity-ports.ts';
import type { LogTail } from '../app/sequencer/log-tail.ts';
import type { Actor } from '../domain/actor.ts';
import type { Mistake } from '../domain/errors.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { BuiltAssets } from './assets.ts';

/** What the HTTP face needs beside the broker; filled where everything is wired. */
export interface HttpParts {
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /** What pages are dressed in. */
  readonly assets: BuiltAssets;
  /** Addresses (`10.0.0.1`) and networks (`10.0.0.0/8`) whose `X-Forwarded-For` is believed. Empty: nobody's. */
  readonly trustedProxies: readonly string[];
  readonly grantTokens: {
    /** RFC 7517 set of the keys that grant tokens are checked with. */
    jwks(): object;
    /** RFC 8414 document of the issuer of grant tokens. */
    discovery(): object;
    readonly discoveryPath: string;
    /**
     * RFC 7662.
     * @param authorization the header as it came; empty when there was none
     * @returns undefined when the caller is no target that we know
     */
    introspect(authorization: string, token: string): Promise<object | undefined>;
  };
  /** Parses and lints; `policy` is there only when no mistake is. */
  parsePolicy(
    text: string,
    scopes: Readonly<Record<string, string>>,
  ): Promise<{
    readonly policy: Policy | undefined;
    readonly mistakes: readonly Mistake[];
    /** The catalogue its cloud actions were looked up in; null: it names none. */
    readonly catalogue: string | null;
  }>;
  /** The scope files that a policy text names, by entitlement. */
  namedScopes(text: string): ReadonlyMap<string, string>;
  /** Tells pages that stay open of what comes; whoever runs the server stops it before they close. */
  readonly tail: LogTail;
  /** The cloud's own words for actions, by the action as it is declared. What it has no words for is missing. */
  sayActions(actions: readonly string[]): Promise<ReadonlyMap<string, ActionWords>>;
  /** A browser at rest for this long is signed out. Left out: an hour. */
  readonly browserIdleMs?: number;
  /** Whether a browser may open sessions and is shown their credentials. Left out: it may not. */
  readonly sessionsInBrowsers?: boolean;
  /** Left out: `defaultLimits`. */
  readonly limits?: Partial<Limits>;
}

export interface ActionWords {
  /** As the end of a sentence that begins with who may: “delete objects from a bucket”; for a pattern, of some of them. */
  readonly says: string;
  /** How many actions a pattern stands for. */
  readonly count: number;
}

export interface Limit {
  /** Calls that may come at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * `signIn`, `token` and `introspection` count by address, before anybody is recognised; `calls` by person, and so does
 * `makings`: calls that can leave something behind for good without a code. Left out: its default.
 */
export interface Limits {
  readonly signIn: Limit;
  readonly token: Limit;
  readonly introspection: Limit;
  readonly calls: Limit;
  readonly makings?: Limit;
}

export const defaultLimits: Required<Limits> = {
  signIn: { burst: 60, perSecond: 2 },
  token: { burst: 120, perSecond: 5 },
  introspection: { burst: 4_000, perSecond: 2_000 },
  calls: { burst: 300, perSecond: 50 },
  // 360 in an hour: more than any pipeline asks for, and a log that nobody fills.
  makings: { burst: 600, perSecond: 0.1 },
};

export type Caller =
  | {
      readonly kind: 'human';
      readonly actor: Actor;
      readonly signedIn: SignedIn;
      /** What the forms of this very answer carry for the browser's sign-in; null: they came with a token, not with a cookie. */
      readonly formToken: string | null;
    }
  | { readonly kind: 'workload'; readonly actor: Actor };

/** What middleware leaves for the routes. */
export interface HttpEnv {
  /** Of @hono/node-server; elsewhere there is no socket to ask. */
  Bindings: { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } };
  Variables: {
    requestId: string;
    /** Who calls, by address; null when that cannot be told. */
    address: string | null;
    /** There on every route that is not public. */
    caller: Caller;
    /** `sha256:` of the body's bytes. */
    bodyDigest: string;
  };
}
