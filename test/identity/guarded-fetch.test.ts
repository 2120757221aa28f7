import { expect, test } from 'vitest';
import { allowedUrl } from '../../src/identity/guarded-fetch.ts';
import { failsWith } from './fails-with.ts';

const remote = { issuer: 'https://login.example.com/tenant', allow_http_loopback: false };
const inside = { issuer: 'https://10.1.2.3/realm', allow_http_loopback: false };
const loopback = { issuer: 'http://127.0.0.1:4000', allow_http_loopback: true };

test.each([
  [remote, 'https://login.example.com/keys'],
  [remote, 'https://login.example.com:8443/keys'],
  [remote, 'https://oauth2.example.net/userinfo?x=1'],
  [inside, 'https://10.1.2.3/keys'],
  [{ ...inside, issuer: 'https://keycloak/realm' }, 'https://keycloak/keys'],
  [loopback, 'http://127.0.0.1:4000/keys'],
  [loopback, 'https://login.example.com/keys'],
])('for $issuer, %j may be called', (guard, url) => {
  expect(allowedUrl(guard, url).href).toBe(url);
});

test.each([
  [remote, 'http://login.example.com/keys'],
  [{ ...remote, allow_http_loopback: true }, 'http://login.example.com/keys'],
  [{ issuer: 'http://login.example.com', allow_http_loopback: true }, 'http://login.example.com/keys'],
  [{ ...remote, allow_http_loopback: true }, 'http://127.0.0.1:4000/keys'],
  [loopback, 'http://127.0.0.1:4001/keys'],
  [loopback, 'http://localhost:4000/keys'],
  [loopback, 'http://127.0.0.1.example.com:4000/keys'],
  [{ ...loopback, allow_http_loopback: false }, 'http://127.0.0.1:4000/keys'],
  [loopback, 'https://127.0.0.2/keys'],
  [remote, 'https://127.0.0.1/keys'],
  [remote, 'https://2130706433/keys'],
  [remote, 'https://0x7f.1/keys'],
  [remote, 'https://127.0.0.1./keys'],
  [remote, 'https://[::1]/keys'],
  [remote, 'https://[::ffff:127.0.0.1]/keys'],
  [remote, 'https://169.254.169.254/latest/meta-data'],
  [remote, 'https://192.168.0.1/keys'],
  [remote, 'https://localhost/keys'],
  [remote, 'https://localhost./keys'],
  [remote, 'https://metadata/keys'],
  [remote, 'https://metadata.google.internal/keys'],
  [remote, 'https://metadata.google.internal./keys'],
  [remote, 'https://printer.local/keys'],
  [remote, 'https://a:b@login.example.com/keys'],
  [remote, 'ftp://login.example.com/keys'],
  [remote, 'file:///etc/passwd'],
  [remote, '/keys'],
  [remote, ''],
])('for $issuer, %j may not be called', async (guard, url) => {
  await failsWith('identity-provider-unavailable', () => allowedUrl(guard, url));
});
