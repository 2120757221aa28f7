import { createServer } from 'node:http';
import { createRemoteJWKSet, decodeJwt, importJWK, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Provider } from '../../src/app/ports.ts';
import type { GrantKeys } from '../../src/providers/token/keys.ts';
import { generateGrantKey, grantKeys } from '../../src/providers/token/keys.ts';
import { tokenProvider } from '../../src/providers/token.ts';
import { expectUnfit } from './expect-unfit.ts';
import { awsTarget, now, tokenPlan } from './plans.ts';

const issuer = 'https://broker.example/grants';
const unhurried = new AbortController().signal;

describe('token provider', () => {
  let keys: GrantKeys;
  let provider: Provider;
  beforeAll(async () => {
    keys = await grantKeys([await generateGrantKey()]);
    provider = tokenProvider({ issuer, keys, clock: { nowMs: () => now } });
  });

  async function opened(plan = tokenPlan()) {
    const outcome = await provider.open(provider.prepare(plan), unhurried);
    if (outcome.outcome !== 'opened' || outcome.credentials.kind !== 'token')
      throw new Error('no token was opened');
    return { ...outcome, token: outcome.credentials.token };
  }

  it('signs exactly the claims that were prepared', async () => {
    const prepared = provider.prepare(tokenPlan());
    const outcome = await provider.open(prepared, unhurried);
    if (outcome.outcome !== 'opened' || outcome.credentials.kind !== 'token')
      throw new Error('no token was opened');
    const { payload, protectedHeader } = await jwtVerify(outcome.credentials.token, await published(), {
      currentDate: new Date(now),
    });
    const { kid, permissions, ...claims } = prepared.parameters;
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'grant+jwt', kid });
    if (!Array.isArray(permissions)) throw new Error('permissions were not prepared');
    expect(payload).toEqual({ ...claims, permissions: permissions.map((text) => JSON.parse(text)) });
    expect(outcome.cloudSession).toBe(prepared.parameters['jti']);
  });

  it('names grant, session, person, role, target and the approved permissions, and nothing about access', async () => {
    const plan = tokenPlan();
    expect(decodeJwt((await opened(plan)).token)).toEqual({
      iss: issuer,
      aud: 'https://orders.example',
      sub: plan.person,
      jti: expect.stringMatching(/^[\w-]{24}$/),
      iat: Math.floor(now / 1000),
      nbf: Math.floor(now / 1000),
      exp: Math.floor(plan.endsAtMs / 1000),
      grant: plan.grant,
      session: plan.session,
      role: plan.role,
      target: plan.targetName,
      permissions: plan.scope.map(({ action, resource }) => ({ action, resource })),
    });
  });

  it.each([1_000, 1_999, 59_999, 3_600_000, 43_200_000, 90_000_000])(
    'given %d ms ends by the end of the grant, and after twelve hours at the latest',
    async (milliseconds) => {
      const { token, expiresAtMs } = await opened(tokenPlan({ endsAtMs: now + milliseconds }));
      const { exp = 0, iat = 0 } = decodeJwt(token);
      expect(exp * 1000).toBe(expiresAtMs);
      expect(Number.isInteger(exp)).toBe(true);
      expect(exp * 1000).toBeLessThanOrEqual(now + milliseconds);
      expect(exp - iat).toBeLessThanOrEqual(provider.mostSeconds);
    },
  );

  it('refuses a grant that ends before a token could be used', () => {
    expectUnfit(() => provider.prepare(tokenPlan({ endsAtMs: now })));
    expectUnfit(() => provider.prepare(tokenPlan({ endsAtMs: now - 1 })));
    expectUnfit(() => provider.prepare(tokenPlan({ endsAtMs: now + 700 })));
  });

  it('refuses an empty scope, and one too long for a header line', () => {
    const long = Array.from({ length: 100 }, (_, at) => ({
      action: 'orders:read',
      resource: `orders/${'x'.repeat(80)}/${at}`,
      access: 'read' as const,
    }));
    expectUnfit(() => provider.prepare(tokenPlan({ scope: [] })));
    expectUnfit(() => provider.prepare(tokenPlan({ scope: long })));
  });

  it('lets a scope through as long as the token fits its bound', async () => {
    const scope = Array.from({ length: 300 }, (_, at) => ({
      action: 'a:b',
      resource: `${at}`,
      access: 'read' as const,
    }));
    const fitting = scope.filter((_, at) => {
      try {
        provider.prepare(tokenPlan({ scope: scope.slice(0, at + 1) }));
        return true;
      } catch {
        return false;
      }
    });
    expect(fitting.length).toBeGreaterThan(100);
    expect(fitting.length).toBeLessThan(300);
    expect((await opened(tokenPlan({ scope: fitting }))).token.length).toBeLessThanOrEqual(8_000);
  });

  it('refuses a target of another provider', () => {
    expect(() => provider.prepare(tokenPlan({ target: awsTarget }))).toThrow(TypeError);
  });

  it('draws a fresh id of at least 128 bits for every session', () => {
    const drawn: number[] = [];
    const counting = tokenProvider({
      issuer,
      keys,
      clock: { nowMs: () => now },
      random: { bytes: (count) => (drawn.push(count), crypto.getRandomValues(new Uint8Array(count))) },
    });
    const ids = Array.from({ length: 50 }, () => counting.prepare(tokenPlan()).parameters['jti']);
    expect(new Set(ids).size).toBe(50);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(16);
  });

  it('signs nothing once the grant has ended between preparing and opening', async () => {
    const late = tokenProvider({ issuer, keys, clock: { nowMs: () => now + 3_600_000 } });
    const outcome = await late.open(provider.prepare(tokenPlan()), unhurried);
    expect(outcome).toMatchObject({ outcome: 'refused', retryable: false });
  });

  it('signs nothing when the call was given up before', async () => {
    const outcome = await provider.open(provider.prepare(tokenPlan()), AbortSignal.abort());
    expect(outcome).toMatchObject({ outcome: 'refused', retryable: true });
  });

  it('signs nothing when a parameter was added or lost after preparing', async () => {
    const { parameters, ...rest } = provider.prepare(tokenPlan());
    const { grant: _, ...without } = parameters;
    for (const changed of [{ ...parameters, admin: true }, without]) {
      const outcome = await provider.open({ ...rest, parameters: changed }, unhurried);
      expect(outcome.outcome).toBe('refused');
    }
  });

  it('signs what was prepared before a rotation under the key it was prepared for', async () => {
    const rotating = await grantKeys([await generateGrantKey()]);
    const former = rotating.currentKid();
    const own = tokenProvider({ issuer, keys: rotating, clock: { nowMs: () => now } });
    const prepared = own.prepare(tokenPlan());
    await rotating.rotate(await generateGrantKey(), now);
    const outcome = await own.open(prepared, unhurried);
    if (outcome.outcome !== 'opened' || outcome.credentials.kind !== 'token')
      throw new Error('no token was opened');
    const key = rotating.verificationKey(former, now);
    if (key === undefined) throw new Error('the former key is gone');
    await expect(
      jwtVerify(outcome.credentials.token, key, { currentDate: new Date(now) }),
    ).resolves.toBeDefined();
  });

  it('is of a type and audience that a reader of access tokens or ID tokens refuses', async () => {
    const { token } = await opened();
    const at = { currentDate: new Date(now) };
    await expect(jwtVerify(token, await published(), { ...at, typ: 'at+jwt' })).rejects.toThrow('typ');
    await expect(jwtVerify(token, await published(), { ...at, typ: 'JWT' })).rejects.toThrow('typ');
    for (const audience of ['https://broker.example', issuer, 'sts.amazonaws.com']) {
      await expect(jwtVerify(token, await published(), { ...at, audience })).rejects.toThrow('aud');
    }
  });

  it('is verified by a stranger who fetches the published key set over HTTP', async () => {
    const { token } = await opened();
    const server = createServer((_, response) => response.end(JSON.stringify(keys.jwks(now))));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    try {
      const remote = createRemoteJWKSet(new URL(`http://127.0.0.1:${port}/jwks.json`));
      const { payload } = await jwtVerify(token, remote, {
        issuer,
        audience: 'https://orders.example',
        typ: 'grant+jwt',
        currentDate: new Date(now),
      });
      expect(payload['grant']).toBe(tokenPlan().grant);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('refuses an issuer that is no plain https URL', () => {
    expect(() =>
      tokenProvider({ issuer: 'http://broker.example', keys, clock: { nowMs: () => now } }),
    ).toThrow(TypeError);
  });

  async function published() {
    return importJWK(keys.jwks(now).keys[0] ?? {}, 'RS256');
  }
});
