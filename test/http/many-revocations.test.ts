import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSIONS_ALLOWED } from '../../src/domain/request/rules/grant-is-usable.ts';
import { startWorld, type World } from './harness.ts';
import { ask, introspect, must, open } from './story.ts';
import { conformant, verdictOn } from './verdict.ts';

const MANY = 40;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const alive = async (tokens: readonly string[]): Promise<number> => {
  const answers = await Promise.all(tokens.map((token) => introspect(world, token)));
  return answers.filter(({ body }) => body.active).length;
};

async function granted(): Promise<string> {
  return (await ask(world, { entitlement: 'look', duration_seconds: 28_800 })).grants[0].grant;
}

async function tokenOf(grant: string): Promise<string> {
  return must(await open(world.people.maya, grant), 201).credentials.token;
}

const revoke = (grant: string) =>
  world.people.tomas.post(`/v1/grants/${grant}/revocation`, { reason: 'Enough' });

test('(35) of many revoked grants none is forgotten: by time, by the next process, by the others', async () => {
  const kept = await tokenOf(await granted());
  const tokens: string[] = [];
  for (let number = 0; number < MANY; number++) {
    const grant = await granted();
    tokens.push(await tokenOf(grant));
    must(await revoke(grant), 200);
  }
  expect(await alive([kept, ...tokens])).toBe(1);
  await world.restart();
  expect(await alive([kept, ...tokens])).toBe(1);
  world.clock.advance(3 * 3_600_000);
  expect(await alive([kept, ...tokens])).toBe(1);
});

test('(35) a grant with all the sessions it may have gets no further one, and all of them are revoked', async () => {
  const grant = await granted();
  const tokens: string[] = [];
  for (let number = 0; number < SESSIONS_ALLOWED; number++) tokens.push(await tokenOf(grant));
  expect((await open(world.people.maya, grant)).body.rule).toBe('grant-is-usable');
  expect(await alive(tokens)).toBe(SESSIONS_ALLOWED);
  must(await revoke(grant), 200);
  expect(await alive(tokens)).toBe(0);
});

test('an auditor finds every decision of these stories conformant', async () => {
  expect(await verdictOn(world)).toMatchObject(conformant);
});
