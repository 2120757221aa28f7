import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/audit/digest-of.ts';
import type { JsonObject } from '../../src/log/json.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import {
  type Authenticator,
  challengeOf,
  type Lies,
  softwareAuthenticator,
} from '../passkey/software-authenticator.ts';
import { type Browser, formTokenIn, type Page } from './browser.ts';
import { startWorld, type World } from './harness.ts';
import { policyText } from './policy-text.ts';
import { must, openTicket } from './story.ts';
import { conformant, typesSince, verdictOn } from './verdict.ts';
import { webVisits } from './web-visits.ts';

// What the page's own script sends, changed on its way: by whoever sits in the browser, or between it and us.

const allSigned = policyText.replace('request: totp, review: totp', 'request: passkey, review: passkey');
type Name = 'maya' | 'tomas' | 'ines';

let world: World;
const visits = new Map<Name, { readonly browser: Browser; readonly key: Authenticator }>();
const { at, signedIn, island } = webVisits(() => world);

beforeAll(async () => {
  world = await startWorld({ policy: allSigned });
  for (const name of ['maya', 'tomas', 'ines'] as const) {
    const who = world.people[name];
    const key = softwareAuthenticator({ origin: world.url });
    const begun = must(await who.post('/v1/passkeys', { label: 'laptop' }), 201);
    const body = { registration: key.create(begun.options), totp: who.code() };
    must(await who.post(`/v1/passkeys/${begun.factor}/confirmation`, body), 200);
    visits.set(name, { browser: await signedIn(name), key });
  }
}, 60_000);
afterAll(() => world.stop());

function visitOf(name: Name) {
  const visit = visits.get(name);
  if (visit === undefined) throw new Error(`${name} has not come`);
  return visit;
}

/** Wrong signatures close the door for a quarter of an hour: each case begins with it open, and nobody was at rest. */
async function afterAQuarter(): Promise<void> {
  world.clock.advance(901_000);
  for (const { browser } of visits.values()) await browser.call(at('/account'));
}

type Statement = JsonObject;

interface Prepared {
  readonly statement: Statement;
  readonly passkey: { readonly challenge: string };
}

const parsed = (page: Page, status: number): Prepared => {
  expect(page).toMatchObject({ status });
  return JSON.parse(page.text);
};

/** The ask's form as the page sends it: once to learn what is to be signed, and once with what was. */
async function askForm(step: 'statement' | 'send', fields: Readonly<Record<string, string>>): Promise<Page> {
  const { browser } = visitOf('maya');
  const shown = await browser.call(at('/ask?entitlement=deploying'));
  const form = { form_token: formTokenIn(shown), shown_for: 'deploying', step, ...fields };
  return browser.call(at('/ask'), { form });
}

const FIELDS = {
  entitlement: 'deploying',
  justification: 'Release 7',
  duration: '15m',
  scope: 'releases.create releases/*',
};

async function pending(): Promise<string> {
  const { statement, passkey } = parsed(await askForm('statement', FIELDS), 200);
  const signed = JSON.stringify(visitOf('maya').key.get(passkey.challenge));
  const sent = await askForm('send', { ...FIELDS, statement: JSON.stringify(statement), passkey: signed });
  expect(sent.status).toBe(303);
  return sent.headers.get('location')?.split('/')[2] ?? '';
}

async function prepare(
  name: Name,
  request: string,
  wanted: object = { verdict: 'approve' },
): Promise<Prepared> {
  const path = `/v1/requests/${request}/statements`;
  return parsed(await island(visitOf(name).browser, 'POST', path, { json: wanted }), 200);
}

async function send(
  name: Name,
  request: string,
  statement: Statement,
  passkey: object,
): Promise<{ readonly status: number; readonly code: string }> {
  const json = { statement, passkey, ...(statement['verdict'] === 'deny' ? { reason: 'no' } : {}) };
  const page = await island(visitOf(name).browser, 'POST', `/v1/requests/${request}/reviews`, { json });
  const { rule, type } = JSON.parse(page.text);
  return { status: page.status, code: rule ?? type?.split('/').at(-1) ?? '' };
}

const signed = (name: Name, { passkey }: Prepared, lies: Lies = {}) =>
  visitOf(name).key.get(passkey.challenge, lies);

