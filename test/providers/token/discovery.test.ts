import { describe, expect, it } from 'vitest';
import { checkedIssuer, discoveryDocument, discoveryPath } from '../../../src/providers/token/discovery.ts';

describe('discovery of the grant issuer', () => {
  it('says what RFC 8414 requires, and offers no authorization', () => {
    const issuer = 'https://broker.example/grants';
    expect(discoveryDocument(issuer, issuer)).toEqual({
      issuer,
      jwks_uri: `${issuer}/jwks.json`,
      introspection_endpoint: `${issuer}/introspect`,
      introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
      response_types_supported: [],
      grant_types_supported: [],
    });
  });

  it('is found between host and path of the issuer', () => {
    expect(discoveryPath('https://broker.example/grants')).toBe(
      '/.well-known/oauth-authorization-server/grants',
    );
    expect(discoveryPath('https://broker.example')).toBe('/.well-known/oauth-authorization-server');
  });

  it('allows plain http on this machine only', () => {
    expect(checkedIssuer('http://127.0.0.1:8080/grants')).toBe('http://127.0.0.1:8080/grants');
    expect(() => checkedIssuer('http://broker.example/grants')).toThrow(TypeError);
  });

  it.each([
    'https://broker.example/grants/',
    'https://broker.example/grants?x=1',
    'https://broker.example/grants#x',
    'https://broker.example/grants?',
    'https://user@broker.example/grants',
    'https://BROKER.example/grants',
    'https://broker.example/a/../grants',
    'broker.example',
    '',
    'javascript:alert(1)',
  ])('refuses %j as an issuer', (issuer) => {
    expect(() => checkedIssuer(issuer)).toThrow(TypeError);
  });
});
