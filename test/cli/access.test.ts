import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, ask, introspect, openTicket, statementFor } from '../http/story.ts';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;

beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world.stop());

const node = process.execPath;
const tell = (expression: string) => [node, '-e', `process.stdout.write(String(${expression}))`];
const requestIn = (text: string): string => /r-[0-9A-Z]{26}/.exec(text)?.[0] ?? 'no request';
const grantIn = (text: string): string => /g-[0-9A-Z]{26}/.exec(text)?.[0] ?? 'no grant';

/** Tomas decides as soon as he is asked. */
function tomasApproves(): (soFar: string) => void {
  let done = false;
  return (soFar) => {
    if (done || !/^asked /m.test(soFar)) return;
    done = true;
    void approve(world.people.tomas, requestIn(soFar), { duration_seconds: 900 });
  };
}

const never = () => {
  throw new Error('nobody should be asked');
};

/** What Maya has open ends, so that the next test begins with nothing. */
async function endAll(entitlement: string): Promise<void> {
  const { items } = (await world.people.maya.get('/v1/grants?active=true')).body;
  for (const grant of items) {
    if (grant.entitlement === entitlement) await world.people.maya.post(`/v1/grants/${grant.grant}/end`);
  }
}

test('exec asks with one code, waits, runs the command with the token in its environment, and ends as it does', async () => {
  const ticket = await openTicket(world);
  const ran = await world.runCli(
    'maya',
    [
      'exec',
      'repair',
      '-t',
      ticket,
      '-r',
      'stuck export batch',
      '--',
      ...tell('process.env.COUNTERSIGN_TOKEN'),
      'clear',
      '42',
    ],
    { answers: [() => world.people.maya.code(), never], onStderr: tomasApproves() },
  );
  expect(ran.code).toBe(0);
  expect(ran.stderr).toMatch(
    /^code: \nasked leads +r-\w+ entry #\d+\nto be reviewed at http:\S+\/requests\/r-\w+\/review\napproved by Tomas Lind for 15 min +entry #\d+\nsession open until (?:\S+ )?\d\d:\d\d +entry #\d+\nstays open until (?:\S+ )?\d\d:\d\d; when done: +countersign end g-\w+\n$/,
  );
  expect((await introspect(world, ran.stdout)).body).toMatchObject({
    active: true,
    aud: 'https://shop.example',
  });
});

test('exec again goes on under the grant that is there, asks nobody anything, and passes the exit code through', async () => {
  const ran = await world.runCli('maya', ['exec', 'repair', '--', node, '-e', 'process.exit(42)'], {
    answers: [never],
  });
  expect(ran.code).toBe(42);
  expect(ran.stderr).toMatch(/^goes on under +g-\w+\nsession open until /);
});

test('exec on another ticket does not go on under the grant of the first', async () => {
  const ticket = await openTicket(world);
  const words = [
    'exec',
    'repair',
    '-t',
    ticket,
    '-r',
    'another',
    '--totp-stdin',
    '--timeout',
    '0',
    '--',
    node,
    '-e',
    '0',
  ];
  const ran = await world.runCli('maya', words, { stdin: world.people.maya.code() });
  expect(ran.code).toBe(125);
  expect(ran.stderr).toMatch(/^asked leads/m);
  await world.runCli('maya', ['withdraw', requestIn(ran.stderr)]);
});

test('the credentials are in the environment alone, and what could be used in their place is taken away', async () => {
  const environment = {
    AWS_PROFILE: 'standing',
    AWS_ACCESS_KEY_ID: 'AKIASTANDING',
    COUNTERSIGN_TOKEN: 'old',
    EDITOR: 'vi',
  };
  const script = 'JSON.stringify({ argv: [process.argv, process.execArgv], env: process.env })';
  const ran = await world.runCli('maya', ['exec', 'repair', '--', ...tell(script)], { environment });
  const { argv, env } = JSON.parse(ran.stdout);
  expect(JSON.stringify(argv)).not.toContain(env.COUNTERSIGN_TOKEN);
  expect(env).toMatchObject({
    EDITOR: 'vi',
    COUNTERSIGN_AUDIENCE: 'https://shop.example',
    COUNTERSIGN_GRANT: grantIn(ran.stderr),
  });
  expect(env.COUNTERSIGN_TOKEN).not.toBe('old');
  expect(Object.keys(env).filter((name) => name.startsWith('AWS_'))).toEqual([]);
});

