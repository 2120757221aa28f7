import { randomInt } from 'node:crypto';
import type { StreamId } from '../src/domain/ids.ts';
import { streams } from '../src/domain/ids.ts';
import { type Browser, newBrowser } from '../test/http/browser.ts';
import { type Name, startWorld, type World } from '../test/http/harness.ts';
import { ask, openedGrant } from '../test/http/story.ts';
import { median, printTable } from './harness.ts';
import { retold, type Story, storyOf, telling } from './retold-requests.ts';

/**
 * How long the broker takes for a page when its store holds many requests: over real HTTP, from the call to the whole
 * page, by the broker's own log of calls. The identity provider's word on groups is remembered, as it is for a minute
 * in production, so asking it is not in the figures.
 */
const REQUESTS = Number(process.argv[2] ?? 100_000);
const RUNS = 60;
/** A broker that has run for a while has compiled what it runs often. */
const WARMING_RUNS = 40;
const AIM_MS = 5;

/** Who asked for them, beside Maya; each has signed in once and has a name. */
const OTHERS = 99;
const STORIES_A_COMMAND = 100;
const COMMANDS_UNDER_WAY = 4;
/** Of Maya's, so that her pages show whole lives. */
const WHOLE_LIVES = Math.ceil(REQUESTS / (OTHERS + 1));
const OPEN_NOW = 12;

interface Told {
  /** Waits for a lead. */
  readonly waiting: string;
  readonly entries: number;
}

/** Three requests go their real way; the others are told after them. */
async function fill(at: World): Promise<Told> {
  const { broker } = at;
  const { maya } = at.people;
  const { request: withdrawn } = await ask(at);
  await maya.post(`/v1/requests/${withdrawn}/withdrawal`);
  const ended = await openedGrant(at);
  await maya.post(`/v1/grants/${ended.grant}/end`, {});
  const active = await openedGrant(at);
  const { request: waiting } = await ask(at);
  const story = (request: string) => storyOf(broker, streams.request(request), maya.id);
  const [short, whole, running, pending] = await Promise.all(
    [withdrawn, ended.request, active.request, waiting].map(story),
  );
  const signIn = await storyOf(broker, await signInOf(at), maya.id);
  const others = Array.from({ length: OTHERS }, inventedPerson);
  await tell(
    at,
    others.map((person) => [signIn, person]),
  );
  await tell(at, [
    ...others.flatMap((person) => many(WHOLE_LIVES, short, person)),
    ...many(WHOLE_LIVES, whole, maya.id),
  ]);
  await tell(at, [
    ...many(OPEN_NOW, running, maya.id),
    ...others.slice(0, OPEN_NOW).flatMap((one) => many(1, pending, one)),
  ]);
  return { waiting, entries: (await broker.store.head())?.size ?? 0 };
}

type ToTell = readonly [Story | undefined, string];

const many = (count: number, story: Story | undefined, person: string): ToTell[] =>
  Array.from({ length: count }, () => [story, person]);

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const inventedPerson = (): string =>
  `p-${Array.from({ length: 26 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('')}`;

/** The stream of Maya's newest sign-in. */
async function signInOf({ people }: World): Promise<StreamId> {
  const { items } = (await people.maya.get('/v1/sign-ins')).body;
  return streams.signIn(String(items[0].sign_in));
}

async function tell({ broker }: World, stories: readonly ToTell[]): Promise<void> {
  let next = 0;
  const teller = async (): Promise<void> => {
    while (next < stories.length) {
      const some = stories.slice(next, next + STORIES_A_COMMAND);
      next += STORIES_A_COMMAND;
      const drafts = some.map(([story, person]) =>
        story === undefined ? [] : retold(story, broker, person),
      );
      await broker.sequencer.submit(telling(drafts));
    }
  };
  await Promise.all(Array.from({ length: COMMANDS_UNDER_WAY }, teller));
}

async function measure(at: World, { waiting, entries }: Told): Promise<void> {
  const pages: readonly (readonly [string, Name, string, string])[] = [
    ['home, of somebody who asks', 'maya', '/', '/'],
    ['home, of somebody who reviews', 'tomas', '/', '/'],
    ['a request', 'maya', `/requests/${waiting}`, '/requests/:id'],
    ['its review', 'tomas', `/requests/${waiting}/review`, '/requests/:id/review'],
    ['active access', 'maya', '/access', '/access'],
    ['the log', 'noor', '/log', '/log'],
    ['one entry of it', 'noor', '/log/1000', '/log/:seq{[0-9]{1,15}}'],
    ['catalogue', 'maya', '/catalog', '/catalog'],
    ['asking', 'maya', '/ask?entitlement=repair', '/ask'],
    ['people', 'ada', '/people', '/people'],
    ['policy', 'ada', '/policy', '/policy'],
    ['nothing: /healthz', 'maya', '/healthz', '/healthz'],
  ];
  const rows: (string | number)[][] = [];
  for (const [what, name, path, route] of pages) {
    const times = await timesOf(at, await visitor(at, name), path, route);
    rows.push([
      what,
      median(times),
      times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0,
      AIM_MS,
    ]);
  }
  printTable(
    `pages made by the broker, ${REQUESTS.toLocaleString('en-US')} requests in the store (${entries.toLocaleString('en-US')} entries)`,
    ['page', 'median ms', 'p95', 'aim'],
    rows,
  );
}

const visitors = new Map<Name, Browser>();

async function visitor({ url }: World, name: Name): Promise<Browser> {
  const known = visitors.get(name);
  if (known !== undefined) return known;
  const browser = newBrowser();
  await browser.signIn(`${url}/sign-in/with/corp?return_to=/docs`, name);
  visitors.set(name, browser);
  return browser;
}

async function timesOf(
  { url, lines }: World,
  browser: Browser,
  path: string,
  route: string,
): Promise<number[]> {
  const from = lines.length;
  for (let run = 0; run < WARMING_RUNS + RUNS; run++) {
    const { status } = await browser.call(`${url}${path}`);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
  }
  // A person's calls are counted: fifty a second are theirs again.
  await new Promise((resolve) => setTimeout(resolve, (WARMING_RUNS + RUNS) * 20));
  return lines
    .slice(from)
    .map((line) => JSON.parse(line) as { route?: string; milliseconds?: number })
    .filter((told) => told.route === route)
    .map(({ milliseconds }) => milliseconds ?? Number.NaN)
    .slice(WARMING_RUNS);
}

const world = await startWorld({ claimsAgeSeconds: 900 });
try {
  const told = await fill(world);
  await measure(world, told);
} finally {
  await world.stop();
}
