import { createHash, createHmac } from 'node:crypto';
import type { JWTHeaderParameters } from 'jose';
import { importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IntrospectionCall } from '../../src/providers/introspection.ts';
import {
  clientSecretMatches,
  introspect,
  parseBasicAuthorization,
} from '../../src/providers/introspection.ts';
import type { GrantClaims } from '../../src/providers/token/claims.ts';
import { claimsFromParameters } from '../../src/providers/token/claims.ts';
import type { GrantKeyJwk, GrantKeys } from '../../src/providers/token/keys.ts';
import { generateGrantKey, grantKeys } from '../../src/providers/token/keys.ts';
import { tokenProvider } from '../../src/providers/token.ts';
import { now, tokenPlan } from './plans.ts';

const issuer = 'https://broker.example/grants';
const inactive = { active: false };

describe('introspect', () => {
  let jwk: GrantKeyJwk;
  let keys: GrantKeys;
  let claims: GrantClaims;
  let token: string;
  beforeAll(async () => {
    jwk = await generateGrantKey();
    keys = await grantKeys([jwk]);
    const provider = tokenProvider({ issuer, keys, clock: { nowMs: () => now } });
    claims = claimsFromParameters(provider.prepare(tokenPlan()).parameters).claims;
    token = await keys.sign(keys.currentKid(), claims);
  });

  const ask = (change: Partial<IntrospectionCall> = {}) =>
    introspect({
      token,
      caller: { target: 'orders', audience: 'https://orders.example' },
      issuer,
      keys,
      isLive: async () => true,
      nowMs: now,
      ...change,
    });

  it('tells its own target the claims of a live grant', async () => {
    expect(await ask()).toEqual({ active: true, ...claims });
  });

  it('asks about the grant and session of the token', async () => {
    const asked: string[][] = [];
    await ask({ isLive: async (...ids) => (asked.push(ids), true) });
    expect(asked).toEqual([[claims.grant, claims.session]]);
  });

  it('says no more than inactive once the grant is revoked or ended', async () => {
    expect(await ask({ isLive: async () => false })).toEqual(inactive);
  });

  it('passes on that it could not find out, and answers nothing', async () => {
    await expect(ask({ isLive: () => Promise.reject(new Error('store down')) })).rejects.toThrow(
      'store down',
    );
  });

  it('says no more than inactive to another target, without looking the grant up', async () => {
    const isLive = () => Promise.reject(new Error('looked up'));
    expect(await ask({ caller: { target: 'ledger', audience: 'https://ledger.example' }, isLive })).toEqual(
      inactive,
    );
    expect(await ask({ caller: { target: 'ledger', audience: 'https://orders.example' }, isLive })).toEqual(
      inactive,
    );
    expect(await ask({ caller: { target: 'orders', audience: 'https://ledger.example' }, isLive })).toEqual(
      inactive,
    );
  });

  it('says inactive from the second of expiry on, and before the token begins', async () => {
    expect(await ask({ nowMs: claims.exp * 1000 - 1 })).toMatchObject({ active: true });
    expect(await ask({ nowMs: claims.exp * 1000 })).toEqual(inactive);
    expect(await ask({ nowMs: claims.nbf * 1000 - 1 })).toEqual(inactive);
  });

  it('says inactive for another issuer', async () => {
    expect(await ask({ issuer: 'https://other.example/grants' })).toEqual(inactive);
  });

  it('says inactive for a key that was withdrawn, and for the key set of another issuer', async () => {
    expect(await ask({ keys: { verificationKey: () => undefined } })).toEqual(inactive);
    expect(await ask({ keys: await grantKeys([await generateGrantKey()]) })).toEqual(inactive);
  });

  it("says inactive for a token under our key's name that another key signed", async () => {
    const other = await generateGrantKey();
    expect(await ask({ token: await signed({}, {}, other) })).toEqual(inactive);
    expect(await ask({ token: await signed({}, {}, jwk) })).toMatchObject({ active: true });
  });

  it.each<[string, Record<string, unknown>]>([
    ['an audience in a list', { aud: ['https://orders.example'] }],
    ['a list of two audiences', { aud: ['https://orders.example', 'https://ledger.example'] }],
    ['no expiry', { exp: undefined }],
    ['an expiry in text', { exp: '9999999999' }],
    ['no grant', { grant: undefined }],
    ['a claim too many', { admin: true }],
    ['no permissions', { permissions: [] }],
    ['more than a token of ours can hold', { permissions: [{ action: 'a:b', resource: 'x'.repeat(8_000) }] }],
  ])('says inactive for a rightly signed token with %s', async (_, change) => {
    expect(await ask({ token: await signed(change, {}, jwk) })).toEqual(inactive);
  });

  it.each<[string, Partial<JWTHeaderParameters>]>([
    ['type JWT', { typ: 'JWT' }],
    ['type at+jwt', { typ: 'at+jwt' }],
    ['no type', { typ: undefined as unknown as string }], // the header is written without the member
    ['no key name', { kid: undefined as unknown as string }], // as above
    ['algorithm RS512', { alg: 'RS512' }],
  ])('says inactive for a rightly signed token with %s', async (_, header) => {
    expect(await ask({ token: await signed({}, header, jwk) })).toEqual(inactive);
  });

  it('says inactive for alg none and for an HS256 token made with the public key', async () => {
    expect(await ask({ token: new UnsecuredJWT(claims).encode() })).toEqual(inactive);
    const publicJwk = JSON.stringify(keys.jwks(now).keys[0]);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = `${part({ alg: 'HS256', typ: 'grant+jwt', kid: jwk.kid })}.${part(claims)}`;
    const forged = `${head}.${createHmac('sha256', publicJwk).update(head).digest('base64url')}`;
    expect(await ask({ token: forged })).toEqual(inactive);
  });

  it.each(['', '.', '..', 'a.b.c', 'x'.repeat(1_000_000)])(
    'says inactive for what is no token (%#)',
    async (text) => {
      expect(await ask({ token: text })).toEqual(inactive);
    },
  );

  it('says inactive when any part of a token is changed', async () => {
    for (const at of [5, token.indexOf('.') + 9, token.lastIndexOf('.') + 9]) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(await ask({ token: changed })).toEqual(inactive);
    }
  });

  async function signed(
    change: Record<string, unknown>,
    header: Partial<JWTHeaderParameters>,
    key: GrantKeyJwk,
  ) {
    const protectedHeader = { alg: 'RS256', typ: 'grant+jwt', ...(jwk.kid && { kid: jwk.kid }), ...header };
    const { alg: _, ...material } = key;
    const privateKey = await importJWK(material, protectedHeader.alg);
    return new SignJWT({ ...claims, ...change }).setProtectedHeader(protectedHeader).sign(privateKey);
  }
});

