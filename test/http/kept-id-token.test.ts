import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromBase64, fromUtf8 } from '../../src/log/bytes.ts';
import { checkDisclosure } from '../../src/log/commitment.ts';
import { readEntry } from '../../src/log/entry.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { startWorld, type World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const TYPE = 'countersign.person.authenticated.v1';

test('the log commits to the ID token itself, of which only a sealed copy is kept', async () => {
  const { store, sealer } = world.broker;
  const { size = 0 } = (await store.head()) ?? {};
  let checked = 0;
  for await (const bytes of store.entries(0, size)) {
    const { type, seq, data } = readEntry(bytes);
    if (type !== TYPE) continue;
    const kept = (await store.disclosures([seq])).find(({ field }) => field === 'id_token');
    expect(kept?.value).not.toMatch(/eyJ|\./);
    const sealed = fromBase64(kept?.value ?? '');
    expect(() => sealer.open(sealed, 'id-token\np-somebody-else')).toThrow();
    const token = fromUtf8(sealer.open(sealed, `id-token\n${data['person']}`));
    expect(token).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
    const { commitment } = data['id_token'] as { commitment: string };
    const disclosure = { key: kept?.key ?? new Uint8Array(), type: TYPE, pointer: '/id_token' };
    expect(checkDisclosure(nodeHasher, fromBase64(commitment), { ...disclosure, value: token })).toBe(true);
    checked += 1;
  }
  expect(checked).toBeGreaterThan(1);
});
