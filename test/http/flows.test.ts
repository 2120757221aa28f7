import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from './harness.ts';
import { publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { approve, ask, introspect, must, open, openTicket } from './story.ts';
import { conformant, verdictOn } from './verdict.ts';

const flowsText = `${policyText
  .replace('requester: responder }', 'requester: responder, closing: ends-grants }')
  .replace('activation: 1h }', 'activation: 1h, schedule: 7d }')
  .replace(
    '  ledger-prod:',
    '  billing-prod: { zone: production, token: { audience: "https://billing.example" } }\n  ledger-prod:',
  )}
  outage:
    role: Outage
    targets: [billing-prod, shop-prod]
    scope:
      - { actions: [batches.read], on: export, access: read }
    eligible: [engineers, leads]
    ticket: incident
    review: [{ people: 1, from: leads, escalate: { after: 15m, to: duty } }]
    at_most: 1h
  batch:
    role: Batch
    target: shop-prod
    scope:
      - { actions: [batches.delete], on: "export/batches/{batch}", access: destructive }
    parameters:
      batch: { pattern: "^b-[0-9]{1,6}$", says: "the number of a batch" }
    eligible: [engineers]
    ticket: incident
    review: [{ people: 1, from: leads }]
    at_most: 1h
`;

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await publish(flowsText, [world.people.ada, world.people.bo]);
});
afterAll(async () => {
  expect(await verdictOn(world)).toMatchObject(conformant);
  await world.stop();
});

async function incidentOf(...names: readonly ('maya' | 'tomas' | 'ines')[]): Promise<string> {
  const ticket = await openTicket(world);
  const responders = names.map((name) => world.people[name].id);
  must(await world.people.ada.send('PATCH', `/v1/tickets/${ticket}`, { add_responders: responders }), 200);
  return ticket;
}

const outage = { entitlement: 'outage', targets: ['shop-prod'] };

test('an incident’s responders are asked for once, and each opens their own with a factor of their own', async () => {
  const { maya, tomas, ines } = world.people;
  const ticket = await incidentOf('tomas');
  const asked = await ask(world, { ...outage, ticket, people: [maya.id, tomas.id] });
  expect(asked.people.map(({ person }: { person: string }) => person)).toEqual([maya.id, tomas.id]);
  const own = await tomas.post(`/v1/requests/${asked.request}/statements`, { verdict: 'approve' });
  expect([own.status, own.body.rule]).toEqual([403, 'approver-is-not-requester']);
  const { grants } = await approve(ines, asked.request);
  const [mayas, tomass] = grants.map(({ grant }: { grant: string }) => grant);
  expect(grants.map(({ person }: { person: { person: string } }) => person.person)).toEqual([
    maya.id,
    tomas.id,
  ]);
  expect((await open(maya, tomass, { totp: maya.code() })).status).toBe(404);
  expect((await open(tomas, tomass)).body.code).toBe('step-up-needed');
  must(await open(tomas, tomass, { totp: tomas.code() }), 201);
  must(await open(maya, mayas), 201);
  const listed = must(await tomas.get('/v1/grants?active=true'), 200);
  expect(listed.items.map(({ grant }: { grant: string }) => grant)).toEqual([tomass]);
});

test('a request for two places is a grant on each; which place is never guessed', async () => {
  const { maya, tomas } = world.people;
  const ticket = await openTicket(world);
  const body = {
    entitlement: 'outage',
    duration_seconds: 600,
    justification: 'Both are down',
    ticket,
  };
  const unsaid = await maya.post('/v1/requests', { ...body, totp: maya.code() });
  expect([unsaid.status, unsaid.body.rule]).toEqual([403, 'targets-are-of-the-entitlement']);
  const both = await ask(world, { ...body, targets: ['shop-prod', 'billing-prod'] });
  const { grants } = await approve(tomas, both.request);
  expect(grants.map(({ target }: { target: string }) => target)).toEqual(['shop-prod', 'billing-prod']);
  const audiences = [];
  for (const { grant } of grants)
    audiences.push(must(await open(maya, grant), 201).credentials.audience as string);
  expect(audiences).toEqual(['https://shop.example', 'https://billing.example']);
});

test('an extension is found from the grant it carries on, says until when both last, and begins at the old end', async () => {
  const { maya, tomas } = world.people;
  const ticket = await openTicket(world);
  const first = await approve(
    tomas,
    (await ask(world, { ...outage, ticket, duration_seconds: 600 })).request,
  );
  const { grant } = first.grants[0];
  must(await open(maya, grant), 201);
  const running = must(await maya.get(`/v1/grants/${grant}`), 200);
  expect(running).toMatchObject({ extends: null, extended_by: null, covers_until: running.ends_at });
  const more = await ask(world, { ...outage, ticket, duration_seconds: 900, extends: grant });
  expect(more).toMatchObject({ extends: grant, starts_at: running.ends_at });
  const next = (await approve(tomas, more.request)).grants[0];
  expect(next).toMatchObject({ status: 'scheduled', starts_at: running.ends_at, extends: grant });
  const covered = must(await maya.get(`/v1/grants/${grant}`), 200);
  expect(covered.extended_by).toBe(next.grant);
  expect(Date.parse(covered.covers_until)).toBe(Date.parse(running.ends_at) + 900_000);
  expect((await open(maya, next.grant)).body.rule).toBe('grant-has-begun');
  world.clock.advance(Date.parse(running.ends_at) - world.clock.nowMs());
  must(await open(maya, next.grant, { totp: maya.code() }), 201);
  const ended = must(await maya.post(`/v1/grants/${next.grant}/end`), 200);
  expect(ended.seconds_saved).toBeGreaterThan(800);
});

