import { afterEach, beforeEach, expect, test } from 'vitest';
import { passTime } from '../../../src/app/grant/pass-time.ts';
import { revokeGrant } from '../../../src/app/grant/revoke-grant.ts';
import { FROM_ONE_PERSON } from '../../../src/app/news/review-notices-are-bounded.ts';
import { type NewsParts, type NewsTeller, newsTeller } from '../../../src/app/news/tell-news.ts';
import { readOnlyTeller, toldInThisLife } from '../../../src/app/news/tell-read-only.ts';
import type { Delivery, Message, Notifier } from '../../../src/app/notifier.ts';
import { recordLeaving } from '../../../src/app/person/record-leaving.ts';
import { confirmReset, requestReset } from '../../../src/app/person/reset-factors.ts';
import { nudgeReviewers } from '../../../src/app/request/nudge-reviewers.ts';
import { withdrawRequest } from '../../../src/app/request/withdraw-request.ts';
import type { RequestId } from '../../../src/domain/ids.ts';
import type { Channel, Policy } from '../../../src/domain/policy/policy.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import { approve, ask, incident, review, reviewEmergency } from './steps.ts';
import { storyGroups } from './story-world.ts';
import { publish, type World, worldUnder } from './world.ts';

const mailed = Object.fromEntries(
  Object.entries(ordersPolicy.groups).map(([name, group]) => [
    name,
    name === 'admins' ? group : { ...group, mail: `${name}@example.com` },
  ]),
);

const { operator, look, deploys, repair } = ordersPolicy.entitlements;
if (operator === undefined || look === undefined || deploys === undefined || repair === undefined)
  throw new Error('the policy of the stories lacks what they are about');

const policy: Policy = {
  ...ordersPolicy,
  groups: mailed,
  notify: {
    zone_owners: ['email', 'webhook'],
    reviewers: ['email'],
    requesters: ['webhook'],
    administrators: ['webhook'],
  },
  entitlements: {
    operator,
    look,
    repair: { ...repair, ticket: null },
    failover: {
      ...operator,
      ticket: null,
      review: [{ people: 1, from: 'leads', escalate: { after_seconds: 1800, to: 'security' } }],
      break_glass: null,
    },
  },
};

interface Sent extends Message {
  readonly channel: Channel;
  readonly address: string | undefined;
}

/** Takes messages as a test says, and remembers each attempt. */
class Ears implements Notifier {
  readonly channel: Channel;
  readonly sent: Sent[];
  answer: (message: Message) => Delivery | Promise<Delivery> = () => ({ kind: 'delivered' });

  constructor(channel: Channel, sent: Sent[]) {
    this.channel = channel;
    this.sent = sent;
  }

  async send(message: Message, address: string | undefined, signal: AbortSignal): Promise<Delivery> {
    this.sent.push({ ...message, channel: this.channel, address });
    const givenUp = new Promise<Delivery>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'failed', failure: 'given up', again: true }));
    });
    return Promise.race([this.answer(message), givenUp]);
  }
}

let world: World;
let sent: Sent[];
let email: Ears;
let webhook: Ears;
let teller: NewsTeller;

beforeEach(async () => {
  world = await worldUnder(policy, storyGroups, ['ann', 'bob']);
  sent = [];
  [email, webhook] = [new Ears('email', sent), new Ears('webhook', sent)];
  teller = restarted();
  await tellAll();
  sent.length = 0;
});

/** Every story leaves a log in which a stranger finds no fault, and whose every telling is about an earlier entry. */
afterEach(async () => {
  const { faults } = await world.audit();
  await world.close();
  expect(faults).toEqual([]);
});

/** Another process: what the one before held in memory is gone. */
const restarted = (more: Partial<NewsParts> = {}): NewsTeller =>
  newsTeller(world.broker, {
    notifiers: new Map<Channel, Notifier>([
      ['email', email],
      ['webhook', webhook],
    ]),
    personalText: false,
    ...more,
  });

