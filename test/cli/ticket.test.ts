import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world?.stop());

test('a ticket is opened, shown with who put whom in it, changed, and closed', async () => {
  const words = [
    'ticket',
    'open',
    'INC-1',
    '--title',
    'Orders are stuck',
    '--responder',
    world.people.maya.id,
    '--responder',
    'me',
  ];
  const opened = await world.runCli('tomas', words);
  expect(opened).toMatchObject({ code: 0, stderr: '' });
  expect(opened.stdout.split('\n').slice(0, 4)).toEqual([
    'INC-1  open  Orders are stuck',
    '  opened by  Tomas Lind',
    '  responder  Maya Okafor, named by Tomas Lind',
    '  responder  Tomas Lind, named by Tomas Lind',
  ]);

  const window = ['--window', '2026-11-21T23:00+01:00/2026-11-22T02:00Z'];
  const changed = await world.runCli('maya', [
    ...['--json', 'ticket', 'change', 'INC-1', '--remove-responder', 'tomas', '--add-responder', 'Ines'],
    ...['--assignee', 'me', '--title', 'Orders are stuck again', ...window],
  ]);
  expect(changed.code).toBe(0);
  expect(JSON.parse(changed.stdout)).toMatchObject({
    title: 'Orders are stuck again',
    responders: [
      { display_name: 'Maya Okafor' },
      { display_name: 'Ines Duarte', named_by: { display_name: 'Maya Okafor' } },
    ],
    assignee: { display_name: 'Maya Okafor' },
    window: { from: '2026-11-21T22:00:00.000Z', to: '2026-11-22T02:00:00.000Z' },
  });

  const emptied = await world.runCli('maya', [
    'ticket',
    'change',
    'INC-1',
    '--assignee',
    'none',
    '--window',
    'none',
  ]);
  expect(emptied.stdout).not.toMatch(/assignee|window/);
  expect((await world.runCli('tomas', ['ticket', 'close', 'INC-1'])).stdout).toMatch(/^INC-1 {2}closed {2}/);
  const shown = await world.runCli('noor', ['ticket', 'show', 'INC-1']);
  expect(shown.stdout).toMatch(
    /^INC-1 {2}closed {2}Orders are stuck again\n(?:.*\n)*? {2}written {4}\S+ {2}entry #\d+\n$/,
  );
});

test('a change is approved by somebody who neither opened it nor carries it out', async () => {
  await world.runCli('maya', ['ticket', 'open', 'CHG-1', '--title', 'Move the orders', '--assignee', 'me']);
  const own = await world.runCli('maya', ['ticket', 'approve', 'CHG-1']);
  expect(own).toMatchObject({ code: 8, stdout: '' });
  expect(own.stderr).toMatch(/rule: ticket-editor-is-entitled, entry #\d+/);
  const approved = await world.runCli('tomas', ['ticket', 'approve', 'CHG-1']);
  expect(approved).toMatchObject({ code: 0, stdout: expect.stringMatching(/approved by {2}Tomas Lind/) });
});

test('what cannot be meant is refused before anything is sent', async () => {
  const refused = async (...words: string[]) => {
    const { code, stderr } = await world.runCli('maya', ['ticket', ...words]);
    return { code, stderr };
  };
  expect(await refused('change', 'INC-1')).toEqual({
    code: 2,
    stderr: expect.stringContaining('nothing to change'),
  });
  expect(await refused('open', 'INC-2')).toEqual({ code: 2, stderr: expect.stringContaining('--title') });
  expect(await refused('change', 'INC-1', '--state', 'lost')).toEqual({
    code: 2,
    stderr: expect.stringContaining('approved'),
  });
  for (const window of [
    'tonight',
    '2026-11-21T22:00/2026-11-22T02:00',
    '2026-11-22T02:00Z/2026-11-21T22:00Z',
    'a/b/c',
    '2026-11-22T02:00Z',
  ]) {
    expect(await refused('change', 'INC-1', '--window', window)).toEqual({
      code: 2,
      stderr: expect.stringContaining('is no window'),
    });
  }
});

test('a ticket that is not there, or whose name is none, is told so', async () => {
  expect(await world.runCli('maya', ['ticket', 'show', 'INC-4040'])).toMatchObject({ code: 1, stdout: '' });
  const misnamed = await world.runCli('maya', ['ticket', 'show', 'inc 1']);
  expect(misnamed).toMatchObject({ code: 2, stderr: expect.stringContaining('PROJECT-NUMBER') });
});
