import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEntry } from '../../../src/log/entry.ts';
import { openedGrant } from '../../http/story.ts';
import { audited, downloaded } from '../audited.ts';
import { startWorkerWorld, type WorkerWorld } from '../worker-world.ts';

let world: WorkerWorld;
beforeAll(async () => {
  world = await startWorkerWorld();
}, 240_000);
afterAll(() => world?.stop());

const WRITERS = 12;
const ROUNDS = 2;

/** Writes tickets until it is interrupted; the names of those that were acknowledged. */
async function writing(writer: string, isOver: () => boolean): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (let at = 0; !isOver(); at++) {
    const ticket = `INC-${writer}${at}`;
    const body = { ticket, title: 'Written under fire', responders: [world.people.maya.id] };
    const answer = await world.people.tomas.post('/v1/tickets', body).catch(() => undefined);
    if (answer?.status === 201) acknowledged.push(answer.body.ticket);
  }
  return acknowledged;
}

test('workerd is killed while many write: what was acknowledged is there, once, in one chain', async () => {
  const { checkpointNote } = await downloaded(world);
  const acknowledged: string[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    let isOver = false;
    const writers = Array.from({ length: WRITERS }, (_, at) => writing(`${round}${100 + at}`, () => isOver));
    await new Promise((resolve) => setTimeout(resolve, 700));
    const restarted = world.restart('kill');
    isOver = true;
    acknowledged.push(...(await Promise.all(writers)).flat());
    await restarted;
  }
  expect(acknowledged.length).toBeGreaterThan(WRITERS);
  const { people } = world;
  for (const ticket of acknowledged) {
    expect([ticket, (await people.tomas.get(`/v1/tickets/${ticket}`)).status]).toEqual([ticket, 200]);
  }
  await openedGrant(world);
  const { entries } = await downloaded(world);
  const written = entries
    .map((bytes) => readEntry(bytes))
    .filter(({ type }) => type === 'countersign.ticket.written.v1');
  const streams = written.map(({ stream }) => stream);
  expect(new Set(streams).size).toBe(streams.length);
  const report = await audited(world, 'after-kills', [checkpointNote]);
  expect([report.intact.passed, report.complete.passed, report.conformant?.passed]).toEqual([
    true,
    true,
    true,
  ]);
}, 240_000);
