import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRoots } from '../../src/identity/attestation-roots.ts';
import { passkeysOf } from '../../src/identity/webauthn.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { makersCertificates, wordOf } from '../passkey/makers.ts';
import {
  type Authenticator,
  type MakersWord,
  softwareAuthenticator,
} from '../passkey/software-authenticator.ts';
import { startWorld, type World } from './harness.ts';
import { policyText } from './policy-text.ts';
import { must } from './story.ts';
import { conformant, verdictOn } from './verdict.ts';
import { webVisits } from './web-visits.ts';

let world: World;
const { newest } = webVisits(() => world);

beforeAll(async () => {
  world = await startWorld({
    policy: `${policyText}\npasskeys: { attestation: required }\n`,
    attestationRoots: makersCertificates('root'),
  });
}, 60_000);
afterAll(() => world.stop());

async function enrol(authenticator: Authenticator) {
  const { maya } = world.people;
  const begun = must(await maya.post('/v1/passkeys', { label: 'key' }), 201);
  expect(begun.options.attestation).toBe('direct');
  const body = { registration: authenticator.create(begun.options), totp: maya.code() };
  return maya.post(`/v1/passkeys/${begun.factor}/confirmation`, body);
}

const made = (attested?: MakersWord): Authenticator =>
  softwareAuthenticator({ origin: world.url, ...(attested === undefined ? {} : { attested }) });

const selfAttested = (): Authenticator => {
  const own = softwareAuthenticator({ origin: world.url });
  return softwareAuthenticator({ origin: world.url, attested: { key: own.privateKey, chain: [] } });
};

const refusals: readonly (readonly [string, () => Authenticator, string])[] = [
  ['whose maker was not asked', () => made(), 'this one gave none'],
  ['whose maker leads nowhere: the chain lacks a link', () => made(wordOf('leaf')), 'leads to no maker'],
  [
    'whose maker’s own certificate signed one more, which it may not',
    () => made(wordOf('leaf-of-a-leaf', 'leaf', 'intermediate')),
    'leads to no maker',
  ],
  ['of a chain in another order', () => made(wordOf('leaf', 'root', 'intermediate')), 'leads to no maker'],
];

test.each(refusals)('a passkey %s is refused, with the reason', async (_, authenticator, because) => {
  const { status, body } = await enrol(authenticator());
  expect([status, body.rule]).toEqual([403, 'authenticator-is-allowed']);
  expect(body.detail).toContain(because);
});

test('a passkey that vouches for itself, with a key that is not its own, is none', async () => {
  expect((await enrol(selfAttested())).status).toBe(403);
});

test('one whose maker is known is enrolled, and the log names the maker’s certificate', async () => {
  const [root] = readRoots(makersCertificates('root')) ?? [];
  expect((await enrol(made(wordOf('leaf', 'intermediate')))).status).toBe(200);
  expect((await newest('factor.enrolled')).data.passkey).toMatchObject({
    attestation_format: 'packed',
    attestation_root: root?.digest,
  });
  expect(await verdictOn(world)).toMatchObject(conformant);
});

/** At a moment, and with these roots, without a broker. */
async function registeredAt(nowMs: number, attested: MakersWord, ...roots: readonly string[]) {
  const makers = { roots: readRoots(makersCertificates(...roots)) ?? [], clock: { nowMs: () => nowMs } };
  const passkeys = passkeysOf({ publicUrl: 'https://broker.example', hasher: nodeHasher, makers });
  const challenge = new Uint8Array(32).fill(9);
  const options = await passkeys.options({
    challenge,
    person: 'p-1',
    label: 'x',
    known: [],
    attestation: 'required',
  });
  return passkeys.register(softwareAuthenticator({ attested }).create(options), challenge);
}

const HUNDRED_YEARS_MS = 100 * 366 * 86_400_000;

test.each<readonly [string, number, MakersWord, readonly string[], boolean]>([
  ['a root that signed it', 0, wordOf('leaf-of-the-root'), ['root'], true],
  ['one of several roots', 0, wordOf('leaf', 'intermediate'), ['other-root', 'root'], true],
  ['a chain that brings its root along', 0, wordOf('leaf', 'intermediate', 'root'), ['root'], true],
  ['an intermediate that is believed itself', 0, wordOf('leaf'), ['intermediate'], true],
  ['another root', 0, wordOf('leaf', 'intermediate'), ['other-root'], false],
  [
    'a root of the same name and key id with another key',
    0,
    wordOf('leaf', 'intermediate'),
    ['same-name-root'],
    false,
  ],
  ['a root whose time is over', HUNDRED_YEARS_MS, wordOf('leaf', 'intermediate'), ['root'], false],
  ['a root whose time has not come', -HUNDRED_YEARS_MS, wordOf('leaf', 'intermediate'), ['root'], false],
])('%s', async (_, awayMs, attested, roots, isKnown) => {
  const passkey = await registeredAt(Date.now() + awayMs, attested, ...roots);
  expect(typeof passkey?.attestation_root).toBe(isKnown ? 'string' : 'object');
  expect(passkey?.attestation_format).toBe('packed');
});

test.each([
  '',
  'no certificate',
  makersCertificates('leaf.key'),
  '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
])('what holds no certificate names no maker: %#', (text) => expect(readRoots(text)).toBeUndefined());