test('the command reads what is piped in, and stands where the person stands', async () => {
  const script = 'process.stdin.pipe(process.stdout).on("unpipe", () => process.stdout.write(process.cwd()))';
  const ran = await world.runCli('maya', ['exec', 'repair', '--', node, '-e', script], {
    stdin: 'batch 42 ',
  });
  expect(ran.stdout).toBe(`batch 42 ${(await world.machineOf('maya')).home}`);
});

test('a signal is passed to the command, whose end is told as shells do', async () => {
  let ready: (value: string) => void = () => undefined;
  const interrupt = new Promise<string>((resolve) => {
    ready = resolve;
  });
  const script = 'setInterval(() => 0, 1000); process.stderr.write("ready")';
  const ran = await world.runCli('maya', ['exec', 'repair', '--', node, '-e', script], {
    interrupt,
    onStderr: (soFar) => soFar.includes('ready') && ready('now'),
  });
  expect(ran.code).toBe(128 + 2);
});

test('exec ends with 125 for what is its own: no command, none of that name, a refusal, a denial', async () => {
  const none = await world.runCli('maya', ['exec', 'repair']);
  expect(none).toMatchObject({ code: 125, stderr: expect.stringContaining('There is no command to run.') });
  const missing = await world.runCli('maya', ['exec', 'repair', '--', './not-there']);
  expect(missing).toMatchObject({ code: 125, stderr: expect.stringContaining('./not-there is not there.') });
  const refused = await world.runCli('tomas', ['exec', 'repair', '-r', 'curious', '--', node, '-e', '0']);
  expect(refused).toMatchObject({
    code: 125,
    stderr: expect.stringContaining('rule: requester-is-eligible, entry #'),
  });
  const nobody = await world.newMachine().run(['exec', 'repair', '--', node, '-e', '0']);
  expect(nobody).toMatchObject({ code: 125, stderr: expect.stringContaining('login') });
});

test('exec after a denial runs nothing', async () => {
  const { maya, tomas } = world.people;
  let denied = false;
  const ran = await world.runCli('maya', ['exec', 'deploying', '-r', 'release', '--', ...tell('"it ran"')], {
    answers: [() => maya.code()],
    onStderr: async (soFar) => {
      if (denied || !/^asked /m.test(soFar)) return;
      denied = true;
      const request = requestIn(soFar);
      const statement = await statementFor(tomas, request, { verdict: 'deny' });
      await tomas.post(`/v1/requests/${request}/reviews`, {
        statement,
        reason: 'freeze',
        totp: tomas.code(),
      });
    },
  });
  expect(ran).toMatchObject({
    code: 125,
    stdout: '',
    stderr: expect.stringContaining('Denied by Tomas Lind: freeze'),
  });
});

test('interrupted while waiting, exec ends with 130; the next one picks the request up and asks for no code', async () => {
  await endAll('repair');
  const ticket = await openTicket(world);
  let asked: (request: string) => void = () => undefined;
  const interrupt = new Promise<string>((resolve) => {
    asked = resolve;
  });
  const words = ['exec', 'repair', '-t', ticket, '-r', 'stuck', '--', ...tell('"it ran"')];
  const first = await world.runCli('maya', words, {
    answers: [() => world.people.maya.code()],
    onStderr: (soFar) => /^asked /m.test(soFar) && asked(requestIn(soFar)),
    interrupt,
  });
  const request = await interrupt;
  expect(first).toMatchObject({ code: 130, stdout: '' });
  expect(first.stderr).toContain(
    `✗ ${request} stays pending.\n→ Go on: countersign exec repair -- … · take it back: countersign withdraw ${request}`,
  );
  await approve(world.people.tomas, request);
  const second = await world.runCli('maya', words, { answers: [never] });
  expect(second).toMatchObject({ code: 0, stdout: 'it ran' });
});

test('a request that is still pending is picked up, and waited for', async () => {
  await endAll('repair');
  const ticket = await openTicket(world);
  const words = ['repair', '-t', ticket];
  const asked = await world.runCli(
    'maya',
    ['request', ...words, '-r', 'stuck', '--no-wait', '--totp-stdin'],
    {
      stdin: world.people.maya.code(),
    },
  );
  const ran = await world.runCli('maya', ['exec', ...words, '--', ...tell('"it ran"')], {
    onStderr: tomasApproves(),
    answers: [never],
  });
  expect(ran).toMatchObject({ code: 0, stdout: 'it ran' });
  expect(requestIn(ran.stderr)).toBe(requestIn(asked.stdout));
});