/** Rounds until nothing is due any more. */
async function tellAll(who = teller): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await who.round();
    await who.idle();
  }
}

async function pass(seconds: number): Promise<void> {
  world.clock.advance(seconds * 1000);
  await tellAll();
}

const heard = () =>
  sent.map(({ occasion, group, channel }) => `${occasion} ${group ?? 'person'} ${channel}`).sort();

const written = async () =>
  (await world.entries())
    .filter(({ type }) => type === 'countersign.notification.sent.v1')
    .map(({ data }) => data);

const asks = async (entitlement: string, who = 'maya'): Promise<RequestId> =>
  (await ask(world, who, { entitlement })).request;

async function breaksGlass(ticket = 'INC-1'): Promise<RequestId> {
  await incident(world, ticket, 'lea', 'maya');
  return (await ask(world, 'maya', { entitlement: 'operator', ticket, breakGlass: true })).request;
}

test('reviewers hear of a request once, and the log says so', async () => {
  const request = await asks('failover');
  await tellAll();
  expect(heard()).toEqual(['review-wanted leads email']);
  expect(sent[0]?.facts['link']).toBe(`https://broker.example/requests/${request}/review`);
  const [told] = sent;
  expect(told).toMatchObject({ address: 'leads@example.com', facts: { request, entitlement: 'failover' } });
  expect(told?.text).toContain(`countersign approve ${request}`);
  expect((await written()).at(-1)).toMatchObject({
    occasion: 'review-wanted',
    matter: request,
    audience: 'reviewers',
    group: 'leads',
    channel: 'email',
    delivered: true,
    attempts: 1,
    failure: null,
  });
  const before = (await world.entries()).length;
  await tellAll();
  await tellAll(restarted());
  expect([sent.length, (await world.entries()).length]).toEqual([1, before]);
});

test('those of the second stage hear when it is their turn, and nobody after it is decided', async () => {
  const request = await asks('repair');
  await tellAll();
  expect(heard()).toEqual(['review-wanted leads email']);
  await review(world, 'lea', request);
  await tellAll();
  expect(heard()).toEqual(['review-wanted leads email', 'review-wanted security email']);
  await review(world, 'sid', request);
  await tellAll();
  await pass(86_400);
  expect(heard()).toEqual([
    'decided person webhook',
    'review-wanted leads email',
    'review-wanted security email',
  ]);
});

test('a request that was decided before anybody was told calls nobody', async () => {
  const request = await asks('failover');
  await review(world, 'lea', request);
  await tellAll();
  expect(heard()).toEqual(['decided person webhook']);
});

test('whom it escalates to hears when it does, and everybody is reminded once', async () => {
  await asks('failover');
  await tellAll();
  await pass(1799);
  expect(heard()).toEqual(['review-wanted leads email']);
  await pass(62);
  expect(heard()).toEqual(['review-escalated security email', 'review-wanted leads email']);
  await pass(4 * 3600);
  await pass(3600);
  expect(heard()).toEqual([
    'review-escalated security email',
    'review-still-wanted leads email',
    'review-still-wanted security email',
    'review-wanted leads email',
  ]);
});

test('whoever waits reminds those whose turn it is, an hour apart, and each reminder is heard once', async () => {
  const request = await asks('failover');
  await tellAll();
  const nudge = () => nudgeReviewers(world.broker, world.who('maya').actor, request, undefined);
  await expect(nudge()).rejects.toMatchObject({ rule: 'nudges-are-bounded' });
  await pass(900);
  await nudge();
  await tellAll();
  await tellAll(restarted());
  expect(heard()).toEqual(['review-nudged leads email', 'review-wanted leads email']);
  expect(sent.at(-1)?.text).toContain(`${world.who('maya').person} reminds you of it.`);
  await expect(nudge()).rejects.toMatchObject({ rule: 'nudges-are-bounded' });
  // By then it has escalated.
  await pass(3600);
  sent.length = 0;
  await nudge();
  await tellAll();
  expect(heard()).toEqual(['review-nudged leads email', 'review-nudged security email']);
});

