import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EmailConfig, emailNotifier } from '../../src/notify/email.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { message, never } from './message.ts';

let server: MailServer;
beforeAll(async () => {
  server = await startMailServer();
});
afterAll(() => server.stop());
afterEach(() => {
  server.mails.length = 0;
  server.refuseWith = undefined;
});

const configFor = (port: number): EmailConfig => ({
  host: '127.0.0.1',
  port,
  tls: false,
  login: null,
  from: 'countersign@example.com',
});
const send = (more: Partial<typeof message> = {}, to: string | undefined = 'leads@example.com') =>
  emailNotifier(configFor(server.port)).send({ ...message, ...more }, to, never);

function only(): string {
  const [mail, ...more] = server.mails;
  if (mail === undefined || more.length > 0) throw new Error(`${server.mails.length} mails`);
  return mail.text;
}

const headersOf = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n'));

test('the group gets one plain text, with nothing in it to load', async () => {
  expect(await send()).toEqual({ kind: 'delivered' });
  const text = only();
  expect(server.mails).toMatchObject([{ from: 'countersign@example.com', to: ['leads@example.com'] }]);
  expect(headersOf(text)).toMatch(/^Content-Type: text\/plain; charset=utf-8/m);
  expect(headersOf(text)).toMatch(/^Auto-Submitted: auto-generated/m);
  expect(headersOf(text)).toMatch(/^Message-ID: <n-00112233445566778899aabbccddeeff@example\.com>/im);
  expect(headersOf(text)).toMatch(/^Subject: \[countersign\] BREAK-GLASS: repair on shop-prod \(r-01\)/m);
  expect(text).toContain('Look at it:  countersign show r-01');
  expect(text).not.toMatch(/text\/html|multipart|<html/i);
});

test.each([
  ['a subject with a line of its own', { subject: 'ordinary\r\nBcc: mallory@example.com\r\nX-Evil: 1' }],
  [
    'a body that looks like headers',
    { text: 'Bcc: mallory@example.com\r\n\r\n.\r\nMAIL FROM:<x@example.com>' },
  ],
])('%s adds no header and no recipient', async (_, more) => {
  expect(await send(more)).toEqual({ kind: 'delivered' });
  expect(headersOf(only())).not.toMatch(/^(Bcc|X-Evil)/im);
  expect(server.mails.map(({ to }) => to)).toEqual([['leads@example.com']]);
});

test.each([
  ['leads@example.com, mallory@example.com'],
  ['leads@example.com;mallory@example.com'],
  ['Leads <mallory@example.com>'],
  ['leads@example.com\r\nRCPT TO:<mallory@example.com>'],
])('%j is not one address, and gets nothing', async (address) => {
  expect(await send({}, address)).toMatchObject({ kind: 'failed', again: false });
  expect(server.mails).toEqual([]);
});

test('without an address there is nothing to send', async () => {
  expect(await emailNotifier(configFor(server.port)).send(message, undefined, never)).toMatchObject({
    kind: 'failed',
    again: false,
  });
});

test.each([
  [550, false],
  [451, true],
])(
  'a server that refuses with %i: trying again is worth while: %s; its words stay out',
  async (status, again) => {
    server.refuseWith = status;
    const delivery = await send();
    expect(delivery).toEqual({
      kind: 'failed',
      failure: `the mail server did not take it (EENVELOPE ${status})`,
      again,
    });
  },
);

test('the login is sent to a server that wants one, and shown in no failure', async () => {
  const strict = await startMailServer({ login: true });
  const login = { user: 'countersign', password: 'a password of the tests' };
  const notifier = emailNotifier({ ...configFor(strict.port), login });
  expect(await notifier.send(message, 'leads@example.com', never)).toEqual({ kind: 'delivered' });
  expect(strict.logins).toEqual([login]);
  await strict.stop();
  const gone = await notifier.send(message, 'leads@example.com', never);
  expect(gone).toMatchObject({ kind: 'failed', again: true });
  expect(JSON.stringify(gone)).not.toContain(login.password);
});

test('a server that is not on this machine is sent nothing before it speaks TLS', async () => {
  const elsewhere = await startMailServer({ host: '0.0.0.0' });
  // Reachable, and not one of the names that count as this machine.
  const notifier = emailNotifier({ ...configFor(elsewhere.port), host: '127.0.0.2' });
  const delivery = await notifier.send(message, 'leads@example.com', never);
  expect(delivery).toMatchObject({ kind: 'failed', failure: expect.stringContaining('ETLS') });
  expect(elsewhere.mails).toEqual([]);
  await elsewhere.stop();
});

test('a server that says nothing is given up when time is', async () => {
  const mute = createServer(() => undefined);
  const port = await new Promise<number>((resolve) =>
    mute.listen(0, '127.0.0.1', () => {
      const address = mute.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
  const started = performance.now();
  const delivery = await emailNotifier(configFor(port)).send(
    message,
    'leads@example.com',
    AbortSignal.timeout(200),
  );
  expect(delivery).toEqual({ kind: 'failed', failure: 'the mail server did not take it', again: true });
  expect(performance.now() - started).toBeLessThan(2_000);
  mute.close();
});
