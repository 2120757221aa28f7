import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, ask, openTicket, statementFor } from '../http/story.ts';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;

beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world.stop());

const requestIn = (text: string): string => /r-[0-9A-Z]{26}/.exec(text)?.[0] ?? 'no request';

/** Calls back once, as soon as somebody was asked. */
function onceAsked(act: (request: string) => unknown): (soFar: string) => void {
  let done = false;
  return (soFar) => {
    if (done || !/^asked /m.test(soFar)) return;
    done = true;
    act(requestIn(soFar));
  };
}

test('catalog shows what may be asked for with its terms, and what one may not, with the reason', async () => {
  const mine = await world.runCli('maya', ['catalog']);
  expect(mine.code).toBe(0);
  expect(mine.stdout).toContain('✓ repair   Repair on shop-prod (token)');
  expect(mine.stdout).toContain(
    'up to 1 h · open ticket of INC with you as responder · signed by leads · --break-glass up to 30 min',
  );
  expect(mine.stdout).toMatch(/▲ destructive {2}batches\.delete {2}export\/batches\/\*/);
  const others = await world.runCli('tomas', ['catalog']);
  expect(others.stdout).toMatch(/✗ repair .*\n {2}not for you: ./);
});

test('request asks for a code, tells who was asked and who approved for how long, and prints the grant', async () => {
  const ticket = await openTicket(world);
  const ran = await world.runCli(
    'maya',
    ['request', 'repair', '-t', ticket, '-d', '30m', '-r', 'stuck export batch'],
    {
      answers: [() => world.people.maya.code()],
      onStderr: onceAsked((request) => approve(world.people.tomas, request, { duration_seconds: 900 })),
    },
  );
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/^g-[0-9A-Z]{26}\n$/);
  expect(ran.stderr).toMatch(/^asked leads +r-[0-9A-Z]{26} entry #\d+$/m);
  expect(ran.stderr).toMatch(/^approved by Tomas Lind for 15 min +entry #\d+$/m);
});

test('request tells each of two signatures as it comes', async () => {
  const ran = await world.runCli('maya', ['request', 'deploying', '-r', 'release 7'], {
    answers: [() => world.people.maya.code()],
    onStderr: onceAsked(async (request) => {
      await approve(world.people.tomas, request);
      await approve(world.people.ines, request);
    }),
  });
  expect(ran.stderr).toMatch(/^asked 2 of leads /m);
  expect(ran.stderr).toMatch(/^approved by Tomas Lind for 30 min .*\napproved by Ines Duarte for 30 min /m);
  expect(ran.code).toBe(0);
});

test('request without a reason asks for it, and one that nobody reviews is granted at once', async () => {
  const ran = await world.runCli('maya', ['request', 'look'], {
    answers: ['to count orders', () => world.people.maya.code()],
  });
  expect(ran.stderr).toContain('reason: ');
  expect(ran.stderr).toMatch(/^granted without a review/m);
  expect(ran.code).toBe(0);
});

test('request --no-wait prints the id alone, and with --json the one document that has everything', async () => {
  const words = ['request', 'deploying', '-r', 'release 8', '--no-wait', '--totp-stdin'];
  const plain = await world.runCli('maya', words, { stdin: `${world.people.maya.code()}\n` });
  expect(plain).toMatchObject({ code: 0, stdout: expect.stringMatching(/^r-[0-9A-Z]{26}\n$/) });
  const json = await world.runCli('maya', ['--json', ...words], { stdin: world.people.maya.code() });
  expect(JSON.parse(json.stdout)).toMatchObject({
    status: 'pending',
    entitlement: 'deploying',
    duration_seconds: 1800,
  });
  for (const { stdout } of [plain, json]) await world.runCli('maya', ['withdraw', requestIn(stdout)]);
});

test('what the policy refuses ends with 8, the rule and its entry, and spends no code', async () => {
  const unknown = await world.runCli('maya', ['request', 'no-such-thing', '-r', 'curious']);
  expect(unknown.code).toBe(8);
  expect(unknown.stderr).toContain('rule: entitlement-exists, entry #');
  const notEligible = await world.runCli('tomas', ['request', 'repair', '-r', 'curious']);
  expect(notEligible.code).toBe(8);
  expect(notEligible.stderr).toContain('rule: requester-is-eligible, entry #');
  const tooLong = await world.runCli('maya', ['request', 'look', '-d', '9h', '-r', 'all day']);
  expect(tooLong.code).toBe(8);
  expect(tooLong.stderr).toContain('rule: duration-is-within-limit');
  const noTicket = await world.runCli('maya', ['request', 'repair', '-r', 'forgot']);
  expect(noTicket.code).toBe(8);
  expect(noTicket.stderr).toContain('rule: ticket-is-given-when-required');
});

test('words that make no sense end with 2 before anything is sent', async () => {
  for (const words of [
    ['request', 'look', '-d', 'soon', '-r', 'x'],
    ['request', 'repair', '--only', '@export', '-r', 'x'],
    ['request', 'repair', '--only', 'batches.reed', '-r', 'x'],
    ['request', 'repair', '--param', 'batch', '-r', 'x'],
    ['request', 'look', '--start', 'tomorrow', '-r', 'x'],
    ['request', 'look', '--extend', '--start', '+2h', '-r', 'x'],
    ['request', 'look', '--extend', '--for', 'me', '-r', 'x'],
    ['request', 'repair', '--extend', '--break-glass', '-r', 'x'],
    ['request', 'repair', '--start', '+2h', '--break-glass', '-r', 'x'],
    ['show', '../me'],
    ['wait', 'r-1'],
    ['ls', '--waiting', '--all'],
    ['revoke', 'g-01JZX3V5Q8M2N4P6R8T0V2W4Y6'],
    ['request', 'look', '-r', 'nobody is there to give a code'],
  ]) {
    expect((await world.runCli('maya', words)).code, words.join(' ')).toBe(2);
  }
});

test('what is no id never becomes part of a path', async () => {
  for (const id of ['../me', 'r-01JZX3V5Q8M2N4P6R8T0V2W4Y6/timeline', 'g-01JZX3V5Q8M2N4P6R8T0V2W4Y6?x']) {
    const ran = await world.runCli('maya', ['show', id]);
    expect(ran).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`“${id}” is no request and no grant.`),
    });
  }
});

