import { afterAll, beforeAll, expect, test } from 'vitest';
import { scopeCovers } from '../../src/domain/policy/narrow.ts';
import { startWorld, type World } from './harness.ts';
import { approve, ask, introspect, must, open, openedGrant, statementFor } from './story.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test('access is asked for, approved narrower by somebody else, used, kept within its scope, and revoked', async () => {
  const { maya, tomas } = world.people;
  const asked = await ask(world);
  expect(asked).toMatchObject({
    status: 'pending',
    person: { person: maya.id, display_name: 'Maya Okafor' },
    grants: [],
  });
  const own = await maya.post(`/v1/requests/${asked.request}/statements`, { verdict: 'approve' });
  expect([own.status, own.body.rule]).toEqual([403, 'approver-is-not-requester']);
  expect(
    (await tomas.get('/v1/requests?waiting=true')).body.items.map(
      (item: { request: string }) => item.request,
    ),
  ).toContain(asked.request);
  const narrower = {
    duration_seconds: 900,
    scope: [{ action: 'batches.delete', resource: 'export/batches/*' }],
  };
  const approved = await approve(tomas, asked.request, narrower);
  expect(approved).toMatchObject({
    status: 'approved',
    grants: [{ duration_seconds: 900, scope: [{ access: 'destructive' }] }],
  });
  const session = must(await open(maya, approved.grants[0].grant), 201);
  const { body: told } = await introspect(world, session.credentials.token);
  expect(told).toMatchObject({ active: true, grant: approved.grants[0].grant, aud: 'https://shop.example' });
  expect(scopeCovers(told.permissions, 'batches.delete', 'export/batches/42')).toBe(true);
  expect(scopeCovers(told.permissions, 'batches.read', 'export')).toBe(false);
  const revoked = must(
    await tomas.post(`/v1/grants/${approved.grants[0].grant}/revocation`, { reason: 'Done' }),
    200,
  );
  expect(revoked).toMatchObject({ status: 'revoked', outlives: expect.any(String) });
  expect((await introspect(world, session.credentials.token)).body).toEqual({ active: false });
  expect((await open(maya, approved.grants[0].grant)).body).toMatchObject({
    code: 'refused-by-rule',
    rule: 'grant-is-usable',
  });
});

test('the timeline tells every step with its entry, by names', async () => {
  const { maya } = world.people;
  const { request } = await openedGrant(world);
  const { items } = must(await maya.get(`/v1/requests/${request}/timeline`), 200);
  const sentences = items.map((item: { sentence: string }) => item.sentence);
  expect(sentences).toContain(`Maya Okafor asked for 30 minutes of repair on shop-prod: ${request}.`);
  expect(sentences).toContain(
    `Tomas Lind approved ${request}: 2 permissions (1 destructive), for 30 minutes.`,
  );
  expect(items.map((item: { entry: number }) => item.entry)).toEqual(
    items.map((item: { entry: number }) => item.entry).toSorted((a: number, b: number) => a - b),
  );
});

test('a denial needs a reason and ends the asking', async () => {
  const { tomas } = world.people;
  const { request } = await ask(world);
  const statement = await statementFor(tomas, request, { verdict: 'deny' });
  const silent = await tomas.post(`/v1/requests/${request}/reviews`, { statement, totp: tomas.code() });
  expect(silent.body.code).toBe('malformed-input');
  const denied = must(
    await tomas.post(`/v1/requests/${request}/reviews`, { statement, reason: 'Not now', totp: tomas.code() }),
    201,
  );
  expect(denied).toMatchObject({
    status: 'denied',
    grants: [],
    reviews: [{ verdict: 'deny', reason: 'Not now' }],
  });
});

test('a holder ends a grant early and a requester withdraws an undecided request', async () => {
  const { maya } = world.people;
  const { grant, session } = await openedGrant(world);
  expect(must(await maya.post(`/v1/grants/${grant}/end`), 200)).toMatchObject({ grant: { status: 'ended' } });
  expect((await introspect(world, session.credentials.token)).body).toEqual({ active: false });
  const { request } = await ask(world);
  expect(must(await maya.post(`/v1/requests/${request}/withdrawal`), 200).status).toBe('withdrawn');
});