describe('clientSecretMatches', () => {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const configured = new Map([
    ['orders', digest('right')],
    ['broken', 'not hex'],
    ['empty', ''],
  ]);

  it('accepts the secret of the target itself and nothing else', () => {
    expect(clientSecretMatches(configured, 'orders', 'right')).toBe(true);
    expect(clientSecretMatches(configured, 'orders', 'wrong')).toBe(false);
    expect(clientSecretMatches(configured, 'orders', '')).toBe(false);
    expect(clientSecretMatches(configured, 'ledger', 'right')).toBe(false);
  });

  it('accepts nothing for a target whose digest is broken or empty', () => {
    for (const target of ['broken', 'empty', 'absent']) {
      expect(clientSecretMatches(configured, target, 'right')).toBe(false);
      expect(clientSecretMatches(configured, target, '')).toBe(false);
    }
    const zeros = new Map<string, string>();
    expect(clientSecretMatches(zeros, 'absent', '\0'.repeat(32))).toBe(false);
  });
});

describe('parseBasicAuthorization', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it('reads target and secret, decoding each as a form does', () => {
    expect(parseBasicAuthorization(basic('orders:s3cret'))).toEqual({ target: 'orders', secret: 's3cret' });
    expect(parseBasicAuthorization(basic('or%3Aders+x:p%2Bq%25:r'))).toEqual({
      target: 'or:ders x',
      secret: 'p+q%:r',
    });
    expect(parseBasicAuthorization(`basic ${btoa('a:b')}`)).toEqual({ target: 'a', secret: 'b' });
  });

  it.each([
    '',
    'Basic',
    'Basic ',
    'Bearer abc',
    basic('nocolon'),
    basic(':secret'),
    basic('orders:'),
    basic('a:%zz'),
    basic('a%ff:b'),
    basic('a\n:b'),
    `${basic('a:b')} `,
    'Basic !!!!',
    `Basic ${Buffer.from([0xff, 0x3a, 0x41]).toString('base64')}`,
    `Basic ${btoa('a:bc').replace(/=+$/, '')}x`,
    basic(`a:${'b'.repeat(4_000)}`),
  ])('reads nothing from a header that is not exactly that (%#)', (header) => {
    expect(parseBasicAuthorization(header)).toBeUndefined();
  });
});
