import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSignIn, signInPath, writeSignIn } from '../../src/cli/account/sign-in-file.ts';
import { signInAs } from '../../src/demo/sign-in-as.ts';
import { formTokenIn } from '../http/browser.ts';
import { webVisits } from '../http/web-visits.ts';
import { type CliWorld, type Machine, type Ran, startCliWorld } from './harness.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world?.stop());

/** Begins a sign-in, up to where the command prints the address and waits. */
function beginLogin(
  machine: Machine,
  words: readonly string[] = [],
): { url: Promise<URL>; ran: Promise<Ran> } {
  const printed = Promise.withResolvers<URL>();
  const onStderr = (soFar: string) => {
    const [url] = /http:\S+sign-in\?\S+(?=\n)/.exec(soFar) ?? [];
    if (url !== undefined) printed.resolve(new URL(url));
  };
  const ran = machine.run(['--server', world.url, ...words, 'login', '--no-browser'], { onStderr });
  return { url: printed.promise, ran };
}

/** Does in the browser what somebody does who picks a name. */
async function logIn(
  machine: Machine,
  username: string,
  words: readonly string[] = [],
): Promise<Ran & { page: string }> {
  const { url, ran } = beginLogin(machine, words);
  const page = await browse((await url).href, username);
  return { ...(await ran), page };
}

async function browse(url: string, username: string): Promise<string> {
  const begun = await fetch(url, { redirect: 'manual' });
  const callback = await signInAs(begun.headers.get('location') ?? '', username);
  return (await fetch(callback)).text();
}

test('login through the browser signs in on this machine alone, and whoami says who', async () => {
  const machine = world.newMachine();
  const { code, stdout, stderr, page } = await logIn(machine, 'maya');
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('Maya Okafor') });
  expect(stderr).toContain('Open in a browser on this machine');
  expect(page).toContain('You are signed in');
  const path = signInPath(machine.surroundings());
  expect((await stat(path)).mode & 0o777).toBe(0o600);

  const who = await machine.run(['whoami']);
  expect(who).toMatchObject({ code: 0, stderr: '' });
  expect(who.stdout).toMatch(/^Maya Okafor {2}p-[a-z2-7]{26}\n/);
  expect(who.stdout).toContain('groups   engineers');
});

test('a machine without a browser is let in from another one, and may only ask', async () => {
  const machine = world.newMachine();
  const visits = webVisits(() => world);
  const shown = Promise.withResolvers<string>();
  const onStderr = (soFar: string) => soFar.includes('may then ask') && shown.resolve(soFar);
  const ran = machine.run(['--server', world.url, 'login', '--device'], { onStderr });
  const told = await shown.promise;
  const [code = ''] = /[A-Z]{4}-[A-Z]{4}/.exec(told) ?? [];
  const browser = await visits.signedIn('maya');
  const page = await browser.call(`${world.url}/device?code=${code}`);
  const [, phrase = 'no words'] = /<strong>([^<]+)<\/strong>/.exec(page.text) ?? [];
  expect(told).toContain(phrase);
  const form = { code, form_token: formTokenIn(page) };
  const confirmed = await browser.call(`${world.url}/device`, { form });
  const [, onward = ''] = /<a href="(\/sign-in\/device\/[^"]+)"/.exec(confirmed.text) ?? [];
  await browser.signIn(`${world.url}${onward}`, 'maya');
  expect(await ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Maya Okafor') });
  expect((await machine.run(['catalog'])).code).toBe(0);
  const refused = await machine.run(['ticket', 'open', 'INC-92', '--title', 'From a build']);
  expect(refused).toMatchObject({ code: 8, stdout: '' });
  expect(refused.stderr).toContain('may only ask');
}, 30_000);