test('an opening that the first code no longer serves asks for another, once', async () => {
  await endAll('repair');
  const { request } = await ask(world);
  await approve(world.people.tomas, request);
  const words = ['exec', 'repair', '--', ...tell('"it ran"')];
  const unattended = await world.runCli('maya', words);
  expect(unattended).toMatchObject({ code: 125, stdout: '' });
  const ran = await world.runCli('maya', words, { answers: [() => world.people.maya.code(), never] });
  expect(ran).toMatchObject({ code: 0, stdout: 'it ran' });
});

test('an emergency runs at once, on a ticket that nobody else vouches for', async () => {
  const { maya } = world.people;
  await endAll('repair');
  await maya.post('/v1/tickets', { ticket: 'INC-9001', title: 'Shop is down', responders: [maya.id] });
  const words = [
    'exec',
    'repair',
    '-t',
    'INC-9001',
    '--break-glass',
    '-r',
    'shop is down',
    '--',
    ...tell('"it ran"'),
  ];
  const ran = await world.runCli('maya', words, { answers: [() => maya.code()] });
  expect(ran).toMatchObject({ code: 0, stdout: 'it ran' });
  expect(ran.stderr).toMatch(/^granted, to be judged afterwards +r-\w+ entry #\d+$/m);
});

test('env prints lines that a shell reads back exactly', async () => {
  const ran = await world.runCli('maya', ['env', 'repair']);
  expect(ran.code).toBe(0);
  const script = `${ran.stdout}printf '%s' "$COUNTERSIGN_TOKEN|$AWS_PROFILE"`;
  const shell = spawnSync('/bin/sh', ['-c', script], { env: { AWS_PROFILE: 'standing' }, encoding: 'utf8' });
  const [token = '', profile] = shell.stdout.split('|');
  expect(profile).toBe('');
  expect((await introspect(world, token)).body.active).toBe(true);
  const json = JSON.parse((await world.runCli('maya', ['--json', 'env', 'repair'])).stdout);
  expect(json).toMatchObject({
    grant: grantIn(ran.stderr),
    environment: { COUNTERSIGN_AUDIENCE: 'https://shop.example' },
  });
});

test('creds answers an AWS tool in its words, and never asks: nothing granted 1, pending 5, no AWS 2', async () => {
  const none = await world.runCli('maya', ['creds', 'ledger'], { answers: [never] });
  expect(none).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('→ countersign request ledger'),
  });
  expect((await world.runCli('maya', ['creds', 'repair'], { answers: [never] })).code).toBe(2);
  const ticket = await openTicket(world);
  const words = ['request', 'ledger', '-t', ticket, '-r', 'failover', '--no-wait', '--totp-stdin'];
  const asked = await world.runCli('maya', words, { stdin: world.people.maya.code() });
  expect((await world.runCli('maya', ['creds', 'ledger'], { answers: [never] })).code).toBe(5);
  await approve(world.people.tomas, requestIn(asked.stdout));
  const given = await world.runCli('maya', ['creds', 'ledger'], { answers: [never] });
  expect(given.code).toBe(0);
  expect(JSON.parse(given.stdout)).toEqual({
    Version: 1,
    AccessKeyId: expect.stringMatching(/^ASIA/),
    SecretAccessKey: expect.any(String),
    SessionToken: expect.any(String),
    Expiration: expect.stringMatching(/Z$/),
  });
  expect(given.stderr).toBe('');
});

test('creds for a grant that this device never proved ends with 4', async () => {
  await endAll('ledger');
  const { request } = await ask(world, { entitlement: 'ledger' });
  await approve(world.people.tomas, request);
  expect(await world.runCli('maya', ['creds', 'ledger'], { answers: [never] })).toMatchObject({
    code: 4,
    stdout: '',
  });
});

test('two programs that start together both get credentials', async () => {
  const words = ['exec', 'look', '-r', 'count', '--totp-stdin', '--', node, '-e', '0'];
  await world.runCli('maya', words, { stdin: world.people.maya.code() });
  const again = ['exec', 'look', '--', ...tell('process.env.COUNTERSIGN_TOKEN.length > 0')];
  const both = await Promise.all([world.runCli('maya', again), world.runCli('maya', again)]);
  expect(both.map(({ code, stdout }) => `${code} ${stdout}`)).toEqual(['0 true', '0 true']);
});