test('what was revoked takes its extension with it', async () => {
  const { maya, tomas } = world.people;
  const ticket = await openTicket(world);
  const { grants } = await approve(tomas, (await ask(world, { ...outage, ticket })).request);
  must(await open(maya, grants[0].grant), 201);
  const more = await ask(world, { ...outage, ticket, extends: grants[0].grant });
  const next = (await approve(tomas, more.request)).grants[0];
  must(await tomas.post(`/v1/grants/${grants[0].grant}/revocation`, { reason: 'Enough' }), 200);
  expect(must(await maya.get(`/v1/grants/${next.grant}`), 200)).toMatchObject({
    status: 'revoked',
    cut_off_because: 'extended-grant-revoked',
  });
});

test('a start ahead is told, opens nothing before, and is bounded by the policy', async () => {
  const { maya, tomas } = world.people;
  const ticket = await openTicket(world);
  const starts_at = new Date(world.clock.nowMs() + 3_600_000).toISOString();
  const { grants } = await approve(tomas, (await ask(world, { ...outage, ticket, starts_at })).request);
  expect(grants).toMatchObject([{ status: 'scheduled', starts_at, ends_at: null }]);
  expect((await open(maya, grants[0].grant)).body.rule).toBe('grant-has-begun');
  const body = { ...outage, ticket, duration_seconds: 600, justification: 'Later' };
  const asking = async (at: string) =>
    (await maya.post('/v1/requests', { ...body, starts_at: at, totp: maya.code() })).body;
  expect((await asking('tomorrow')).code).toBe('malformed-input');
  expect((await asking('2099-01-01T00:00:00.000Z')).rule).toBe('start-is-within-limit');
  expect((await asking('2020-01-01T00:00:00.000Z')).rule).toBe('start-is-within-limit');
});

test('a closed ticket ends what rests on it before the call that closed it is answered', async () => {
  const { maya, tomas, ada } = world.people;
  const ticket = await openTicket(world);
  const { grants } = await approve(tomas, (await ask(world, { ...outage, ticket })).request);
  const { credentials } = must(await open(maya, grants[0].grant), 201);
  expect((await introspect(world, credentials.token)).body.active).toBe(true);
  const closed = must(await ada.send('PATCH', `/v1/tickets/${ticket}`, { state: 'closed' }), 200);
  expect(closed.entries.length).toBeGreaterThan(1);
  expect((await introspect(world, credentials.token)).body).toEqual({ active: false });
  expect(must(await maya.get(`/v1/grants/${grants[0].grant}`), 200)).toMatchObject({
    status: 'revoked',
    cut_off_because: 'ticket-closed',
  });
});

test.each([
  '*',
  'b-1*',
  'b-?',
  '${aws:username}',
  'b-1"',
  'b-1/../b-2',
  '../b-1',
  'b-0000001',
  'B-1',
  '{batch}',
])('(27) the parameter %j widens nothing: it is refused, and nothing of it is stored', async (batch) => {
  const { maya } = world.people;
  const ticket = await openTicket(world);
  const body = { entitlement: 'batch', duration_seconds: 600, justification: 'One batch', ticket };
  const before = (await world.broker.store.head())?.size ?? 0;
  const refused = await maya.post('/v1/requests', { ...body, parameters: { batch }, totp: maya.code() });
  expect([refused.status, refused.body.rule]).toEqual([403, 'parameters-fit-their-patterns']);
  for await (const bytes of world.broker.store.entries(before, before + 1))
    expect(new TextDecoder().decode(bytes)).not.toContain(JSON.stringify(batch).slice(1, -1));
});

test('a parameter is filled in once, and the token says no other resource', async () => {
  const { maya, tomas } = world.people;
  const asked = await ask(world, {
    entitlement: 'batch',
    ticket: await openTicket(world),
    parameters: { batch: 'b-42' },
  });
  expect(asked).toMatchObject({
    parameters: { batch: 'b-42' },
    scope: [{ resource: 'export/batches/b-42' }],
  });
  const { grants } = await approve(tomas, asked.request);
  const { credentials } = must(await open(maya, grants[0].grant), 201);
  const { permissions } = (await introspect(world, credentials.token)).body;
  expect(permissions).toEqual([{ action: 'batches.delete', resource: 'export/batches/b-42' }]);
});

test('a request says whom it escalates to, and when; that group sees it from the beginning and decides it from then on', async () => {
  const { ines } = world.people;
  const asked = await ask(world, { ...outage, ticket: await openTicket(world) });
  const [stage] = asked.stages;
  expect(stage).toMatchObject({ from: 'leads', escalates_to: 'duty' });
  expect(Date.parse(stage.escalates_at) - Date.parse(asked.submitted_at)).toBe(900_000);
  expect((await ines.get(`/v1/requests/${asked.request}`)).status).toBe(200);
});