test('login with --json prints one document, and a person without a factor is told to enrol', async () => {
  const { code, stdout, stderr } = await logIn(world.newMachine(), 'otto', ['--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ display_name: 'Otto Outside', factors: [], server: world.url });
  expect(stderr).toContain('countersign factor enrol');
});

test('the loopback address takes our own state once, and under its own name alone', async () => {
  const machine = world.newMachine();
  const { url: printed, ran } = beginLogin(machine);
  const url = await printed;
  const redirect = url.searchParams.get('redirect_uri') ?? '';
  const state = url.searchParams.get('state') ?? '';
  const status = async (address: string, init?: RequestInit) => (await fetch(address, init)).status;
  expect(await status(`${redirect}?code=theirs&state=guessed`)).toBe(400);
  expect(await status(`${redirect}?code=theirs&code=ours&state=${state}`)).toBe(400);
  expect(await status(`${redirect}/more?code=theirs&state=${state}`)).toBe(400);
  expect(await status(`${redirect}?code=theirs&state=${state}`, { method: 'POST' })).toBe(400);
  const renamed = redirect.replace('127.0.0.1', 'localhost');
  expect(await status(`${renamed}?code=theirs&state=${state}`)).toBe(400);
  expect(await browse(url.href, 'maya')).toContain('You are signed in');
  expect((await ran).code).toBe(0);
  await expect(fetch(redirect)).rejects.toThrow();
});

test('a code that is not the broker’s leaves nobody signed in, and what was signed in stays', async () => {
  const machine = world.newMachine();
  await logIn(machine, 'ines');
  const before = await readSignIn(machine.surroundings());
  const { url, ran } = beginLogin(machine);
  const { searchParams } = await url;
  await fetch(`${searchParams.get('redirect_uri')}?code=invented&state=${searchParams.get('state')}`);
  expect(await ran).toMatchObject({ code: 4, stdout: '' });
  expect(await readSignIn(machine.surroundings())).toEqual(before);
});

test('Ctrl-C while nobody signs in ends the command with 130', async () => {
  const interrupt = Promise.withResolvers<void>();
  const onStderr = (soFar: string) => {
    if (soFar.includes('sign-in?')) interrupt.resolve();
  };
  const words = ['--server', world.url, 'login', '--no-browser'];
  const ran = await world.newMachine().run(words, { onStderr, interrupt: interrupt.promise });
  expect(ran).toMatchObject({ code: 130, stdout: '' });
  expect(ran.stderr).toContain('nobody was signed in');
});

test('logout ends the sign-in at the broker too, and twice is no mistake', async () => {
  const machine = world.newMachine();
  await logIn(machine, 'noor');
  const kept = await readSignIn(machine.surroundings());
  expect(await machine.run(['logout'])).toMatchObject({ code: 0, stdout: `Signed out of ${world.url}.\n` });
  expect(await machine.run(['logout'])).toMatchObject({ code: 0, stdout: 'Nobody was signed in there.\n' });
  expect(await machine.run(['whoami'])).toMatchObject({ code: 4 });

  if (kept === undefined) throw new Error('nothing was signed in');
  const thief = world.newMachine();
  await writeSignIn(thief.surroundings(), kept);
  expect(await thief.run(['whoami'])).toMatchObject({ code: 4 });
});

test('logout of a broker that does not answer forgets the sign-in here, and says that nobody was told', async () => {
  const machine = world.newMachine();
  await logIn(machine, 'noor');
  const kept = await readSignIn(machine.surroundings());
  if (kept === undefined) throw new Error('nothing was signed in');
  await writeSignIn(machine.surroundings(), { ...kept, server: 'http://127.0.0.1:1' });
  const ran = await machine.run(['logout']);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('the broker was not told');
  expect(await readSignIn(machine.surroundings())).toBeUndefined();
});

test('a token that is about to end is renewed by itself, also by two commands at once', async () => {
  const machine = world.newMachine();
  await logIn(machine, 'tomas');
  const before = await readSignIn(machine.surroundings());
  world.clock.advance(11 * 60_000);
  const both = await Promise.all([machine.run(['whoami']), machine.run(['status'])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  const after = await readSignIn(machine.surroundings());
  expect(after?.refresh_token).not.toBe(before?.refresh_token);
  expect(await machine.run(['whoami'])).toMatchObject({ code: 0 });
});

test('status says that the broker writes, what waits, and what one holds', async () => {
  const ran = await world.runCli('noor', ['status']);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(ran.stdout.split('\n')).toEqual([
    `broker   ${world.url}  ✓ answers and writes`,
    'waiting  nothing waits for you',
    'active   you have no production access; that is normal',
    '',
  ]);
  const json = await world.runCli('noor', ['--json', 'status']);
  expect(JSON.parse(json.stdout)).toEqual({
    server: world.url,
    broker: { status: 'ready', reason: null },
    waiting: [],
    active: [],
  });
});

test('status of a request that waits names who asks for what', async () => {
  await world.people.maya.post('/v1/requests', {
    entitlement: 'deploying',
    duration_seconds: 1800,
    justification: 'a release',
    totp: world.people.maya.code(),
  });
  const { stdout } = await world.runCli('tomas', ['status']);
  expect(stdout).toMatch(/waiting {2}r-[0-9A-Z]{26} {2}Maya Okafor asks for deploying, 30 min\n/);
});

test('without a sign-in, without a server, or with one that is none, the command says what to do', async () => {
  const machine = world.newMachine();
  expect(await machine.run(['whoami'])).toMatchObject({ code: 4, stderr: expect.stringContaining('login') });
  expect(await machine.run(['login'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--server'),
  });
  expect(await machine.run(['--server', 'http://broker.example', 'login'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('plain http:// is for this machine alone'),
  });
  expect(await machine.run(['--server', 'http://127.0.0.1:1', 'status'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No broker answers'),
  });
  const { code, stdout } = await machine.run(['--json', 'whoami']);
  expect({ code, told: JSON.parse(stdout).error.code }).toEqual({ code: 4, told: 4 });
});
