import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readGrant } from '../../src/app/grant/find-grant.ts';
import type { GrantId } from '../../src/domain/ids.ts';
import { open } from '../app/use-cases/steps.ts';
import { storyGroups, storyWorld } from '../app/use-cases/story-world.ts';
import type { World } from '../app/use-cases/world.ts';
import { ordersPolicy } from '../orders-policy.ts';
import { beginWalk, type Step, steps, take, type Walk } from './walk.ts';
import { brokenPromises, type Told, told } from './what-must-hold.ts';

const RUNS = Number(process.env['MODEL_RUNS'] ?? 60);
const groupNames: Readonly<Record<string, string>> = {
  eng: 'engineers',
  leads: 'leads',
  sec: 'security',
  adm: 'admins',
};

function groupsOf(world: World, person: string): readonly string[] {
  const found = [...world.people.values()].find((one) => one.person === person);
  const claimed: readonly string[] = storyGroups[found?.name as keyof typeof storyGroups] ?? [];
  return claimed.map((name) => groupNames[name] ?? '');
}

async function walked(taken: readonly Step[]): Promise<Walk> {
  const walk = await beginWalk(await storyWorld());
  for (const step of taken) await take(walk, step);
  return walk;
}

async function judge({ world, aimedAt, delivered }: Walk): Promise<readonly Told[]> {
  const entries = await world.entries();
  const declared = (name: string) => ordersPolicy.entitlements[name]?.scope ?? [];
  const promises = brokenPromises(entries, {
    groupsOf: (person) => groupsOf(world, person),
    declared,
    aimedAt,
    delivered,
  });
  expect(promises).toEqual([]);
  const { faults, not_checkable, passed } = await world.audit();
  expect(faults).toEqual([]);
  expect(not_checkable).toEqual([]);
  expect(passed).toBe(true);
  return entries;
}

/** What nobody ended and time has not ended yet can be opened by its holder: rules that refuse everything fail here. */
async function openWhatIsLeft(walk: Walk): Promise<number> {
  const { world } = walk;
  world.tickets.down = true;
  let opened = 0;
  for (const { data } of told(await world.entries(), 'countersign.request.approved.v1')) {
    if (data.target !== 'orders-prod' || walk.aimedAt.has(data.grant)) continue;
    const { state, grant } = await readGrant(world.broker, data.grant);
    const owner = [...world.people.values()].find(({ person }) => person === data.person)?.name ?? '';
    const isLook = state.entitlement === 'look';
    const attempts = told(await world.entries(), 'countersign.factor.failed.v1').filter(
      (one) => one.data.person === data.person,
    );
    const totp = world.code(owner);
    const nowMs = world.clock.nowMs();
    const standing = Object.values(grant.sessions).some(({ phase }) => phase !== 'failed');
    const lasts = standing ? nowMs + 60_000 < (grant.endsAtMs ?? 0) : nowMs < grant.activateByMs;
    const quiet =
      Object.values(grant.sessions).every(({ phase }) => phase !== 'opening') && attempts.length < 5;
    if (!isLook || !lasts || !quiet || grant.seconds < 60) continue;
    await open(world, owner, data.grant as GrantId, { totp });
    opened++;
  }
  return opened;
}

const MOST_ROUNDS = 10;

/** A walk on which nothing happens proves nothing: each of these must have been met. */
const mustBeMet = [
  'countersign.request.reviewed.v1',
  'countersign.request.approved.v1',
  'countersign.request.withdrawn.v1',
  'countersign.request.expired.v1',
  'countersign.session.opened.v1',
  'countersign.session.failed.v1',
  'countersign.grant.ended.v1',
  'countersign.grant.revoke-requested.v1',
  'countersign.grant.expired.v1',
  'countersign.break-glass.reviewed.v1',
  'countersign.command.refused.v1',
  'countersign.factor.failed.v1',
] as const;

const unmet = (seen: ReadonlyMap<string, number>): readonly string[] =>
  mustBeMet.filter((type) => !seen.has(type));

test('whatever several people do, in whatever order and at once, what must hold holds, and the audit finds no fault', async () => {
  const seen = new Map<string, number>();
  let left = 0;
  // Rare things may happen on none of so few walks: then more are taken, until each was met or it is plain that one
  // cannot be.
  for (let round = 0; round < MOST_ROUNDS && unmet(seen).length + (left === 0 ? 1 : 0) > 0; round++) {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const walk = await walked(taken);
        try {
          await judge(walk);
          left += await openWhatIsLeft(walk);
          for (const { type } of await judge(walk)) seen.set(type, (seen.get(type) ?? 0) + 1);
        } finally {
          await walk.world.close();
        }
      }),
      { numRuns: RUNS, unbiased: true },
    );
  }
  if (process.env['MODEL_SHOW'] !== undefined)
    process.stdout.write(`${JSON.stringify([...seen])}\n${left}\n`);
  expect(unmet(seen)).toEqual([]);
  expect(left).toBeGreaterThan(0);
}, 600_000);
