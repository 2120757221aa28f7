import { afterAll, beforeAll, expect, test } from 'vitest';
import { publish } from '../http/person.ts';
import { policyText } from '../http/policy-text.ts';
import { openTicket } from '../http/story.ts';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;
let ticket: string;
beforeAll(async () => {
  world = await startCliWorld();
  const { ada, bo, maya } = world.people;
  const named = `without: [ticket, identity-provider], named: [${maya.id}]`;
  await publish(policyText.replace('without: [ticket]', named), [ada, bo]);
  ticket = await openTicket(world);
  // Signed in before the outage: nobody signs in while it lasts.
  for (const name of ['maya', 'tomas'] as const) await world.machineOf(name);
  await world.provider.stop();
});
afterAll(() => world.stop());

const node = process.execPath;
const emergency = () => [
  'exec',
  'repair',
  '--break-glass',
  '-t',
  ticket,
  '-d',
  '10m',
  '-r',
  'It burns, and the identity provider is gone',
  '--',
  node,
  '-e',
  'console.log(process.env.COUNTERSIGN_TOKEN.length > 100)',
];

test('at 3 a.m., with the identity provider gone, one command still opens what the policy lets somebody named open', async () => {
  const ran = await world.runCli('maya', emergency(), { answers: [() => world.people.maya.code()] });
  expect(ran).toMatchObject({ code: 0, stdout: 'true\n' });
});

test('everything else says what is down, and what to do', async () => {
  const ran = await world.runCli('maya', ['ls']);
  expect(ran.code).not.toBe(0);
  expect(ran.stderr).toContain('identity provider');
  const other = await world.runCli('tomas', emergency(), { answers: [() => world.people.tomas.code()] });
  expect(other.code).not.toBe(0);
  expect(other.stderr).toContain('identity provider');
});
