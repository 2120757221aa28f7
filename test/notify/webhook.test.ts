import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { webhookNotifier } from '../../src/notify/webhook.ts';
import { message, never } from './message.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const [older, newer] = [secret(), secret()];
const now = { nowMs: () => Date.now() };

function secret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => {
  receiver.received.length = 0;
  [receiver.answer, receiver.location] = [204, undefined];
});

const send = (secrets = [newer], url = receiver.url, signal = never) =>
  webhookNotifier({ url, secrets }, now).send(message, undefined, signal);

function only() {
  const [call, ...more] = receiver.received;
  if (call === undefined || more.length > 0) throw new Error(`${receiver.received.length} calls`);
  return { body: call.body, headers: call.headers as Record<string, string> };
}

test('what arrives is verified with the library of the specification, and with no other secret', async () => {
  expect(await send()).toEqual({ kind: 'delivered' });
  const { body, headers } = only();
  expect(new Webhook(newer).verify(body, headers)).toEqual({
    type: 'countersign.break-glass-used',
    timestamp: '2026-05-04T03:12:00.000Z',
    data: { audience: 'zone-owners', group: 'leads', person: null, ...message.facts },
  });
  expect(() => new Webhook(older).verify(body, headers)).toThrow('No matching signature');
  expect(() => new Webhook(newer).verify(body.replace('shop-prod', 'shop-test'), headers)).toThrow();
  expect(headers['webhook-id']).toBe(message.id);
});

test('while a secret is changed over, holders of the old and of the new one both believe it', async () => {
  await send([newer, older]);
  const { body, headers } = only();
  for (const one of [newer, older]) expect(new Webhook(one).verify(body, headers)).toBeTruthy();
});

test('every attempt has its own timestamp and the same id', async () => {
  let atMs = Date.now() - 60_000;
  const notifier = webhookNotifier({ url: receiver.url, secrets: [newer] }, { nowMs: () => atMs });
  await notifier.send(message, undefined, never);
  atMs += 60_000;
  await notifier.send(message, undefined, never);
  const [first, second] = receiver.received.map(({ headers }) => headers);
  expect(first?.['webhook-id']).toBe(second?.['webhook-id']);
  expect(Number(second?.['webhook-timestamp']) - Number(first?.['webhook-timestamp'])).toBe(60);
});

test.each([
  [500, true],
  [503, true],
  [429, true],
  [408, true],
  [400, false],
  [401, false],
  [404, false],
  [410, false],
])('an answer of %i is a failure; trying again is worth while: %s', async (status, again) => {
  receiver.answer = status;
  expect(await send()).toEqual({ kind: 'failed', failure: `it answered ${status}`, again });
});

test('a redirect is not followed, wherever it leads', async () => {
  const inside = await startReceiver();
  [receiver.answer, receiver.location] = [307, inside.url];
  expect(await send()).toMatchObject({ kind: 'failed', again: false });
  expect(inside.received).toEqual([]);
  await inside.stop();
});

test('a receiver that does not answer is given up, and one that is not there is no surprise', async () => {
  receiver.answer = 'hang';
  const controller = new AbortController();
  const sending = send([newer], receiver.url, controller.signal);
  await expect.poll(() => receiver.received.length).toBe(1);
  controller.abort();
  expect(await sending).toEqual({ kind: 'failed', failure: 'it did not answer', again: true });
  const gone = await startReceiver();
  await gone.stop();
  expect(await send([newer], gone.url)).toEqual({
    kind: 'failed',
    failure: 'it did not answer',
    again: true,
  });
});

test('a failure shows neither the address nor a secret', async () => {
  receiver.answer = 500;
  const shown = JSON.stringify(await send());
  for (const text of ['127.0.0.1', 'hook', newer, 'a body of no concern']) expect(shown).not.toContain(text);
});

test('without a secret there is no webhook', () => {
  expect(() => webhookNotifier({ url: receiver.url, secrets: [] }, now)).toThrow(RangeError);
});
