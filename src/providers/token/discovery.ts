/**
 * The issuer's metadata (RFC 8414 §2). It offers no authorization: tokens come from opening a session alone,
 * so both required lists are empty. It is not an OpenID configuration, and should not be served as one:
 * clouds would federate with it.
 * @param issuer as in the tokens' `iss`
 * @param base URL under which `/jwks.json` and `/introspect` are served; no slash at its end
 */
export function discoveryDocument(issuer: string, base: string) {
  return {
    issuer: checkedIssuer(issuer),
    jwks_uri: `${base}/jwks.json`,
    introspection_endpoint: `${base}/introspect`,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
    response_types_supported: [],
    grant_types_supported: [],
  };
}

/** Path of the document: the well-known name goes between host and the issuer's own path (RFC 8414 §3.1). */
export function discoveryPath(issuer: string): string {
  const { pathname } = new URL(checkedIssuer(issuer));
  return `/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`;
}

/**
 * The issuer unchanged. Plain http is for this machine only.
 * @throws TypeError unless it is an https URL in its shortest spelling, without query, fragment, user or
 * slash at its end
 */
export function checkedIssuer(issuer: string): string {
  const url = URL.parse(issuer);
  const isPlain = url !== null && (url.href === issuer || url.href === `${issuer}/`) && !issuer.endsWith('/');
  const isBare = url !== null && !/[?#@]/.test(issuer);
  const isPrivate = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!isPlain || !isBare || !isPrivate) throw new TypeError('the grant issuer must be a plain https URL');
  return issuer;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}
