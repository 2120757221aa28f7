import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type MailServer, startMailServer } from '../notify/mail-server.ts';
import { type Receiver, startReceiver } from '../notify/receiver.ts';
import { startWorld, type World } from './harness.ts';
import { type Answer, type Person, publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { approve, ask, introspect, must, open, openTicket } from './story.ts';
import { conformant, typesSince, verdictOn } from './verdict.ts';

const secret = `whsec_${randomBytes(32).toString('base64')}`;

/** Leads may ask as well, and own the zone; whom the policy names may go without the identity provider. */
const emergencyPolicy = (named: readonly Person[]) =>
  policyText
    .replace('group: leads }', 'group: leads, mail: leads@example.com }')
    .replace('group: duty }', 'group: duty, mail: duty@example.com }')
    .replace('eligible: [engineers, deploy]', 'eligible: [engineers, leads, deploy]')
    .replace(
      'break_glass: { at_most: 30m, without: [ticket], review: { people: 1, from: duty, within: 24h } }',
      `break_glass:
      at_most: 30m
      without: [ticket, identity-provider]
      named: [${named.map(({ id }) => id).join(', ')}]
      review: { people: 1, from: duty, within: 2h }`,
    )
    .replace(
      'entitlements:',
      'notify: { zone-owners: [email, webhook], reviewers: [email], requesters: [webhook] }\nentitlements:',
    );

interface Ears {
  readonly receiver: Receiver;
  readonly mail: MailServer;
}

async function startEars(): Promise<Ears> {
  return { receiver: await startReceiver(), mail: await startMailServer() };
}

async function worldWithEars({ receiver, mail }: Ears): Promise<World> {
  const world = await startWorld({
    notify: {
      webhook: { url: receiver.url, secrets: [secret] },
      email: { host: '127.0.0.1', port: mail.port, tls: false, login: null, from: 'countersign@example.com' },
      personalText: false,
    },
  });
  const { ada, bo, maya, ines } = world.people;
  await publish(emergencyPolicy([maya, ines]), [ada, bo]);
  return world;
}

const size = async ({ broker }: World): Promise<number> => (await broker.store.head())?.size ?? 0;

const asks = (who: Person, body: object): Promise<Answer> =>
  who.post('/v1/requests', {
    entitlement: 'repair',
    duration_seconds: 600,
    justification: 'It burns',
    ...body,
    totp: who.code(),
  });

const breaksGlass = (who: Person, ticket: string): Promise<Answer> =>
  asks(who, { ticket, break_glass: true });

async function judges(who: Person, request: string, verdict: 'justified' | 'not-justified'): Promise<Answer> {
  const path = `/v1/requests/${request}`;
  const shown = await who.post(`${path}/break-glass-statements`, { verdict });
  if (shown.status !== 200) return shown;
  const { statement } = shown.body;
  return who.post(`${path}/break-glass-reviews`, { statement, reason: 'Read the log', totp: who.code() });
}

interface Hook {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Bodies of the webhooks about one request. Their times are of the turned clock, so that is what they are signed over. */
const hooksAbout = ({ receiver }: Ears, request: string): readonly Hook[] =>
  receiver.received
    .map(({ body, headers }) => {
      const at = new Date(Number(headers['webhook-timestamp']) * 1000);
      const signature = new Webhook(secret).sign(String(headers['webhook-id']), at, body);
      if (headers['webhook-signature'] !== signature) throw new Error('a webhook that was not signed');
      return JSON.parse(body) as Hook;
    })
    .filter(({ data }) => data['request'] === request);

const mailsAbout = ({ mail }: Ears, request: string) =>
  mail.mails
    .filter(({ text }) => text.replaceAll('=\r\n', '').includes(request))
    .map(({ to, text }) => ({ to: to[0], subject: /^Subject: (.*)$/m.exec(text)?.[1] ?? '' }));

const soon = { timeout: 20_000 };

describe('an emergency, from its beginning to its review', () => {
  let ears: Ears;
  let world: World;
  let request: string;
  let grant: string;
  let token: string;
  beforeAll(async () => {
    ears = await startEars();
    world = await worldWithEars(ears);
    const { maya } = world.people;
    const used = must(await breaksGlass(maya, await openTicket(world)), 201);
    [request, grant] = [used.request, used.grants[0].grant];
    token = must(await open(maya, grant), 201).credentials.token;
  });
  afterAll(async () => {
    await world.stop();
    await ears.receiver.stop();
    await ears.mail.stop();
  });

  test('the owner of the zone and those who judge it hear of it, signed, in ids and names of the policy', async () => {
    await expect.poll(() => hooksAbout(ears, request).length, soon).toBe(1);
    await expect.poll(() => mailsAbout(ears, request).length, soon).toBe(2);
    const [hook] = hooksAbout(ears, request);
    expect(hook).toMatchObject({
      type: 'countersign.break-glass-used',
      data: {
        event: 'countersign.break-glass.used.v1',
        audience: 'zone-owners',
        group: 'leads',
        entitlement: 'repair',
        targets: ['shop-prod'],
        requester: world.people.maya.id,
        link: `${world.url}/requests/${request}`,
      },
    });
    expect(JSON.stringify(hook)).not.toMatch(/Maya|It burns|INC-/);
    const told = async () =>
      must(await world.people.maya.get(`/v1/requests/${request}`), 200).break_glass.told;
    await expect.poll(async () => (await told()).length, soon).toBe(3);
    expect(await told()).toContainEqual(
      expect.objectContaining({ group: 'leads', channel: 'webhook', delivered: true }),
    );
    expect(mailsAbout(ears, request).map(({ to }) => to)).toEqual(
      expect.arrayContaining(['leads@example.com', 'duty@example.com']),
    );
  });

  test('nobody judges their own, nor somebody of another group', async () => {
    const { maya, tomas } = world.people;
    expect((await judges(maya, request, 'justified')).body.rule).toBe(
      'break-glass-reviewer-is-somebody-else',
    );
    expect((await judges(tomas, request, 'justified')).body.rule).toBe('reviewer-is-in-the-stage-group');
  });

  test('the owner of its zone takes it away, at once, and its holder hears that', async () => {
    const { tomas } = world.people;
    expect((await introspect(world, token)).body.active).toBe(true);
    const revoked = must(await tomas.post(`/v1/grants/${grant}/revocation`, { reason: 'Not needed' }), 200);
    expect(revoked.status).toBe('revoked');
    expect((await introspect(world, token)).body.active).toBe(false);
    const types = () => hooksAbout(ears, request).map(({ type }) => type);
    await expect.poll(types, soon).toContain('countersign.access-taken-away');
  });

  test('while its review is not overdue it blocks nothing, and once it is, another incident but not the same', async () => {
    const { maya, ines } = world.people;
    const other = await openTicket(world);
    world.clock.advance(3 * 3_600_000);
    expect((await breaksGlass(maya, other)).body.rule).toBe('break-glass-debt-is-paid');
    expect(must(await maya.get(`/v1/requests/${request}`), 200).break_glass.overdue).toBe(true);
    const overdue = () =>
      mailsAbout(ears, request).filter(({ subject }) => subject.includes('not reviewed in time'));
    // The sweep looks once a minute, and the clock has just been turned by hours.
    await expect.poll(() => overdue().length, soon).toBe(2);
    must(await judges(ines, request, 'not-justified'), 201);
    must(await breaksGlass(maya, other), 201);
  });

  test('a verdict of not justified is seen by everybody whom it concerns', async () => {
    const { maya, tomas } = world.people;
    for (const who of [maya, tomas]) {
      const { break_glass } = must(await who.get(`/v1/requests/${request}`), 200);
      expect(break_glass).toMatchObject({ reviewed: true, verdicts: ['not-justified'], marks: [] });
    }
    const judged = () =>
      hooksAbout(ears, request).filter(({ type }) => type === 'countersign.break-glass-judged');
    await expect.poll(() => judged().length, soon).toBe(2);
    expect(judged()[0]?.data['verdict']).toBe('not-justified');
  });

  test('what was told stands in the log, and an auditor finds it all conformant', async () => {
    expect(await typesSince(world, 0)).toContain('notification.sent.v1');
    expect(await verdictOn(world)).toMatchObject(conformant);
  });
});

describe('(32) while the identity provider is down', () => {
  let ears: Ears;
  let world: World;
  let ticket: string;
  let requestBefore: string;
  let approvedBefore: string;
  beforeAll(async () => {
    ears = await startEars();
    world = await worldWithEars(ears);
    ticket = await openTicket(world);
    const approved = await approve(world.people.tomas, (await ask(world)).request);
    [requestBefore, approvedBefore] = [approved.request, approved.grants[0].grant];
    must(await world.people.ines.get(`/v1/requests/${requestBefore}`), 200);
    const told = async () =>
      (await dataOf(world, 'countersign.notification.sent.v1')).some(
        ({ matter, occasion }) => matter === approved.request && occasion === 'decided',
      );
    // So that what is written from here on is of the calls.
    await vi.waitUntil(told, soon);
    await world.provider.stop();
  });
  afterAll(async () => {
    await world.stop();
    await ears.receiver.stop();
    await ears.mail.stop();
  });

  test.each([
    ['GET', '/v1/me'],
    ['GET', '/v1/requests?mine=true'],
    ['GET', '/v1/requests?waiting=true'],
    ['GET', '/v1/tickets/INC-1'],
    ['POST', '/v1/tickets'],
    ['POST', '/v1/policy/proposals'],
    ['POST', '/v1/requests/r-01KQS1ZSFG1DYMEYR962Y9CS6V/statements'],
    ['GET', '/v1/log/checkpoint'],
  ])('%s %s waits for it, whoever calls, and leaves nothing', async (method, path) => {
    const before = await size(world);
    for (const who of [world.people.maya, world.people.ines]) {
      const answer = await who.send(method, path, method === 'POST' ? {} : undefined);
      expect([answer.status, answer.body.code]).toEqual([503, 'identity-provider-unavailable']);
    }
    expect(await size(world)).toBe(before);
  });

  test('the ordinary way waits for it, for those whom the policy names too', async () => {
    const before = await size(world);
    const answer = await asks(world.people.maya, { ticket });
    expect([answer.status, answer.body.code]).toEqual([503, 'identity-provider-unavailable']);
    expect((await open(world.people.maya, approvedBefore)).body.code).toBe('identity-provider-unavailable');
    expect(await size(world)).toBe(before);
  });

  test('whom the policy does not name gets nothing, and the attempt is written down', async () => {
    const before = await size(world);
    const answer = await breaksGlass(world.people.tomas, ticket);
    expect([answer.status, answer.body.rule]).toEqual([403, 'membership-is-fresh']);
    expect(await typesSince(world, before)).toEqual(['command.refused.v1']);
    for (const path of ['/v1/grants', '/v1/catalog']) {
      expect((await world.people.tomas.get(path)).status).toBe(503);
    }
  });

  test('whom it names goes through an emergency, with a factor, marked and told', async () => {
    const { maya } = world.people;
    const without = await maya.post('/v1/requests', {
      entitlement: 'repair',
      duration_seconds: 600,
      justification: 'It burns',
      ticket,
      break_glass: true,
    });
    expect(without.body.code).toBe('step-up-needed');
    const used = must(await breaksGlass(maya, ticket), 201);
    expect(used.break_glass.marks).toEqual(['membership-cached']);
    const { grant } = used.grants[0];
    const session = must(await open(maya, grant), 201);
    expect((await introspect(world, session.credentials.token)).body.active).toBe(true);
    must(await maya.get(`/v1/requests/${used.request}`), 200);
    must(await maya.get(`/v1/grants/${grant}`), 200);
    must(await maya.post(`/v1/grants/${grant}/end`), 200);
    await expect.poll(() => mailsAbout(ears, used.request).length, soon).toBe(2);
    expect(hooksAbout(ears, used.request)[0]?.data['marks']).toEqual(['membership-cached']);
    const [recorded] = await dataOf(world, 'countersign.break-glass.used.v1');
    expect(recorded?.['down']).toMatchObject([{ what: 'identity-provider' }]);
  });

  test('what somebody sees meanwhile is their own, and not what their groups showed them', async () => {
    const { maya, ines } = world.people;
    const { items } = must(await maya.get('/v1/grants'), 200);
    expect(items.every(({ person }: { person: { person: string } }) => person.person === maya.id)).toBe(true);
    // She is named as well, and her groups would show her both.
    for (const path of [`/v1/grants/${approvedBefore}`, `/v1/requests/${requestBefore}`]) {
      expect((await ines.get(path)).status).toBe(404);
    }
  });

  test('what is given can be taken away, by whoever could before it, and by nobody else', async () => {
    const { noor, tomas } = world.people;
    const path = `/v1/grants/${approvedBefore}/revocation`;
    expect((await noor.post(path, { reason: 'Not mine to end' })).status).toBe(404);
    const revoked = must(await tomas.post(path, { reason: 'Nobody knows who is who just now' }), 200);
    expect(revoked.status).toBe('revoked');
  });

  test('an auditor finds every decision of it conformant', async () => {
    expect(await verdictOn(world)).toMatchObject(conformant);
  });
});

test('(32) an outage brings nothing back that the identity provider took away before it', async () => {
  const ears = await startEars();
  const world = await worldWithEars(ears);
  const { maya } = world.people;
  const ticket = await openTicket(world);
  world.provider.disable('maya');
  world.clock.advance(400_000);
  expect((await maya.get('/v1/grants')).status).toBe(401);
  await world.provider.stop();
  const before = await size(world);
  const answer = await breaksGlass(maya, ticket);
  expect([answer.status, answer.body.code]).toEqual([503, 'identity-provider-unavailable']);
  expect(await size(world)).toBe(before);
  await world.stop();
  await ears.receiver.stop();
  await ears.mail.stop();
});

async function dataOf({ broker }: World, wanted: string): Promise<readonly Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const bytes of broker.store.entries(0, (await broker.store.head())?.size ?? 0)) {
    const { type, data } = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (type === wanted) found.push(data);
  }
  return found;
}

test('(32) an emergency is shown, while the identity provider is down, to nobody by groups told before', async () => {
  const ears = await startEars();
  const world = await worldWithEars(ears);
  const { maya, ines } = world.people;
  // Ines judges it by her groups, and is named for an outage, in which she may look at what is her own.
  const { request } = must(await breaksGlass(maya, await openTicket(world)), 201);
  must(await ines.get(`/v1/requests/${request}`), 200);
  await world.provider.stop();
  world.clock.advance(400_000);
  expect((await ines.get(`/v1/requests/${request}`)).status).toBe(404);
  await world.stop();
  await ears.receiver.stop();
  await ears.mail.stop();
});