const reviewsOf = async (request: string): Promise<readonly object[]> =>
  must(await world.people.maya.get(`/v1/requests/${request}`), 200).reviews;

describe('a review that the page sends', () => {
  test('with a signature over just this is taken, once', async () => {
    const request = await pending();
    const approving = await prepare('tomas', request);
    const sent = signed('tomas', approving);
    expect(await send('tomas', request, approving.statement, sent)).toMatchObject({ status: 201 });
    // It would count twice on one of the two whom it waits for.
    expect((await send('tomas', request, approving.statement, sent)).status).toBeGreaterThanOrEqual(400);
    expect(await reviewsOf(request)).toHaveLength(1);
    const denying = await prepare('ines', request, { verdict: 'deny' });
    expect(await send('ines', request, denying.statement, signed('ines', denying))).toMatchObject({
      status: 201,
    });
  });

  const changed: readonly (readonly [
    string,
    (request: string, other: string) => Promise<[Statement, object]>,
  ])[] = [
    [
      'a denial’s signature on an approval',
      async (request) => {
        const denying = await prepare('tomas', request, { verdict: 'deny' });
        return [(await prepare('tomas', request)).statement, signed('tomas', denying)];
      },
    ],
    [
      'a denial that was made an approval',
      async (request) => {
        const denying = await prepare('tomas', request, { verdict: 'deny' });
        return [{ ...denying.statement, verdict: 'approve' }, signed('tomas', denying)];
      },
    ],
    [
      'another request’s signature',
      async (request, other) => [
        (await prepare('tomas', request)).statement,
        signed('tomas', await prepare('tomas', other)),
      ],
    ],
    [
      'another request’s statement and signature',
      async (_, other) => {
        const elsewhere = await prepare('tomas', other);
        return [elsewhere.statement, signed('tomas', elsewhere)];
      },
    ],
    [
      'a signature for five minutes on a statement for fifteen',
      async (request) => {
        const short = await prepare('tomas', request, { verdict: 'approve', duration_seconds: 300 });
        return [(await prepare('tomas', request)).statement, signed('tomas', short)];
      },
    ],
    [
      'a longer duration written into what was signed',
      async (request) => {
        const short = await prepare('tomas', request, { verdict: 'approve', duration_seconds: 300 });
        return [{ ...short.statement, seconds: 900 }, signed('tomas', short)];
      },
    ],
    [
      'the nonce of an earlier statement',
      async (request) => {
        const [earlier, now] = [await prepare('tomas', request), await prepare('tomas', request)];
        return [{ ...now.statement, nonce: earlier.statement['nonce'] ?? '' }, signed('tomas', now)];
      },
    ],
    [
      'a nonce that was spent on another request',
      async (request, other) => {
        const first = await prepare('tomas', other, { verdict: 'deny' });
        await send('tomas', other, first.statement, signed('tomas', first));
        const now = await prepare('tomas', request);
        const statement: Statement = { ...now.statement, nonce: first.statement['nonce'] ?? '' };
        const digest = digestOf(nodeHasher, statement) ?? '';
        return [statement, visitOf('tomas').key.get(challengeOf(digest))];
      },
    ],
    [
      'somebody else’s signature',
      async (request) => {
        const prepared = await prepare('tomas', request);
        return [prepared.statement, signed('ines', prepared)];
      },
    ],
    [
      'somebody else’s statement and signature',
      async (request) => {
        const theirs = await prepare('ines', request);
        return [theirs.statement, signed('ines', theirs)];
      },
    ],
    [
      'a signature made for another page',
      async (request) => {
        const prepared = await prepare('tomas', request);
        return [prepared.statement, signed('tomas', prepared, { origin: 'https://staging.example' })];
      },
    ],
    [
      'a signature made in somebody else’s frame',
      async (request) => {
        const prepared = await prepare('tomas', request);
        return [prepared.statement, signed('tomas', prepared, { crossOrigin: true })];
      },
    ],
    [
      'a signature made to sign in',
      async (request) => {
        const page = await visitOf('tomas').browser.call(at('/v1/sign-in/passkey/challenge'), {
          method: 'POST',
        });
        const { challenge } = JSON.parse(page.text);
        return [(await prepare('tomas', request)).statement, visitOf('tomas').key.get(challenge)];
      },
    ],
    [
      'a statement five minutes old',
      async (request) => {
        const prepared = await prepare('tomas', request);
        world.clock.advance(301_000);
        return [prepared.statement, signed('tomas', prepared)];
      },
    ],
  ];

  test.each(changed)('with %s decides nothing', async (_, make) => {
    await afterAQuarter();
    const [request, other] = [await pending(), await pending()];
    const [statement, assertion] = await make(request, other);
    const { status, code } = await send('tomas', request, statement, assertion);
    expect([403, 409, 422]).toContain(status);
    expect(code).not.toBe('');
    expect(await reviewsOf(request)).toEqual([]);
    for (const id of [request, other]) await world.people.maya.post(`/v1/requests/${id}/withdrawal`);
  });
});