test('a session in AWS is opened with what was approved, and its secret is nowhere else', async () => {
  const { grant, session } = await openedGrant(world, { entitlement: 'ledger' });
  expect(session.credentials.kind).toBe('aws');
  expect(world.sts.calls.at(-1)).toMatchObject({ RoleSessionName: grant, SourceIdentity: grant });
  const log = must(await world.people.noor.get('/v1/log/entries?limit=500'), 200);
  for (const secret of world.sts.secrets) {
    expect(JSON.stringify(log)).not.toContain(secret);
    expect(world.lines.join('')).not.toContain(secret);
  }
  const revoked = must(
    await world.people.ines.post(`/v1/grants/${grant}/revocation`, { reason: 'Enough' }),
    200,
  );
  expect(revoked).toMatchObject({
    status: 'revoking',
    outlives: expect.stringContaining('until the session ends'),
  });
});

test('an emergency opens without sign-off and is judged afterwards by somebody else', async () => {
  const { maya, tomas, ines } = world.people;
  const used = await ask(world, { break_glass: true, duration_seconds: 600 });
  expect(used).toMatchObject({ status: 'approved', break_glass: { reviewed: false, verdicts: [] } });
  must(await open(maya, used.grants[0].grant), 201);
  const path = `/v1/requests/${used.request}`;
  const foreign = await tomas.post(`${path}/break-glass-statements`, { verdict: 'justified' });
  const { statement } = must(
    await ines.post(`${path}/break-glass-statements`, { verdict: 'justified' }),
    200,
  );
  const stolen = await tomas.post(`${path}/break-glass-reviews`, {
    statement: foreign.body.statement ?? statement,
    reason: 'Fine',
    totp: tomas.code(),
  });
  expect(stolen.status).toBe(403);
  const judged = must(
    await ines.post(`${path}/break-glass-reviews`, { statement, reason: 'It burned', totp: ines.code() }),
    201,
  );
  expect(judged.break_glass).toMatchObject({ reviewed: true, verdicts: ['justified'] });
});

test('a workload asks and opens with its own token, and never reviews', async () => {
  const { tomas, ines } = world.people;
  const bearer = async (subject = 'repo:acme/shop:environment:production') =>
    `Bearer ${await world.workloads.token({ subject, audience: world.url })}`;
  const call = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${world.url}${path}`, {
      method: 'POST',
      headers: { authorization: await bearer(), 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const asked = await call('/v1/requests', {
    entitlement: 'deploying',
    duration_seconds: 600,
    justification: 'Release 7',
  });
  expect(asked).toMatchObject({ status: 201, body: { status: 'pending' } });
  const sponsor = await tomas.post(`/v1/requests/${asked.body.request}/statements`, { verdict: 'approve' });
  expect(sponsor.body.rule).toBe('reviewer-sponsors-not-the-workload');
  const { request } = await ask(world, { entitlement: 'deploying' });
  const statement = await statementFor(ines, request);
  const reviewed = await call(`/v1/requests/${request}/reviews`, { statement, totp: '123456' });
  expect(reviewed.status).toBe(404);
  const own = await call(`/v1/requests/${asked.body.request}/reviews`, {
    statement: { ...statement, request: asked.body.request },
    totp: '123456',
  });
  expect(own.body.rule).toBe('reviewer-is-human');
  for (const path of ['/v1/people?name=Maya', '/v1/policy', '/v1/tickets/INC-1', `/v1/requests/${request}`]) {
    const answer = await fetch(`${world.url}${path}`, { headers: { authorization: await bearer() } });
    expect([path, answer.status]).toEqual([path, 404]);
  }
  const unknown = await fetch(`${world.url}/v1/me`, {
    headers: { authorization: await bearer('repo:acme/other:ref:main') },
  });
  expect(unknown.status).toBe(401);
});
