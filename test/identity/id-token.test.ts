import { createRemoteJWKSet, customFetch, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { verifyIdToken } from '../../src/identity/id-token.ts';
import { issuerDefaults } from '../../src/identity/issuer-config.ts';
import { failsWith } from './fails-with.ts';

// What is looked at here is looked at by the OpenID library as well: each has to hold alone.

const ISSUER = 'https://id.example.com';
const NOW_MS = Date.UTC(2026, 4, 4, 8);
const NOW = NOW_MS / 1000;
const { publicKey, privateKey } = await generateKeyPair('ES256');
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] };
const keys = createRemoteJWKSet(new URL(`${ISSUER}/jwks`), {
  [customFetch]: async () => Response.json(jwks),
});
const config = {
  ...issuerDefaults,
  name: 'corp',
  issuer: ISSUER,
  client_id: 'countersign',
  allow_http_loopback: false,
};
const context = { accessToken: 'a', nonce: 'n', isRenewal: false, nowMs: NOW_MS };

const good = { iss: ISSUER, aud: 'countersign', sub: 'ada', iat: NOW, exp: NOW + 300, nonce: 'n' };
const verified = async (claims: JWTPayload) => {
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(privateKey);
  return verifyIdToken({ config, keys }, token, context);
};

test('an ID token of this issuer, for us, in its time, names somebody', async () => {
  expect((await verified(good)).sub).toBe('ada');
});

test.each<readonly [string, Readonly<Record<string, unknown>>]>([
  ['of another issuer', { iss: 'https://evil.example' }],
  ['for another client', { aud: 'somebody-else' }],
  ['whose time is over', { iat: NOW - 600, exp: NOW - 31 }],
  ['of no end', { exp: undefined }],
  ['whose time has not come', { nbf: NOW + 31 }],
  ['from the future', { iat: NOW + 31 }],
  ['for another sign-in', { nonce: 'other' }],
  ['that names nobody', { sub: '' }],
])('one %s is not believed', async (_, claims) => {
  await failsWith('not-signed-in', () => verified({ ...good, ...claims }));
});
