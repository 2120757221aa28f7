import { decodeProtectedHeader } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GrantClaims } from '../../../src/providers/token/claims.ts';
import type { GrantKeyJwk } from '../../../src/providers/token/keys.ts';
import { generateGrantKey, grantKeys } from '../../../src/providers/token/keys.ts';
import { MOST_TOKEN_SECONDS } from '../../../src/providers/token/limits.ts';
import { now } from '../plans.ts';

const claims: GrantClaims = {
  iss: 'https://broker.example/grants',
  aud: 'a',
  sub: 'p',
  jti: 'j',
  iat: 1,
  nbf: 1,
  exp: 2,
  grant: 'g',
  session: 's',
  role: 'r',
  target: 't',
  permissions: [{ action: 'a', resource: 'b' }],
};

describe('grant keys', () => {
  let first: GrantKeyJwk;
  let second: GrantKeyJwk;
  beforeAll(async () => {
    [first, second] = await Promise.all([generateGrantKey(), generateGrantKey()]);
  });

  it('publishes public members only', async () => {
    const keys = await grantKeys([first, second]);
    for (const key of keys.jwks(now).keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    }
    expect(JSON.stringify(keys)).not.toContain(first.d);
    expect(JSON.stringify(keys.jwks(now))).not.toContain(first.d);
  });

  it('signs with the first key given', async () => {
    const keys = await grantKeys([first, second]);
    expect(keys.currentKid()).toBe(first.kid);
    expect(decodeProtectedHeader(await keys.sign(keys.currentKid(), claims))).toEqual({
      alg: 'RS256',
      typ: 'grant+jwt',
      kid: first.kid,
    });
  });

  it('keeps a rotated key published until the last token signed by it has expired, then no longer', async () => {
    const keys = await grantKeys([first]);
    await keys.rotate(second, now);
    expect(keys.currentKid()).toBe(second.kid);
    const lastExpiry = now + MOST_TOKEN_SECONDS * 1000;
    expect(keys.jwks(lastExpiry).keys.map((key) => key.kid)).toEqual([second.kid, first.kid]);
    expect(keys.verificationKey(first.kid ?? '', lastExpiry)).toBeDefined();
    const afterwards = lastExpiry + 60_000;
    expect(keys.jwks(afterwards).keys.map((key) => key.kid)).toEqual([second.kid]);
    expect(keys.verificationKey(first.kid ?? '', afterwards)).toBeUndefined();
  });

  it('reads from a stored key when it retired', async () => {
    const keys = await grantKeys([
      second,
      { ...first, retired_at_ms: now - MOST_TOKEN_SECONDS * 1000 - 60_000 },
    ]);
    expect(keys.jwks(now).keys.map((key) => key.kid)).toEqual([second.kid]);
  });

  it('loses no key when two rotations come at once', async () => {
    const third = await generateGrantKey();
    const keys = await grantKeys([first]);
    await Promise.all([keys.rotate(second, now), keys.rotate(third, now)]);
    expect(new Set(keys.jwks(now).keys.map((key) => key.kid))).toEqual(
      new Set([first.kid, second.kid, third.kid]),
    );
  });

  it('refuses no key, a key twice, a retired first key, and a key under another name', async () => {
    await expect(grantKeys([])).rejects.toThrow('at least one');
    await expect(grantKeys([first, first])).rejects.toThrow('twice');
    await expect(grantKeys([{ ...first, retired_at_ms: now }])).rejects.toThrow('retired');
    await expect(grantKeys([{ ...first, kid: second.kid ?? '' }])).rejects.toThrow('thumbprint');
  });

  it('refuses a public key, another algorithm, and a short key', async () => {
    const { d: _, ...publicHalf } = first;
    await expect(grantKeys([publicHalf])).rejects.toThrow('private RSA key');
    await expect(grantKeys([{ ...first, alg: 'RS512' }])).rejects.toThrow('RS256');
    await expect(grantKeys([{ ...first, n: (first.n ?? '').slice(0, 171) }])).rejects.toThrow('2,048');
  });

  it('never repeats key material in the error about a broken key', async () => {
    // One wrong member the platform can make up for with the others; a wrong exponent and factors it cannot.
    const foreign = {
      d: second.d ?? '',
      p: second.p ?? '',
      q: second.q ?? '',
      dp: second.dp ?? '',
      dq: second.dq ?? '',
      qi: second.qi ?? '',
    };
    for (const change of [foreign, { p: '!', d: '!' }, { e: 'AQAB', d: 'AQAB', p: 'AQAB', q: 'AQAB' }]) {
      const error: unknown = await grantKeys([{ ...first, ...change }]).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(TypeError);
      expect(inspected(error)).not.toContain(first.d);
    }
  });

  it('signs nothing under a name it does not hold', async () => {
    const keys = await grantKeys([first]);
    await expect(keys.sign('other', claims)).rejects.toThrow(RangeError);
  });
});

function inspected(error: unknown): string {
  return error instanceof Error
    ? `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`
    : String(error);
}
