import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from './browser.ts';
import { startWorld, type World } from './harness.ts';
import { approve, ask, must } from './story.ts';
import { COOKIE, webVisits } from './web-visits.ts';

let world: World;
const { at, cookieOf, signedIn, formTokenOf } = webVisits(() => world);

beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.stop());

interface Followed {
  readonly status: number;
  /** The numbers of the entries it was sent, and `over` where it was told that no more come. */
  readonly heard: readonly (number | 'over')[];
  /** It has told what there was when it began. */
  readonly hasBegun: Promise<void>;
  readonly hasEnded: Promise<void>;
}

/** An open stream of one request, as an `EventSource` of our own pages opens it. */
async function follow(
  browser: Browser | string,
  request: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Followed> {
  const cookie = `${COOKIE}=${typeof browser === 'string' ? browser : cookieOf(browser)}`;
  const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
  const answer = await fetch(at(`/requests/${request}/events`), {
    redirect: 'manual',
    headers: { cookie, ...own, ...headers },
  });
  const heard: (number | 'over')[] = [];
  const begun = Promise.withResolvers<void>();
  const hasEnded = (async () => {
    for await (const chunk of answer.body ?? []) {
      for (const [, id, over] of new TextDecoder().decode(chunk).matchAll(/^id: (\d+)$|^event: (over)$/gm)) {
        heard.push(over === undefined ? Number(id) : 'over');
      }
      begun.resolve();
    }
  })();
  return { status: answer.status, heard, hasBegun: begun.promise, hasEnded };
}

const entriesOf = async (request: string): Promise<readonly number[]> => {
  const { items } = must(await world.people.maya.get(`/v1/requests/${request}/timeline`), 200);
  return items.map(({ entry }: { entry: number }) => entry);
};

/** Opens a stream as `username`, lets `happen` happen while it is open, and says what it was sent before and after. */
async function whileOpen(
  username: string,
  happen: (browser: Browser) => Promise<unknown>,
): Promise<{ readonly before: readonly number[]; readonly heard: Followed['heard'] }> {
  const { request } = await ask(world);
  const browser = await signedIn(username);
  const stream = await follow(browser, request);
  await stream.hasBegun;
  const before = await entriesOf(request);
  await happen(browser);
  // Something comes, which it would have been told.
  await approve(world.people.tomas, request);
  await stream.hasEnded;
  return { before, heard: stream.heard };
}

test('(6) a stream is opened by whoever may see its request, by nobody else’s cookie, and from no other site', async () => {
  const { request } = await ask(world);
  const [maya, otto] = [await signedIn('maya'), await signedIn('otto')];
  const opened = await follow(maya, request);
  await opened.hasBegun;
  expect([opened.status, opened.heard]).toEqual([200, await entriesOf(request)]);
  const refused: readonly (readonly [string, Parameters<typeof follow>, number])[] = [
    ['a stranger', [otto, request], 404],
    [
      'a stranger with the form token of whose it is',
      [otto, request, { 'x-form-token': await formTokenOf(maya) }],
      404,
    ],
    ['nobody', ['', request], 303],
    ['a made-up cookie', [`cw_${'A'.repeat(43)}`, request], 303],
    ['another site, with the right cookie', [maya, request, { 'sec-fetch-site': 'cross-site' }], 401],
    ['an access token in the place of a cookie', ['', request, { authorization: 'DPoP x' }], 303],
  ];
  for (const [who, call, status] of refused) {
    const { heard, hasEnded, status: got } = await follow(...call);
    await hasEnded;
    expect([who, got, heard]).toEqual([who, status, []]);
  }
});

test('(6) a stream that is open tells nothing more once a group was taken away', async () => {
  const { before, heard } = await whileOpen('ines', async () => world.provider.setGroups('ines', []));
  world.provider.setGroups('ines', ['leads', 'duty']);
  expect(heard).toEqual(before);
});

test('(6) nor once the sign-in has ended, wherever it was ended', async () => {
  const here = await whileOpen('maya', async (browser) =>
    browser.call(at('/sign-out'), { form: { form_token: await formTokenOf(browser) } }),
  );
  expect(here.heard).toEqual([...here.before, 'over']);
  const elsewhere = await whileOpen('maya', async (browser) => {
    const { items } = must(await world.people.maya.get('/v1/sign-ins'), 200);
    const [newest] = items.filter(({ way }: { way: string }) => way === 'browser');
    must(await world.people.maya.post(`/v1/sign-ins/${newest.sign_in}/end`), 204);
    expect((await browser.call(at('/account'))).status).toBe(303);
  });
  expect(elsewhere.heard).toEqual([...elsewhere.before, 'over']);
});

test('(6) nor to somebody who is recorded to have left', async () => {
  const { ada, ines } = world.people;
  const { before, heard } = await whileOpen('ines', async () =>
    must(await ada.post(`/v1/people/${ines.id}/leaving`, { totp: ada.code(), reason: 'gone' }), 200),
  );
  expect(heard).toEqual([...before, 'over']);
});
