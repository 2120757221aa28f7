import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from './harness.ts';
import { publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { approve, ask, introspect, must, open, openTicket, statementFor } from './story.ts';
import { conformant, verdictOn } from './verdict.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const administrators = () => [world.people.ada, world.people.bo];

/** The policy, with one thing of `repair` changed. */
const repairChanged = (from: string, to: string): string => {
  const [before = '', after = ''] = policyText.split('  deploying:');
  const changed = before.replace(from, to);
  if (changed === before) throw new Error(`nothing to change: ${from}`);
  return `${changed}  deploying:${after}`;
};

/** What an administrator may change while somebody holds an approval, tighter or looser: it opens nothing. */
const changes: readonly (readonly [string, string])[] = [
  ['its role', repairChanged('role: Repair', 'role: Owner')],
  ['a wider scope', repairChanged('"export/batches/*"', '"export/*"')],
  ['a narrower scope', repairChanged('"export/batches/*"', '"export/batches/4*"')],
  ['a longer time', repairChanged('at_most: 1h', 'at_most: 2h')],
  ['more reviewers', repairChanged('people: 1, from: leads', 'people: 2, from: leads')],
  ['other reviewers', repairChanged('people: 1, from: leads', 'people: 1, from: duty')],
  ['who is eligible', repairChanged('[engineers, deploy]', '[engineers, leads]')],
  ['the group behind a name', repairChanged('group: eng }', 'group: engineering }')],
  ['the audience of its target', repairChanged('https://shop.example', 'https://other.example')],
  ['the state its ticket must be in', repairChanged('state: open', 'state: approved')],
  [
    'whom it escalates to',
    repairChanged('from: leads }]', 'from: leads, escalate: { after: 1h, to: duty } }]'),
  ],
  [
    'who stands in for its reviewers',
    repairChanged(
      'zones:',
      'delegates: [{ for: leads, to: duty, from: 2020-01-01, until: 2099-12-31 }]\nzones:',
    ),
  ],
  ['how far ahead it may start', repairChanged('activation: 1h', 'activation: 1h, schedule: 7d')],
  [
    'what ends its grants',
    repairChanged('requester: responder }', 'requester: responder, closing: ends-grants }'),
  ],
  [
    'its places',
    repairChanged('    target: shop-prod', '    targets: [shop-prod, second-prod]').replace(
      '  ledger-prod:',
      '  second-prod: { zone: production, token: { audience: "https://second.example" } }\n  ledger-prod:',
    ),
  ],
  ['the factor for opening', repairChanged('review: totp, open: totp', 'review: totp, open: none')],
];

test.each(changes)('(30) an approval opens nothing once the policy changes %s', async (_, changed) => {
  const { maya, tomas } = world.people;
  const {
    grants: [grant],
  } = await approve(tomas, (await ask(world)).request);
  await publish(changed, administrators());
  const refused = await open(maya, grant.grant, { totp: maya.code() });
  await publish(policyText, administrators());
  expect(refused.body).toMatchObject({ status: 403, rule: 'entitlement-still-allows-the-grant' });
});

test('(30) an entitlement that is gone opens nothing', async () => {
  const { maya, tomas } = world.people;
  const {
    grants: [grant],
  } = await approve(tomas, (await ask(world, { entitlement: 'ledger' })).request);
  const calls = world.sts.calls.length;
  await publish(policyText.slice(0, policyText.indexOf('  ledger:\n    role')), administrators());
  const refused = await open(maya, grant.grant);
  await publish(policyText, administrators());
  expect(refused.body.rule).toBe('entitlement-still-allows-the-grant');
  expect(world.sts.calls.length).toBe(calls);
});

test('(30) approvals gathered before a policy was loosened are not enough after it', async () => {
  const { tomas, ines, maya } = world.people;
  const { request } = await ask(world, { entitlement: 'deploying' });
  await approve(tomas, request);
  const statement = await statementFor(ines, request);
  await publish(policyText.replace('people: 2, from: leads', 'people: 1, from: leads'), administrators());
  expect((await maya.get(`/v1/requests/${request}`)).body).toMatchObject({ status: 'pending', grants: [] });
  const late = await ines.post(`/v1/requests/${request}/reviews`, { statement, totp: ines.code() });
  await publish(policyText, administrators());
  expect(late.body.rule).toMatch(/^(rule-is-unchanged-since-asking|statement-is-what-stands)$/);
});

test('(30) a ticket that was closed, or that names the holder no more, opens nothing', async () => {
  const { maya, tomas } = world.people;
  const ends = [{ state: 'closed' }, { remove_responders: [maya.id] }];
  for (const end of ends) {
    const ticket = await openTicket(world);
    const {
      grants: [grant],
    } = await approve(tomas, (await ask(world, { ticket })).request);
    must(await open(maya, grant.grant), 201);
    must(await tomas.send('PATCH', `/v1/tickets/${ticket}`, end), 200);
    expect((await open(maya, grant.grant)).body.rule).toBe('ticket-fits-the-rule');
  }
});

test('(30) a ticket that closed since it was shown approves nothing', async () => {
  const { tomas } = world.people;
  const ticket = await openTicket(world);
  const { request } = await ask(world, { ticket });
  const statement = await statementFor(tomas, request);
  must(await tomas.send('PATCH', `/v1/tickets/${ticket}`, { state: 'closed' }), 200);
  const late = await tomas.post(`/v1/requests/${request}/reviews`, { statement, totp: tomas.code() });
  expect(late.body.code).toBe('refused-by-rule');
});

test('(8, 30) a group that was taken away opens no further session of a grant that runs', async () => {
  const { maya, tomas } = world.people;
  const {
    grants: [grant],
  } = await approve(tomas, (await ask(world)).request);
  must(await open(maya, grant.grant), 201);
  world.provider.setGroups('maya', []);
  const refused = await open(maya, grant.grant);
  world.provider.setGroups('maya', ['eng']);
  expect(refused.body.rule).toBe('requester-is-eligible');
  must(await open(maya, grant.grant), 201);
});

test('(30) what a removed factor proved opens nothing more; another code does', async () => {
  const { maya, tomas } = world.people;
  const {
    grants: [grant],
  } = await approve(tomas, (await ask(world)).request);
  const { factors } = must(await maya.get('/v1/me'), 200);
  const begun = must(await maya.post('/v1/factors', { label: 'new phone' }), 201);
  const shown = maya.code();
  maya.useSecret(begun.secret);
  must(await maya.post(`/v1/factors/${begun.factor}/confirmation`, { code: maya.code(), totp: shown }), 200);
  const removal = await maya.send('DELETE', `/v1/factors/${factors[0].factor}`, { totp: maya.code() });
  expect(removal.status).toBe(200);
  expect((await open(maya, grant.grant)).body.code).toBe('step-up-needed');
  const { credentials } = must(await open(maya, grant.grant, { totp: maya.code() }), 201);
  expect((await introspect(world, credentials.token)).body.active).toBe(true);
});

test('an auditor finds every decision of these stories conformant', async () => {
  expect(await verdictOn(world)).toMatchObject(conformant);
});