test('whom it is asked of does not remind, a stranger finds nothing, and what was decided is not reminded of', async () => {
  const request = await asks('failover');
  await pass(900);
  const nudge = (who: string) => nudgeReviewers(world.broker, world.who(who).actor, request, undefined);
  await expect(nudge('lea')).rejects.toMatchObject({ rule: 'request-belongs-to-the-caller' });
  await expect(nudge('omar')).rejects.toMatchObject({ code: 'not-found' });
  await review(world, 'lea', request);
  await expect(nudge('maya')).rejects.toMatchObject({ rule: 'request-is-pending' });
});

test('a reminder that comes before the decision and is told after it calls nobody', async () => {
  const request = await asks('failover');
  await pass(900);
  sent.length = 0;
  await nudgeReviewers(world.broker, world.who('maya').actor, request, undefined);
  await review(world, 'lea', request);
  await tellAll();
  expect(heard()).toEqual(['decided person webhook']);
});

test('reminders count with everything else that one person has a group read in an hour', async () => {
  const requests: RequestId[] = [];
  for (let times = 0; times < FROM_ONE_PERSON - 1; times++) requests.push(await asks('failover'));
  await pass(900);
  sent.length = 0;
  for (const request of requests)
    await nudgeReviewers(world.broker, world.who('maya').actor, request, undefined);
  await tellAll();
  expect(heard()).toEqual(['review-nudged leads email']);
});

test.each([
  ['approve', 'approved'],
  ['deny', 'denied'],
] as const)('who asked hears that it was decided: %s', async (verdict, outcome) => {
  const request = await asks('failover');
  await review(world, 'lea', request, { verdict });
  await tellAll();
  expect(sent).toMatchObject([{ occasion: 'decided', person: world.who('maya').person, facts: { outcome } }]);
});

test('whoever has access at once, by a policy without review, is not written to', async () => {
  await asks('look');
  await tellAll();
  expect(sent).toEqual([]);
});

test('a broken glass is heard by the owner of the zone and by those who judge it', async () => {
  world.tickets.down = true;
  const request = await breaksGlassWhileDown();
  await tellAll();
  expect(heard()).toEqual([
    'break-glass-used leads email',
    'break-glass-used leads webhook',
    'break-glass-used security email',
  ]);
  const toOwner = sent.find(({ group }) => group === 'leads');
  expect(toOwner?.facts).toMatchObject({ request, marks: ['ticket-unverified'] });
  expect(toOwner?.text).toContain('Marked ticket-unverified');
  expect(toOwner?.text).toMatch(/End it: {6}countersign revoke g-/);
});

