import { hash } from 'node:crypto';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { AccessTokens, SignedIn, Tokens } from '../../src/app/identity-ports.ts';
import { accessTokens, SIGN_IN_MS } from '../../src/identity/access-tokens.ts';
import { dpopVerifier } from '../../src/identity/dpop.ts';
import type { DpopKey } from '../../src/identity/dpop-proof.ts';
import { createDpopKey, dpopProof } from '../../src/identity/dpop-proof.ts';
import { replayMemory } from '../../src/identity/replay-memory.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';
import { failsWith } from './fails-with.ts';
import { memorySecrets } from './memory-secrets.ts';
import { turnedClock } from './turned-clock.ts';

const startMs = 1_800_000_000_000;
const tokenUrl = 'https://broker.example.com/api/sign-in/token';
const apiUrl = 'https://broker.example.com/api/requests';
const verifier = 'v'.repeat(43);
const challenge = hash('sha256', verifier, 'base64url');

let key: DpopKey;
let thief: DpopKey;
let clock: ReturnType<typeof turnedClock>;
let secrets: ReturnType<typeof memorySecrets>;
let tokens: AccessTokens;
let signedIn: SignedIn;

beforeAll(async () => {
  key = await createDpopKey();
  thief = await createDpopKey();
});

const broker = (): AccessTokens =>
  accessTokens({ secrets, clock, random: nodeRandom(), verifyDpop: dpopVerifier(), replays: replayMemory() });

beforeEach(() => {
  clock = turnedClock(startMs);
  secrets = memorySecrets();
  tokens = broker();
  signedIn = {
    signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZZ',
    person: 'p-aaaaaaaaaaaaaaaaaaaaaaaaaa',
    issuer: 'acme',
    keyThumbprint: key.thumbprint,
    expiresAtMs: startMs + SIGN_IN_MS,
    mayOnlyAsk: false,
  };
});

async function proven(url: string, by: DpopKey, accessToken?: string) {
  const call = { method: 'POST', url };
  const bound = accessToken === undefined ? {} : { accessToken };
  return { ...call, proof: await dpopProof({ ...by, ...call, ...bound, nowMs: clock.nowMs() }) };
}

async function newCode(who = signedIn): Promise<string> {
  const { code, secrets: rows } = tokens.issueCode(who, challenge);
  await secrets.put(rows);
  return code;
}

const redeem = async (code: string, by = key, codeVerifier = verifier): Promise<Tokens> =>
  tokens.redeemCode({ ...(await proven(tokenUrl, by)), code, codeVerifier });
const signIn = async (): Promise<Tokens> => redeem(await newCode());
const refresh = async (refreshToken: string, by = key): Promise<Tokens> =>
  tokens.refresh({ ...(await proven(tokenUrl, by)), refreshToken });
const use = async (accessToken: string, by = key, where = tokens): Promise<SignedIn> =>
  where.authenticate({ ...(await proven(apiUrl, by, accessToken)), accessToken });

test('a code becomes tokens, and the access token names who signed in', async () => {
  const pair = await signIn();
  expect(pair.accessToken).toMatch(/^ca_[A-Za-z0-9_-]{43}$/);
  expect(pair.refreshToken).toMatch(/^cr_[A-Za-z0-9_-]{43}$/);
  expect(pair.accessTokenSeconds).toBe(600);
  expect(await use(pair.accessToken)).toEqual(signedIn);
});

test('no token or code stands in the store', async () => {
  const code = await newCode();
  const before = [...secrets.rows.values()];
  const pair = await redeem(code);
  const everything = JSON.stringify(
    [...before, ...secrets.rows.values()].map((row) => [row.id, Buffer.from(row.value).toString()]),
  );
  for (const text of [code, pair.accessToken, pair.refreshToken]) {
    expect(everything).not.toContain(text);
    expect(everything).not.toContain(text.slice(3));
  }
});

test('a code is good once', async () => {
  const code = await newCode();
  await redeem(code);
  await failsWith('not-signed-in', () => redeem(code));
});

