import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEntry } from '../../src/log/entry.ts';
import { newBrowser } from '../http/browser.ts';
import { approve, ask, introspect, must, open, openedGrant } from '../http/story.ts';
import { COOKIE } from '../http/web-visits.ts';
import { audited, downloaded, typesOf } from './audited.ts';
import { startWorkerWorld, type WorkerWorld } from './worker-world.ts';

let world: WorkerWorld;
beforeAll(async () => {
  world = await startWorkerWorld();
}, 240_000);
afterAll(() => world?.stop());

test('in workerd access is asked for, approved narrower by somebody else, used, and revoked', async () => {
  const { maya, tomas } = world.people;
  const asked = await ask(world);
  const narrower = {
    duration_seconds: 900,
    scope: [{ action: 'batches.delete', resource: 'export/batches/*' }],
  };
  const approved = await approve(tomas, asked.request, narrower);
  const session = must(await open(maya, approved.grants[0].grant), 201);
  expect((await introspect(world, session.credentials.token)).body).toMatchObject({ active: true });
  const path = `/v1/grants/${approved.grants[0].grant}/revocation`;
  expect(must(await tomas.post(path, { reason: 'Done' }), 200)).toMatchObject({ status: 'revoked' });
  expect((await introspect(world, session.credentials.token)).body).toEqual({ active: false });
});

test('in workerd a session in AWS is opened with what was approved, and its secret is in no entry', async () => {
  const { grant, session } = await openedGrant(world, { entitlement: 'ledger' });
  expect(session.credentials.kind).toBe('aws');
  expect(world.sts.calls.at(-1)).toMatchObject({ RoleSessionName: grant, SourceIdentity: grant });
  const log = Buffer.concat((await downloaded(world)).entries).toString();
  expect(world.sts.secrets.length).toBeGreaterThan(0);
  for (const secret of world.sts.secrets) expect(log).not.toContain(secret);
});

test('in workerd a pipeline asks with its own token, and nobody asks with another’s', async () => {
  const ask = async (subject: string) => {
    const token = await world.workloads.token({ subject, audience: world.url });
    return fetch(`${world.url}/v1/requests`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ entitlement: 'deploying', duration_seconds: 600, justification: 'Release 7' }),
    });
  };
  expect((await ask('repo:acme/shop:environment:production')).status).toBe(201);
  expect((await ask('repo:acme/other:ref:main')).status).toBe(401);
});

test('in workerd a policy is held against AWS’s own list of actions, which lies among the assets', async () => {
  const proposed = must(await world.people.noor.get('/v1/policy'), 200);
  expect(JSON.stringify(proposed)).toContain('ledger');
  const [entry] = (await downloaded(world)).entries.filter(
    (bytes) => readEntry(bytes).type === 'countersign.policy.proposed.v1',
  );
  expect(readEntry(entry ?? new Uint8Array()).data).toMatchObject({
    plan: { catalogue: expect.stringMatching(/^iam-data \d/) },
  });
});

test('in workerd pages are dressed in the assets that lie beside the program, under the same headers', async () => {
  const page = await fetch(`${world.url}/sign-in`, {
    headers: { accept: 'text/html', 'accept-encoding': 'gzip' },
  });
  const text = await page.text();
  expect(text).toMatch(/^<!doctype html>/);
  const [, style = ''] = /href="(\/assets\/app\.[\w-]+\.css)"/.exec(text) ?? [];
  const sheet = await fetch(`${world.url}${style}`);
  expect([sheet.status, sheet.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  expect(sheet.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  for (const name of ['content-security-policy', 'x-content-type-options', 'x-frame-options']) {
    expect([name, sheet.headers.get(name)]).toEqual([name, page.headers.get(name)]);
  }
  expect((await fetch(`${world.url}/assets/none.js`)).status).toBe(404);
});

test('in workerd a page that stays open hears of what comes', async () => {
  const browser = newBrowser();
  const home = await browser.signIn(`${world.url}/sign-in/with/corp?return_to=%2F`, 'maya');
  expect([home.status, home.text.includes('Maya Okafor')]).toEqual([200, true]);
  const { request } = await ask(world);
  const open = await fetch(`${world.url}/requests/${request}/events`, {
    headers: { cookie: `${COOKIE}=${browser.cookie(world.url, COOKIE)}`, 'sec-fetch-site': 'same-origin' },
  });
  expect([open.status, open.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const heard = (async () => {
    let text = '';
    for await (const chunk of open.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (text.includes('approved')) return text;
    }
    return text;
  })();
  await approve(world.people.tomas, request);
  expect(await heard).toContain('Tomas Lind approved');
});

test('in workerd what time alone ends is written by an alarm, while nobody calls', async () => {
  const { request } = await openedGrant(world);
  world.clock.advance(3_600_000);
  // Carries the time there; of this request nothing follows.
  await fetch(`${world.url}/healthz`);
  // Reading writes nothing: whatever comes, an alarm wrote.
  const last = async () => {
    const { entries } = await downloaded(world);
    const own = entries
      .map((bytes) => readEntry(bytes))
      .filter(({ stream }) => stream === `request/${request}`);
    return { type: own.at(-1)?.type, data: own.at(-1)?.data };
  };
  await expect.poll(last, { interval: 1_500, timeout: 25_000 }).toMatchObject({
    type: 'countersign.grant.expired.v1',
    data: { by: { kind: 'broker' } },
  });
});

test('a restart of workerd loses nothing, writes no start of the same program twice, and goes on in one chain', async () => {
  const before = await downloaded(world);
  await world.restart();
  const { grant, session } = await openedGrant(world);
  expect((await introspect(world, session.credentials.token)).body).toMatchObject({ active: true, grant });
  const after = await downloaded(world);
  expect(after.entries.slice(0, before.size).map(String)).toEqual(before.entries.map(String));
  expect(typesOf(after.entries).filter((type) => type === 'server.configured.v1')).toHaveLength(1);
});

test('the log that workerd wrote is intact, complete and conformant to the verifier in Node', async () => {
  const { checkpointNote } = await downloaded(world);
  await openedGrant(world);
  const report = await audited(world, 'export', [checkpointNote]);
  expect([report.intact.passed, report.complete.passed, report.conformant?.passed]).toEqual([
    true,
    true,
    true,
  ]);
  expect(report.conformant?.faults).toEqual([]);
});
