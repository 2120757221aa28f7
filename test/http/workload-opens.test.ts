import { afterAll, beforeAll, expect, test } from 'vitest';
import { key, startWorld, type World } from './harness.ts';
import { type Answer, answerOf, publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { approve, introspect, must } from './story.ts';
import { conformant, verdictOn } from './verdict.ts';

const SHOP = 'repo:acme/shop:environment:production';
const DOCS = 'repo:acme/docs:ref:main';

/** Two pipelines, and sponsors that are not among the reviewers. */
const text = policyText
  .replace(
    'sponsor: leads }',
    `sponsor: admins }\n  docs: { issuer: pipelines, subject: "${DOCS}", sponsor: admins }`,
  )
  .replace('[deploy, engineers]', '[deploy, docs]');

let world: World;
let asked: Answer;
let grant: string;
beforeAll(async () => {
  world = await startWorld();
  const { ada, bo, tomas, ines } = world.people;
  await publish(text, [ada, bo]);
  asked = await call(SHOP, '/v1/requests', release);
  const { request } = must(asked, 201);
  await approve(tomas, request);
  grant = (await approve(ines, request)).grants[0].grant;
});
afterAll(() => world.stop());

const release = { entitlement: 'deploying', duration_seconds: 600, justification: 'Release 7' };

async function call(subject: string, path: string, body: unknown, audience = world.url): Promise<Answer> {
  const token = await world.workloads.token({ subject, audience });
  const headers = { 'content-type': 'application/json', 'idempotency-key': key() };
  const authorization = `Bearer ${token}`;
  const init = { method: 'POST', headers: { ...headers, authorization }, body: JSON.stringify(body) };
  return answerOf(await fetch(`${world.url}${path}`, init));
}

const openAs = (subject: string, audience?: string): Promise<Answer> =>
  call(subject, `/v1/grants/${grant}/sessions`, {}, audience);

test('a workload opens what two people who do not answer for it approved, and ends it', async () => {
  const session = must(await openAs(SHOP), 201);
  const { token } = session.credentials;
  expect((await introspect(world, token)).body).toMatchObject({ active: true, grant, target: 'shop-prod' });
  const stolen = await fetch(`${world.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  expect(stolen.status).toBe(401);
  must(await call(SHOP, `/v1/grants/${grant}/end`, undefined), 200);
  expect((await introspect(world, token)).body).toEqual({ active: false });
  expect((await openAs(SHOP)).body.rule).toBe('grant-is-usable');
});

test('another workload that may ask for the same does not open, see or end it', async () => {
  expect((await openAs(DOCS)).body.code).toBe('not-found');
  expect((await call(DOCS, `/v1/grants/${grant}/end`, undefined)).body.code).toBe('not-found');
  expect((await call(DOCS, `/v1/requests/${asked.body.request}/withdrawal`, undefined)).status).toBe(404);
});

test('a token for another audience opens nothing', async () => {
  expect((await openAs(SHOP, 'https://elsewhere.example')).body.code).toBe('not-signed-in');
});

test('a person cannot open it, nor can its sponsor or its reviewers', async () => {
  const { maya, tomas, ada } = world.people;
  for (const person of [maya, tomas, ada]) {
    const answer = await person.post(`/v1/grants/${grant}/sessions`, {}, { 'idempotency-key': key() });
    expect(answer.body.code).toBe('not-found');
  }
});

test('a workload cannot use break-glass', async () => {
  const emergency = { ...release, entitlement: 'repair', ticket: 'INC-1', break_glass: true };
  expect((await call(SHOP, '/v1/requests', emergency)).body.rule).toBe('break-glass-is-allowed');
});

test('a workload whose entitlement was taken away opens nothing, and one the policy forgot is nobody', async () => {
  const { ada, bo, tomas, ines } = world.people;
  const { request } = must(await call(SHOP, '/v1/requests', release), 201);
  await approve(tomas, request);
  grant = (await approve(ines, request)).grants[0].grant;
  await publish(text.replace('[deploy, docs]', '[docs]'), [ada, bo]);
  expect((await openAs(SHOP)).body.rule).toBe('entitlement-still-allows-the-grant');
  await publish(text.replace(SHOP, 'repo:acme/renamed'), [ada, bo]);
  expect((await openAs(SHOP)).body.code).toBe('not-signed-in');
});

test('an auditor finds every decision of these stories conformant', async () => {
  expect(await verdictOn(world)).toMatchObject(conformant);
});
