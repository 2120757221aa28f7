import { Failure } from '../domain/errors.ts';

const TIMEOUT_MS = 5_000;
const MOST_BYTES = 1_000_000;
const LOOPBACK_HOSTS = ['127.0.0.1', '[::1]', 'localhost'];

export interface GuardedCall {
  readonly method?: string;
  readonly headers?: HeadersInit;
  readonly body?: BodyInit | null | undefined;
  readonly signal?: AbortSignal | undefined;
}
export type GuardedFetch = (url: string, call?: GuardedCall) => Promise<Response>;

/** Who may be called on behalf of one configured issuer. */
export interface Guard {
  /** As the operator wrote it. */
  readonly issuer: string;
  /**
   * Whether the operator allowed plain HTTP, which is then bound to loopback and to the issuer's own
   * origin.
   */
  readonly allow_http_loopback: boolean;
}

/**
 * `fetch` for what an issuer's documents name: https only (or the issuer's own loopback origin), to no
 * address that only we can reach but the issuer's own, without following redirects, within 5 s and 1 MB.
 * The returned function throws Failure `identity-provider-unavailable`.
 */
export function guardedFetch(guard: Guard): GuardedFetch {
  return async (url, call = {}) => {
    const target = allowedUrl(guard, url);
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
    try {
      const response = await fetch(target, {
        method: call.method ?? 'GET',
        ...(call.headers === undefined ? {} : { headers: call.headers }),
        ...(call.body === undefined ? {} : { body: call.body }),
        redirect: 'manual',
        signal,
      });
      return await bounded(guard, response);
    } catch (cause) {
      throw cause instanceof Failure ? cause : unavailable(guard, 'did not answer', cause);
    }
  };
}

/** The URL, when a call for this issuer may go there. @throws Failure `identity-provider-unavailable` */
export function allowedUrl(guard: Guard, url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  const issuer = new URL(guard.issuer);
  if (target === undefined || target.username !== '' || target.password !== '') {
    throw unavailable(guard, 'names an address that is none');
  }
  if (target.protocol === 'http:') {
    const isOwnLoopback = target.origin === issuer.origin && LOOPBACK_HOSTS.includes(target.hostname);
    if (guard.allow_http_loopback && isOwnLoopback) return target;
    throw unavailable(guard, 'names an address without TLS');
  }
  if (target.protocol !== 'https:') throw unavailable(guard, 'names an address without TLS');
  if (target.hostname !== issuer.hostname && isLocalOrLiteral(target.hostname)) {
    throw unavailable(guard, 'names an address on the inside');
  }
  return target;
}

/**
 * Host names that need no DNS, or never leave the machine or its network: no provider serves its people
 * there.
 */
function isLocalOrLiteral(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  const isLiteral = name.startsWith('[') || /^[0-9.]+$/.test(name);
  return isLiteral || !name.includes('.') || /\.(?:localhost|local|internal|home\.arpa)$/.test(name);
}

async function bounded(guard: Guard, response: Response): Promise<Response> {
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw unavailable(guard, 'answered with a redirect');
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MOST_BYTES) throw unavailable(guard, `answered with more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  const { status, headers } = response;
  // 204, 205 and 304 may not carry a body, not even an empty one.
  return new Response(length === 0 ? null : Buffer.concat(chunks), { status, headers });
}

export function unavailable(guard: Pick<Guard, 'issuer'>, what: string, cause?: unknown): Failure {
  return new Failure('identity-provider-unavailable', `the identity provider ${guard.issuer} ${what}`, {
    cause,
  });
}