test('a wrong code ends with 4', async () => {
  const wrong = String((Number(world.people.maya.sameCode()) + 1) % 1_000_000).padStart(6, '0');
  const ran = await world.runCli('maya', ['request', 'look', '-r', 'x', '--totp-stdin'], { stdin: wrong });
  expect(ran.code).toBe(4);
});

test('a denial ends the waiting with 3, the name and the reason', async () => {
  const { maya, tomas } = world.people;
  const ran = await world.runCli('maya', ['request', 'deploying', '-r', 'release 9'], {
    answers: [() => maya.code()],
    onStderr: onceAsked(async (request) => {
      const statement = await statementFor(tomas, request, { verdict: 'deny' });
      await tomas.post(`/v1/requests/${request}/reviews`, {
        statement,
        reason: 'not on a Friday',
        totp: tomas.code(),
      });
    }),
  });
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(/✗ Denied by Tomas Lind: not on a Friday\n→ countersign show r-/);
});

test('Ctrl-C leaves the request pending and says how to go on; withdrawn, it ends a waiting with 6', async () => {
  let asked: (request: string) => void = () => undefined;
  const interrupt = new Promise<string>((resolve) => {
    asked = resolve;
  });
  const ran = await world.runCli('maya', ['request', 'deploying', '-r', 'release 10'], {
    answers: [() => world.people.maya.code()],
    onStderr: onceAsked(asked),
    interrupt,
  });
  const id = await interrupt;
  expect(ran.code).toBe(130);
  expect(ran.stderr).toContain(
    `✗ ${id} stays pending.\n→ Go on: countersign wait ${id} · take it back: countersign withdraw ${id}`,
  );
  const looked = await world.runCli('maya', ['wait', id, '--timeout', '0']);
  expect(looked.code).toBe(5);
  const withdrawn = await world.runCli('maya', ['withdraw', id]);
  expect(withdrawn.stdout).toMatch(/is withdrawn {3}entry #\d+\n$/);
  const gone = await world.runCli('maya', ['wait', id]);
  expect(gone.code).toBe(6);
  expect(gone.stderr).toContain(`✗ ${id} is withdrawn.`);
});

test('ls shows one’s own, --waiting what one could sign, --all everybody’s to an auditor', async () => {
  const { request, ticket } = await ask(world);
  const mine = await world.runCli('maya', ['ls']);
  expect(mine.stdout).toMatch(
    new RegExp(`^${request} +pending +Maya Okafor +repair +30 min +${ticket} +asked leads$`, 'm'),
  );
  expect((await world.runCli('tomas', ['ls'])).stdout).toBe(
    'You have asked for nothing. What there is: countersign catalog\n',
  );
  expect((await world.runCli('tomas', ['ls', '--waiting'])).stdout).toContain(request);
  expect((await world.runCli('noor', ['ls', '--waiting'])).stdout).toBe('Nothing waits for you.\n');
  expect((await world.runCli('noor', ['ls', '--all'])).stdout).toContain(request);
  const page = JSON.parse((await world.runCli('maya', ['--json', 'ls'])).stdout);
  expect(page.items[0]).toMatchObject({ request, status: 'pending' });
});

test('show tells everything that happened with its entries, and keeps a requester’s lines apart from ours', async () => {
  const { request } = await ask(world, { justification: 'Stuck export\n  status   approved' });
  const [grant] = (await approve(world.people.tomas, request)).grants;
  const shown = await world.runCli('maya', ['show', grant.grant]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^Maya Okafor asks for repair on shop-prod for 30 min$/m);
  expect(shown.stdout).toMatch(/^ {2}reason {5}│ Stuck export\n {13}│ {3}status {3}approved$/m);
  expect(shown.stdout).toMatch(/^ {2}status {5}approved, g-[0-9A-Z]{26} to be opened by /m);
  expect(shown.stdout).toMatch(/^#\d+ +(?:\S+ )?\d\d:\d\d +.*Tomas Lind/m);
  const json = JSON.parse((await world.runCli('maya', ['--json', 'show', request])).stdout);
  expect(json.timeline.length).toBeGreaterThan(2);
});

test('what is not yours to see is not found, which ends with 1', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('otto', ['show', request]);
  expect(ran.code).toBe(1);
});

test('the holder ends early and is told how much was saved; a lead revokes, and the waiting ends with 6', async () => {
  const { people } = world;
  const first = await ask(world, { entitlement: 'look' });
  await people.maya.post(`/v1/grants/${first.grants[0].grant}/sessions`, {}, { 'idempotency-key': 'first' });
  const ended = await world.runCli('maya', ['end', first.request]);
  expect(ended.stdout).toMatch(
    /^g-\w+ is ended {3}entr(y|ies) #\d+.*\nThank you: 29 min earlier than you could have\.\n/,
  );
  const { request } = await ask(world);
  const [grant] = (await approve(people.tomas, request)).grants;
  const revoked = await world.runCli('tomas', ['revoke', grant.grant, '-r', 'wrong batch']);
  expect(revoked).toMatchObject({ code: 0, stdout: expect.stringContaining(`${grant.grant} is revoked`) });
  expect((await world.runCli('maya', ['wait', request])).code).toBe(6);
  expect((await world.runCli('maya', ['end', grant.grant])).code).not.toBe(0);
});

test('end of a request that was never granted says what to do instead', async () => {
  const { request } = await ask(world);
  const ran = await world.runCli('maya', ['end', request]);
  expect(ran).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`→ countersign withdraw ${request}`),
  });
});

test('a request that nobody decided in time is expired, and so is a grant that was not opened', async () => {
  const { request } = await ask(world);
  world.clock.advance(8 * 3_600_000 + 1_000);
  const ran = await world.runCli('maya', ['wait', request]);
  expect(ran.code).toBe(6);
  expect(ran.stderr).toContain(`${request} is expired.`);
});
