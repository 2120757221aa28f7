import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, ask, introspect, must, open } from '../http/story.ts';
import { startWorkerWorld, type WorkerWorld } from './worker-world.ts';

let world: WorkerWorld;
beforeAll(async () => {
  world = await startWorkerWorld();
});
afterAll(() => world?.stop());

test('in workerd access is asked for, approved narrower by somebody else, used, and revoked', async () => {
  const { maya, tomas } = world.people;
  const asked = await ask(world);
  const narrower = {
    duration_seconds: 900,
    scope: [{ action: 'batches.delete', resource: 'export/batches/*' }],
  };
  const approved = await approve(tomas, asked.request, narrower);
  const session = must(await open(maya, approved.grants[0].grant), 201);
  expect((await introspect(world, session.credentials.token)).body).toMatchObject({ active: true });
  const path = `/v1/grants/${approved.grants[0].grant}/revocation`;
  expect(must(await tomas.post(path, { reason: 'Done' }), 200)).toMatchObject({ status: 'revoked' });
  expect((await introspect(world, session.credentials.token)).body).toEqual({ active: false });
});
