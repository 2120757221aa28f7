import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, ask } from '../http/story.ts';
import { type Stage, startStage, type Visit } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

async function cookieOf({ context }: Visit): Promise<string> {
  const cookies = await context.cookies();
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}

interface Heard {
  readonly id: number | null;
  readonly event: string;
}

/** What a browser that had `lastEventId` is sent, until `isEnough`. */
async function listen(
  visit: Visit,
  request: string,
  lastEventId: number,
  isEnough: (heard: readonly Heard[]) => boolean,
): Promise<readonly Heard[]> {
  const stop = new AbortController();
  const response = await fetch(`${stage.world.url}/requests/${request}/events`, {
    headers: {
      cookie: await cookieOf(visit),
      'last-event-id': String(lastEventId),
      'sec-fetch-site': 'same-origin',
    },
    signal: stop.signal,
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const heard: Heard[] = [];
  for await (const block of blocksOf(response)) {
    heard.push(...heardIn(block));
    if (isEnough(heard)) break;
  }
  stop.abort();
  return heard;
}

/** Each event as the text it came in (HTML Standard, server-sent events). */
async function* blocksOf(response: Response): AsyncGenerator<string> {
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk);
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    yield* blocks;
  }
}

function heardIn(block: string): readonly Heard[] {
  const [, event] = /^event: (.*)$/m.exec(block) ?? [];
  const [, id] = /^id: (.*)$/m.exec(block) ?? [];
  return event === undefined ? [] : [{ id: id === undefined ? null : Number(id), event }];
}

test('an open page shows a decision without being loaded again by hand, each row with its entry', async () => {
  const { request } = await ask(stage.world);
  const visit = await stage.visit('maya');
  await visit.page.goto(`/requests/${request}`);
  await visit.page.getByText('This list follows the log.').waitFor();
  await approve(stage.world.people.tomas, request);
  await visit.page.locator('[data-timeline] li', { hasText: 'Tomas Lind approved' }).waitFor();
  // The server's own page, with what may be done now, takes its place.
  await visit.page.getByRole('button', { name: 'End now' }).waitFor();
  const { items } = (await stage.world.people.maya.get(`/v1/requests/${request}/timeline`)).body;
  const shown = await visit.page.locator('[data-timeline] .entry').allTextContents();
  expect(shown).toEqual(items.map(({ entry }: { entry: number }) => `#${entry}`));
  await visit.close();
});

test('after a lost connection exactly what was missed is sent', async () => {
  const { request } = await ask(stage.world);
  const visit = await stage.visit('maya');
  const first = await listen(visit, request, -1, (heard) => heard.length >= 1);
  const had = first[0]?.id ?? -1;
  await approve(stage.world.people.tomas, request);
  const { items } = (await stage.world.people.maya.get(`/v1/requests/${request}/timeline`)).body;
  const missed = items.map(({ entry }: { entry: number }) => entry).filter((entry: number) => entry > had);
  expect(missed.length).toBeGreaterThan(1);
  const then = await listen(visit, request, had, (heard) => heard.length >= missed.length);
  expect(then.map(({ id }) => id)).toEqual(missed);
  await visit.close();
});

test('a stream is for whoever may see the request, and ends with the sign-in', async () => {
  const { request } = await ask(stage.world);
  const stranger = await stage.visit('otto');
  const refused = await stranger.page.request.get(`/requests/${request}/events`);
  expect(refused.status()).toBe(404);
  await stranger.close();

  const visit = await stage.visit('maya');
  const listening = listen(visit, request, -1, (heard) => heard.some(({ event }) => event === 'over'));
  await visit.page.goto('/account');
  await visit.page.getByRole('button', { name: 'Sign out' }).click();
  await visit.page.getByText('You are signed out').waitFor();
  // Something happens: the stream is looked at anew.
  await approve(stage.world.people.tomas, request);
  expect((await listening).at(-1)?.event).toBe('over');
  await visit.close();
});

test('a broker that ends does not wait for the pages that follow it', async () => {
  const { request } = await ask(stage.world);
  const visit = await stage.visit('maya');
  await visit.page.goto(`/requests/${request}`);
  await visit.page.getByText('This list follows the log.').waitFor();
  const began = performance.now();
  await stage.world.restart();
  expect(performance.now() - began).toBeLessThan(8_000);
  // The browser comes back by itself, to the process that took its place.
  await approve(stage.world.people.tomas, request);
  await visit.page.getByRole('button', { name: 'End now' }).waitFor({ timeout: 15_000 });
  await visit.close();
});