test('of two that redeem a code at once, one gets tokens', async () => {
  const code = await newCode();
  const outcomes = await Promise.allSettled([redeem(code), redeem(code)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a code is refused after a minute, without its verifier, and with another key; the attempt spends it', async () => {
  const late = await newCode();
  clock.advance(60_000);
  await failsWith('not-signed-in', () => redeem(late));
  for (const attempt of [
    (code: string) => redeem(code, key, 'w'.repeat(43)),
    (code: string) => redeem(code, key, challenge),
    (code: string) => redeem(code, key, ''),
    (code: string) => redeem(code, thief),
  ]) {
    const code = await newCode();
    await failsWith('not-signed-in', () => attempt(code));
    await failsWith('not-signed-in', () => redeem(code));
  }
});

test('tokens of one kind are refused where another kind belongs', async () => {
  const pair = await signIn();
  await failsWith('not-signed-in', () => use(pair.refreshToken));
  await failsWith('not-signed-in', () => refresh(pair.accessToken));
  await failsWith('not-signed-in', () => redeem(pair.accessToken));
  await failsWith('not-signed-in', async () => use(await newCode()));
});

test('a stolen access token is worth nothing without its key', async () => {
  const { accessToken } = await signIn();
  await failsWith('not-signed-in', () => use(accessToken, thief));
});

test('a proof is good for one call', async () => {
  const { accessToken } = await signIn();
  const call = { ...(await proven(apiUrl, key, accessToken)), accessToken };
  await tokens.authenticate(call);
  await failsWith('not-signed-in', () => tokens.authenticate(call));
});

test('a stranger with a key of their own cannot fill the memory of used proofs', async () => {
  const { accessToken } = await signIn();
  const spent: unknown[] = [];
  const watched = accessTokens({
    secrets,
    clock,
    random: nodeRandom(),
    verifyDpop: dpopVerifier(),
    replays: { spend: (proof) => void spent.push(proof) },
  });
  await failsWith('not-signed-in', () => use(accessToken, thief, watched));
  await failsWith('not-signed-in', () => use(`ca_${'A'.repeat(43)}`, thief, watched));
  expect(spent).toEqual([]);
});

test('an access token ends after ten minutes, and never outlives the sign-in', async () => {
  const first = await signIn();
  clock.advance(599_999);
  await use(first.accessToken);
  clock.advance(1);
  await failsWith('not-signed-in', () => use(first.accessToken));
  clock.advance(SIGN_IN_MS - 600_000 - 30_000);
  const last = await refresh(first.refreshToken);
  expect(last.accessTokenSeconds).toBe(30);
  clock.advance(30_000);
  await failsWith('not-signed-in', () => use(last.accessToken));
  await failsWith('not-signed-in', () => refresh(last.refreshToken));
});

test('a sign-in cannot be made to last longer than twelve hours', () => {
  expect(() => tokens.issueCode({ ...signedIn, expiresAtMs: startMs + SIGN_IN_MS + 1 }, challenge)).toThrow(
    RangeError,
  );
});

test('refreshing hands out a new pair; the key must be the same', async () => {
  const first = await signIn();
  await failsWith('not-signed-in', () => refresh(first.refreshToken, thief));
  const second = await refresh(first.refreshToken);
  expect(await use(second.accessToken)).toEqual(signedIn);
  await refresh(second.refreshToken);
});

test('a refresh token used twice ends the sign-in, the newest tokens too', async () => {
  const first = await signIn();
  const second = await refresh(first.refreshToken);
  await use(second.accessToken);
  const failure = await failsWith('not-signed-in', () => refresh(first.refreshToken));
  expect(failure.message).toContain('used twice');
  await failsWith('not-signed-in', () => use(second.accessToken));
  await failsWith('not-signed-in', () => refresh(second.refreshToken));
});

test('two refreshes at once with one token end the sign-in', async () => {
  const first = await signIn();
  const outcomes = await Promise.allSettled([refresh(first.refreshToken), refresh(first.refreshToken)]);
  const won = outcomes.find((outcome) => outcome.status === 'fulfilled');
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  if (won?.status === 'fulfilled') await failsWith('not-signed-in', () => use(won.value.accessToken));
});

test('signing out ends every token of that sign-in, and of no other', async () => {
  const here = await signIn();
  const there = await redeem(await newCode({ ...signedIn, signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZY' }));
  await use(here.accessToken);
  await secrets.put([provider(signedIn.signIn)]);
  await secrets.put(await tokens.endSignIn(signedIn.person, signedIn.signIn));
  tokens.forget(signedIn.signIn);
  await failsWith('not-signed-in', () => use(here.accessToken));
  await failsWith('not-signed-in', () => refresh(here.refreshToken));
  expect(await secrets.get('provider-tokens', signedIn.signIn)).toBeUndefined();
  await use(there.accessToken);
  await refresh(there.refreshToken);
});

test('forgetting a person drops what is remembered of every sign-in of theirs, and of nobody else’s', async () => {
  const here = await signIn();
  const there = await redeem(await newCode({ ...signedIn, signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZY' }));
  const other = 'p-bbbbbbbbbbbbbbbbbbbbbbbbbb';
  const theirs = await redeem(
    await newCode({ ...signedIn, signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZX', person: other }),
  );
  for (const { accessToken } of [here, there, theirs]) await use(accessToken);
  const rows = await Promise.all(
    (['access-token', 'refresh-token'] as const).map((kind) => secrets.ofPerson(kind, signedIn.person)),
  );
  await secrets.put(rows.flat().map((row) => ({ ...row, value: null, expiresAtMs: null })));
  await use(here.accessToken); // remembered for some seconds
  tokens.forgetPerson(signedIn.person);
  for (const { accessToken } of [here, there]) await failsWith('not-signed-in', () => use(accessToken));
  await use(theirs.accessToken);
});

const provider = (id: string) => ({
  id,
  person: signedIn.person,
  kind: 'provider-tokens' as const,
  value: Buffer.from('x'),
  expiresAtMs: null,
});

test('a refresh that was under way when the sign-in ended brings nothing back', async () => {
  const first = await signIn();
  const deletions = await tokens.endSignIn(signedIn.person, signedIn.signIn);
  const second = await refresh(first.refreshToken);
  await secrets.put(deletions);
  tokens.forget(signedIn.signIn);
  await failsWith('not-signed-in', () => use(second.accessToken));
  await failsWith('not-signed-in', () => refresh(second.refreshToken));
});

test('a code that was not yet redeemed dies with its sign-in', async () => {
  const code = await newCode();
  const deletions = await tokens.endSignIn(signedIn.person, signedIn.signIn);
  await secrets.put(deletions);
  await failsWith('not-signed-in', () => redeem(code));
});

test('a sign-in that ends while the store is asked is not remembered as living', async () => {
  const { accessToken } = await signIn();
  const ending = {
    ...secrets,
    async get(...call: Parameters<typeof secrets.get>) {
      const found = await secrets.get(...call);
      if (call[1].startsWith('sign-in:')) {
        await secrets.put(await tokens.endSignIn(signedIn.person, signedIn.signIn));
        slow.forget(signedIn.signIn);
      }
      return found;
    },
  };
  const slow = accessTokens({
    secrets: ending,
    clock,
    random: nodeRandom(),
    verifyDpop: dpopVerifier(),
    replays: replayMemory(),
  });
  await use(accessToken, key, slow);
  await failsWith('not-signed-in', () => use(accessToken, key, slow));
});

test('another broker notices a signing out within five seconds', async () => {
  const other = broker();
  const { accessToken } = await signIn();
  await use(accessToken, key, other);
  await secrets.put(await tokens.endSignIn(signedIn.person, signedIn.signIn));
  clock.advance(5_000);
  await failsWith('not-signed-in', () => use(accessToken, key, other));
});

test('calls within five seconds ask the store once', async () => {
  const { accessToken } = await signIn();
  let asked = 0;
  const counted = {
    ...secrets,
    get(...call: Parameters<typeof secrets.get>) {
      asked += 1;
      return secrets.get(...call);
    },
  };
  const cached = accessTokens({
    secrets: counted,
    clock,
    random: nodeRandom(),
    verifyDpop: dpopVerifier(),
    replays: replayMemory(),
  });
  await use(accessToken, key, cached);
  const askedFirst = asked;
  await use(accessToken, key, cached);
  expect(asked).toBe(askedFirst);
  clock.advance(5_000);
  await use(accessToken, key, cached);
  expect(asked).toBe(2 * askedFirst);
});

test.each([
  '',
  'ca_',
  'Bearer x',
  `ca_${'A'.repeat(42)}`,
  `ca_${'A'.repeat(44)}`,
  `ca_${'A'.repeat(43)}\n`,
  'ey.J.x',
])('%j is no access token', async (accessToken) => {
  await failsWith('not-signed-in', () => use(accessToken));
});

test('failures carry no token', async () => {
  const pair = await signIn();
  await refresh(pair.refreshToken);
  const failures = [
    await failsWith('not-signed-in', () => use(pair.accessToken, thief)),
    await failsWith('not-signed-in', () => refresh(pair.refreshToken)),
  ];
  for (const failure of failures) {
    const text = `${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`;
    expect(text).not.toContain(pair.accessToken);
    expect(text).not.toContain(pair.refreshToken);
  }
});