async function breaksGlassWhileDown(): Promise<RequestId> {
  return (await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-9', breakGlass: true })).request;
}

test('a review that is overdue is told once; one that came in time is not', async () => {
  const [late, timely] = [await breaksGlass('INC-1'), await breaksGlass('INC-2')];
  await tellAll();
  await reviewEmergency(world, 'sid', timely);
  await tellAll();
  sent.length = 0;
  await pass(86_400);
  await pass(86_400);
  await tellAll(restarted());
  expect(sent.map(({ facts }) => facts['request'])).toEqual([late, late, late]);
  expect(heard()).toEqual([
    'break-glass-overdue leads email',
    'break-glass-overdue leads webhook',
    'break-glass-overdue security email',
  ]);
});

test('where those who judged emergencies are gone, whoever judges in their place hears that it is overdue', async () => {
  await breaksGlass();
  await tellAll();
  const { security: _, ...groups } = policy.groups;
  const judges = { people: 1, from: 'leads', within_seconds: 86_400 };
  const entitlements = {
    look,
    operator: { ...operator, break_glass: { at_most_seconds: 1800, without: [], review: judges } },
  };
  await publish(world, { ...policy, groups, entitlements }, ['ann', 'bob']);
  await tellAll();
  sent.length = 0;
  await pass(86_400);
  expect(heard()).toEqual([
    'break-glass-overdue leads email',
    'break-glass-overdue leads email',
    'break-glass-overdue leads webhook',
  ]);
});

test('a break-glass that was not justified is heard by its owner too', async () => {
  const request = await breaksGlass();
  await tellAll();
  sent.length = 0;
  await reviewEmergency(world, 'sid', request, 'not-justified');
  await tellAll();
  expect(heard()).toEqual([
    'break-glass-judged leads email',
    'break-glass-judged leads webhook',
    'break-glass-judged person webhook',
  ]);
  expect(sent[0]?.subject).toContain('not justified');
});

test('administrators hear of a new policy', async () => {
  await publish(world, { ...policy, waiting: { review_seconds: 3600, activation_seconds: 3600 } }, [
    'ann',
    'bob',
  ]);
  await tellAll();
  expect(sent).toMatchObject([{ occasion: 'policy-published', group: 'admins', channel: 'webhook' }]);
});

test('administrators hear that somebody left, and the leaver is not written to', async () => {
  const request = await asks('failover');
  await review(world, 'lea', request);
  await tellAll();
  sent.length = 0;
  const { person } = world.who('maya');
  await recordLeaving(world.broker, world.who('ann').actor, person, {
    reason: 'left',
    totp: world.code('ann'),
  });
  await tellAll();
  expect(sent).toMatchObject([{ occasion: 'person-left', group: 'admins', facts: { person } }]);
  expect(sent[0]?.text).toContain(`(by ${world.who('ann').person})`);
});

test('administrators hear of a reset that waits for the second of them, and of the reset', async () => {
  const { person } = world.who('maya');
  const { reset } = await requestReset(world.broker, world.who('ann').actor, person, {
    reason: 'phone lost',
    totp: world.code('ann'),
  });
  await tellAll();
  await confirmReset(world.broker, world.who('bob').actor, person, reset, { totp: world.code('bob') });
  await tellAll();
  expect(sent.map(({ occasion, subject }) => [occasion, subject])).toEqual([
    ['factors-reset', '[countersign] a reset of factors waits for a second administrator'],
    ['factors-reset', '[countersign] factors reset'],
  ]);
});

test('a holder hears that an access was taken away, by whom and as what', async () => {
  const request = await asks('failover');
  const grant = await approve(world, 'lea', request);
  await tellAll();
  sent.length = 0;
  await revokeGrant(world.broker, world.who('lea').actor, grant, 'not needed');
  await tellAll();
  expect(sent).toMatchObject([{ occasion: 'access-taken-away', person: world.who('maya').person }]);
  expect(sent[0]?.text).toContain(`${world.who('lea').person} revoked it, as reviewer.`);
});

test('a request that nobody decided in time is told to who asked', async () => {
  await asks('failover');
  world.clock.advance(28_800_000);
  await passTime(world.broker);
  await tellAll();
  expect(sent).toMatchObject([{ occasion: 'decided', facts: { outcome: 'expired' } }]);
});

test('those who stand in for a group hear what it hears, on their days', async () => {
  const day = new Date(world.clock.nowMs()).toISOString().slice(0, 10);
  const delegates = [{ for: 'leads', to: 'security', from: day, until: day }];
  await publish(world, { ...policy, delegates }, ['ann', 'bob']);
  await tellAll();
  sent.length = 0;
  await asks('failover');
  await tellAll();
  expect(heard()).toEqual(['review-wanted leads email', 'review-wanted security email']);
  world.clock.advance(86_400_000);
  for (const name of ['omar']) await world.signIn(name);
  sent.length = 0;
  await asks('failover', 'omar');
  await tellAll();
  expect(heard()).toEqual(['review-wanted leads email']);
});

test('a process that dies between sending and writing tells again, under the same id; never not at all', async () => {
  await asks('failover');
  email.answer = () => new Promise<Delivery>(() => undefined);
  await teller.round();
  await expect.poll(() => sent.length).toBe(1);
  await teller.stop();
  expect((await written()).filter(({ occasion }) => occasion === 'review-wanted')).toEqual([]);
  email.answer = () => ({ kind: 'delivered' });
  await tellAll(restarted());
  await tellAll(restarted());
  expect(sent.map(({ id }) => id)).toEqual([sent[0]?.id, sent[0]?.id]);
  expect((await written()).filter(({ occasion }) => occasion === 'review-wanted')).toHaveLength(1);
});

test('a process that was down for days still tells what waits', async () => {
  await asks('failover');
  const request = await breaksGlass();
  sent.length = 0;
  world.clock.advance(9 * 86_400_000);
  teller = restarted();
  await tellAll();
  expect(heard()).toEqual([
    'break-glass-overdue leads email',
    'break-glass-overdue leads webhook',
    'break-glass-overdue security email',
  ]);
  expect(sent[0]?.facts).toMatchObject({ request });
});

test('a dead mail server holds up nobody: commands go on, the webhook is heard, and after six attempts the log says so', async () => {
  email.answer = () => ({ kind: 'failed', failure: 'it did not answer', again: true });
  const request = await breaksGlass();
  for (const seconds of [0, 5, 60, 300, 900]) await pass(seconds);
  expect(sent.filter(({ channel }) => channel === 'webhook')).toHaveLength(1);
  expect((await written()).filter(({ matter }) => matter === request)).toHaveLength(1);
  await reviewEmergency(world, 'sid', request);
  await pass(2_400);
  const tellings = (await written()).filter(
    ({ matter, channel }) => matter === request && channel === 'email',
  );
  expect(tellings).toMatchObject([
    { group: 'leads', delivered: false, attempts: 6, failure: 'it did not answer' },
    { group: 'security', delivered: false, attempts: 6, failure: 'it did not answer' },
  ]);
  const attempts = sent.filter(({ channel, occasion, group }) => {
    return channel === 'email' && occasion === 'break-glass-used' && group === 'leads';
  });
  expect([attempts.length, new Set(attempts.map(({ id }) => id)).size]).toEqual([6, 1]);
  await pass(86_400);
  expect(attempts).toHaveLength(6);
});

test('a server that comes back is told what it missed', async () => {
  email.answer = () => ({ kind: 'failed', failure: 'it did not answer', again: true });
  await asks('failover');
  await tellAll();
  email.answer = () => ({ kind: 'delivered' });
  await pass(5);
  expect((await written()).at(-1)).toMatchObject({ delivered: true, attempts: 2 });
});

test('what would fail the same way is not tried again', async () => {
  email.answer = () => ({ kind: 'failed', failure: 'the address is refused', again: false });
  await asks('failover');
  await tellAll();
  expect((await written()).at(-1)).toMatchObject({ delivered: false, attempts: 1 });
});

test('reviewers who are too slow to be told are not told late: what was decided calls nobody', async () => {
  email.answer = () => ({ kind: 'failed', failure: 'it did not answer', again: true });
  const request = await asks('failover');
  await tellAll();
  await review(world, 'lea', request);
  email.answer = () => ({ kind: 'delivered' });
  await pass(5);
  expect(sent.filter(({ occasion }) => occasion === 'review-wanted')).toHaveLength(1);
});

test('nobody is told that a judgement is overdue once it has come', async () => {
  const request = await breaksGlass();
  await tellAll();
  [email, webhook].forEach((ears) => {
    ears.answer = () => ({ kind: 'failed', failure: 'it did not answer', again: true });
  });
  await pass(86_400);
  await world.signIn('sid');
  await reviewEmergency(world, 'sid', request);
  sent.length = 0;
  await pass(5);
  expect(sent.filter(({ occasion }) => occasion === 'break-glass-overdue')).toEqual([]);
});

test('a process that is stopped in its last attempt has not failed: the next one goes on', async () => {
  email.answer = () => ({ kind: 'failed', failure: 'it did not answer', again: true });
  const request = await asks('failover');
  for (const seconds of [0, 5, 60, 300, 900]) await pass(seconds);
  email.answer = () => new Promise<Delivery>(() => undefined);
  world.clock.advance(2_400_000);
  await teller.round();
  await expect.poll(() => sent.filter(({ occasion }) => occasion === 'review-wanted').length).toBe(6);
  await teller.stop();
  const ofRequest = async () => (await written()).filter(({ matter }) => matter === request);
  expect(await ofRequest()).toEqual([]);
  email.answer = () => ({ kind: 'delivered' });
  await tellAll(restarted());
  expect(await ofRequest()).toContainEqual(
    expect.objectContaining({ occasion: 'review-wanted', delivered: true }),
  );
});

test('a channel that is not there, or a group without an address, stands in the log as told to nobody', async () => {
  teller = restarted({ notifiers: new Map<Channel, Notifier>([['webhook', webhook]]) });
  await asks('failover');
  await tellAll();
  expect((await written()).at(-1)).toMatchObject({
    channel: 'email',
    delivered: false,
    attempts: 0,
    failure: 'this broker has no email in its configuration',
  });
  await publish(world, { ...policy, groups: ordersPolicy.groups }, ['ann', 'bob']);
  teller = restarted();
  const request = await asks('failover', 'omar');
  await tellAll();
  expect((await written()).find(({ matter }) => matter === request)).toMatchObject({
    delivered: false,
    attempts: 0,
    failure: 'the policy gives no mail for the group leads',
  });
});

test('who asks again and again is read only so often, by no restart more, and what still waits is told within the hour', async () => {
  for (let again = 0; again < FROM_ONE_PERSON; again++) {
    const request = await asks('failover');
    await tellAll();
    await withdrawRequest(world.broker, world.who('maya').actor, request);
  }
  expect(sent).toHaveLength(FROM_ONE_PERSON);
  const last = await asks('failover');
  await tellAll();
  teller = restarted();
  await tellAll();
  expect(sent).toHaveLength(FROM_ONE_PERSON);
  await asks('failover', 'omar');
  await breaksGlass();
  await tellAll();
  expect(sent.slice(FROM_ONE_PERSON).map(({ occasion, facts }) => [occasion, facts['requester']])).toEqual(
    expect.arrayContaining([
      ['review-wanted', world.who('omar').person],
      ['break-glass-used', world.who('maya').person],
    ]),
  );
  sent.length = 0;
  await pass(3600);
  await pass(61);
  expect(sent.filter(({ facts }) => facts['request'] === last).map(({ occasion }) => occasion)).toContain(
    'review-wanted',
  );
});

test('personal text leaves only where the operator lets it', async () => {
  await incident(world, 'INC-7', 'lea', 'maya');
  const personal = /maya|INC-7|Because the/;
  await ask(world, 'maya', {
    entitlement: 'operator',
    ticket: 'INC-7',
    justification: 'Because the\nexport',
  });
  await tellAll();
  expect(JSON.stringify(sent)).not.toMatch(personal);
  sent.length = 0;
  teller = restarted({ personalText: true });
  await ask(world, 'maya', {
    entitlement: 'operator',
    ticket: 'INC-7',
    justification: 'Because the\nexport',
  });
  await tellAll();
  expect(sent[0]?.facts).toMatchObject({
    names: { [world.who('maya').person]: 'maya' },
    ticket: 'INC-7',
    justification: 'Because the\nexport',
  });
  expect(sent[0]?.text).toContain('Reason: Because the export');
});

test('a reading of the log that breaks off half-way is done again, and nobody is left out', async () => {
  const { store } = world.broker;
  let isBroken = true;
  async function* breakingOff(from: number, to: number) {
    let left = 1;
    for await (const bytes of store.entries(from, to)) {
      if (isBroken && left-- === 0) throw new Error('the disk did not answer');
      yield bytes;
    }
  }
  const broker = { ...world.broker, store: { ...store, entries: breakingOff } };
  const reading = newsTeller(broker, {
    notifiers: new Map<Channel, Notifier>([['email', email]]),
    personalText: false,
  });
  isBroken = false;
  await tellAll(reading);
  sent.length = 0;
  await ask(world, 'maya', { entitlement: 'repair' });
  isBroken = true;
  await expect(reading.round()).rejects.toThrow('the disk did not answer');
  isBroken = false;
  await tellAll(reading);
  expect(sent.map(({ address }) => address)).toEqual(['leads@example.com']);
});

test('what waits for its next attempt is not sent any more once another broker has told it', async () => {
  email.answer = () => ({ kind: 'failed', failure: 'it did not answer', again: true });
  await asks('failover');
  await tellAll();
  email.answer = () => ({ kind: 'delivered' });
  await tellAll(restarted());
  await pass(6);
  expect(heard()).toEqual(['review-wanted leads email', 'review-wanted leads email']);
  expect(await written()).toHaveLength(2);
});

test('where the policy tells nobody, nobody is told, and the log does not grow', async () => {
  const { notify: _, ...silent } = policy;
  await publish(world, silent, ['ann', 'bob']);
  await tellAll();
  await breaksGlass();
  const before = (await world.entries()).length;
  await tellAll();
  expect([sent.length, (await world.entries()).length]).toEqual([0, before]);
});

test('a policy that begins to tell people tells what still waits, and nothing of what is over', async () => {
  const { notify: _, ...silent } = policy;
  await publish(world, silent, ['ann', 'bob']);
  await tellAll();
  const over = await asks('failover', 'omar');
  await review(world, 'lea', over);
  const waits = await asks('failover');
  await publish(world, policy, ['ann', 'bob']);
  await tellAll();
  await pass(61);
  expect(sent.map(({ occasion, facts }) => [occasion, facts['request'] ?? 'policy'])).toEqual([
    ['policy-published', 'policy'],
    ['review-wanted', waits],
  ]);
});

test('a message that waits for its next attempt is not sent by a way that the policy has given up', async () => {
  email.answer = () => ({ kind: 'failed', failure: 'it did not answer', again: true });
  await breaksGlass();
  await tellAll();
  await publish(world, { ...policy, notify: { ...policy.notify, zone_owners: ['webhook'] } }, ['ann', 'bob']);
  sent.length = 0;
  email.answer = () => ({ kind: 'delivered' });
  await pass(5);
  expect(heard().filter((one) => one.startsWith('break-glass'))).toEqual(['break-glass-used security email']);
});

test('the operator reads what a policy says of telling people and this broker does not do, once', async () => {
  const ours = () => world.reports.filter((what) => /the policy tells people|nobody hears/.test(what));
  teller = restarted({ notifiers: new Map<Channel, Notifier>([['webhook', webhook]]) });
  await tellAll();
  expect(ours()).toEqual([expect.stringContaining('by email, for which this broker is not configured')]);
  const { notify: _, ...silent } = policy;
  await publish(world, silent, ['ann', 'bob']);
  await tellAll();
  expect(ours().slice(1)).toEqual([expect.stringContaining('nobody hears when the glass is broken')]);
});

test('that nothing is written any more is told to administrators, once', async () => {
  const { sequencer } = world.broker;
  const status = () => ({ writable: false, reason: 'entry #7 is not the one that was signed' });
  const told = toldInThisLife();
  const lookAgain = () =>
    readOnlyTeller(
      { ...world.broker, sequencer: { ...sequencer, status } },
      new Map<Channel, Notifier>([['webhook', webhook]]),
      told,
    ).look();
  await lookAgain();
  await lookAgain();
  expect(sent).toMatchObject([{ occasion: 'read-only', group: 'admins', channel: 'webhook' }]);
  expect(sent[0]?.text).toContain('entry #7 is not the one that was signed');
});