describe('an ask that the page sends', () => {
  test.each<readonly [string, Readonly<Record<string, string>>]>([
    ['for longer', { duration: '45m' }],
    ['for something else', { entitlement: 'look', shown_for: '' }],
    [
      'in an emergency',
      { entitlement: 'repair', shown_for: 'repair', scope: 'batches.read export', break_glass: 'true' },
    ],
  ])('%s than was signed is refused', async (_, otherwise) => {
    await afterAQuarter();
    const ticket = await openTicket(world);
    const before = (await world.people.maya.get('/v1/requests')).body.items.length;
    const { statement, passkey } = parsed(await askForm('statement', FIELDS), 200);
    const made = JSON.stringify(visitOf('maya').key.get(passkey.challenge));
    const sent = { ...FIELDS, ticket, ...otherwise, statement: JSON.stringify(statement), passkey: made };
    const page = await askForm('send', sent);
    expect(page.status).toBe(422);
    const [, said] = /<div class="warning" role="alert"><p><strong>([^<]+)/.exec(page.text) ?? [];
    expect(said).toContain('That signature is not of a passkey of yours over just this');
    expect((await world.people.maya.get('/v1/requests')).body.items.length).toBe(before);
  });
});

describe('(23) where the policy wants a passkey, a form without one, with a code in its place,', () => {
  const forms: readonly (readonly [
    string,
    Name,
    (request: string) => Promise<[string, Record<string, string>]>,
  ])[] = [
    [
      'reviews nothing',
      'tomas',
      async (request) => {
        const page = await visitOf('tomas').browser.call(at(`/requests/${request}/review`));
        const [, standing = ''] = /name="standing" value="([^"]+)"/.exec(page.text) ?? [];
        return [`/requests/${request}/review`, { standing, verdict: 'approve', duration_seconds: '300' }];
      },
    ],
    ['asks for nothing', 'maya', async () => ['/ask', { ...FIELDS, shown_for: 'deploying', step: 'send' }]],
    ['vouches for nobody', 'tomas', async () => [`/people/${world.people.otto.id}/vouch`, {}]],
    [
      'enrols nothing',
      'maya',
      async () => {
        const begun = must(await world.people.maya.post('/v1/factors', { label: 'another' }), 201);
        const epoch = Math.floor(world.clock.nowMs() / 1000);
        const code = generateSync({ secret: begun.secret, epoch });
        return [`/account/factors/${begun.factor}/confirmation`, { code }];
      },
    ],
  ];

  test.each(forms)('%s', async (_, name, make) => {
    await afterAQuarter();
    const [request, { browser }, who] = [await pending(), visitOf(name), world.people[name]];
    const [path, fields] = await make(request);
    const before = (await world.broker.store.head())?.size ?? 0;
    const form_token = formTokenIn(await browser.call(at('/ask')));
    const sent = { ...fields, form_token, totp: who.code() };
    const page = await browser.call(at(path), { form: sent });
    // With the signature's own fields there, and empty, as a script could leave them.
    const emptied = { ...sent, passkey: '', statement: '', totp: who.code() };
    const again = await browser.call(at(path), { form: emptied });
    expect([page.status, again.status].every((status) => status >= 400)).toBe(true);
    const left = (await typesSince(world, before)).filter((type) => type !== 'command.refused.v1');
    expect(left).toEqual([]);
    await world.people.maya.post(`/v1/requests/${request}/withdrawal`);
  });
});

test('all that was decided is right, and what was refused left nothing but refusals', async () => {
  expect(await verdictOn(world)).toMatchObject(conformant);
});
