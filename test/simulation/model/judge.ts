import { rebuildDerived } from '../../../src/app/sequencer/rebuild.ts';
import { trustOf } from '../../../src/app/sequencer/sequencer.ts';
import { auditConformance } from '../../../src/audit/conformance.ts';
import { readAuditedEntry } from '../../../src/audit/read-audited-entry.ts';
import { HASH_BYTES } from '../../../src/log/hasher.ts';
import { verifierKeyOf } from '../../../src/log/note.ts';
import { verifyLog } from '../../../src/log/verify.ts';
import { verifySignature } from '../../../src/platform/verify-signature.ts';
import { registry } from '../../../src/projections/registry.ts';
import { ORIGIN, signing } from '../broker-process.ts';
import { memoryStore } from '../memory-store.ts';
import { simulatedHasher } from '../simulated-parts.ts';
import type { World } from '../world.ts';
import {
  answersAreInTheLog,
  codesAreSpentOnceByTheirOwner,
  everythingIsAnswered,
  oneKeyDoesOneThing,
} from './answers.ts';
import {
  grantsHaveTheirReviews,
  policiesHaveTheirSigners,
  reviewsOnlyNarrow,
  whoAsksMayAsk,
} from './approvals.ts';
import { emergenciesAreReviewedOrBlock } from './emergencies.ts';
import { historyOf } from './history.ts';
import type { Law } from './law.ts';
import { emergenciesAreHeardOf, nobodyIsWornDown, whatWasToldArrived } from './news.ts';
import { recoveredFactorsRest, resetsTakeTwoHumans, whoHasLeftDoesNothing } from './people.ts';
import { extensionsFollowTheirGrant, openingsRestOnWhatStillStands } from './resting-on.ts';
import {
  credentialsAreDeliveredUnderALiveGrant,
  everySessionIsAccountedFor,
  everythingComesToItsEnd,
  openingsAreAllowed,
  sessionsEndWithTheirGrant,
} from './sessions.ts';
import { ticketsWereRight } from './tickets.ts';

export const laws: readonly Law[] = [
  everythingIsAnswered,
  answersAreInTheLog,
  oneKeyDoesOneThing,
  codesAreSpentOnceByTheirOwner,
  whoAsksMayAsk,
  ticketsWereRight,
  grantsHaveTheirReviews,
  reviewsOnlyNarrow,
  policiesHaveTheirSigners,
  emergenciesAreReviewedOrBlock,
  whoHasLeftDoesNothing,
  resetsTakeTwoHumans,
  recoveredFactorsRest,
  emergenciesAreHeardOf,
  whatWasToldArrived,
  nobodyIsWornDown,
  openingsAreAllowed,
  openingsRestOnWhatStillStands,
  extensionsFollowTheirGrant,
  credentialsAreDeliveredUnderALiveGrant,
  everySessionIsAccountedFor,
  sessionsEndWithTheirGrant,
  everythingComesToItsEnd,
];

/** The model first, then the product's own judges: bytes and tree, projections, audit. */
export async function judge(world: World): Promise<void> {
  const history = historyOf(world);
  for (const law of laws)
    for (const why of law.breaches(world, history)) world.violations.push({ law: law.name, why });
  const store = memoryStore(world.database);
  await judgeBytes(world, store);
  await judgeProjections(world, store);
  await judgeByAudit(world);
}

type Judged = ReturnType<typeof memoryStore>;

async function judgeBytes(world: World, store: Judged): Promise<void> {
  const { intact } = await verifyLog({
    hasher: simulatedHasher,
    verify: signing.verify,
    origin: ORIGIN,
    logKeys: [verifierKeyOf(simulatedHasher, signing.signer)],
    checkpointNote: world.database.head?.checkpoint,
    findTile: (level, n, width) =>
      world.database.tiles.get(`${level}/${n}`)?.hashes.subarray(0, width * HASH_BYTES),
    entries: (from, to) => store.entries(from, to),
  });
  if (!intact.passed) world.violations.push({ law: 'the-log-is-intact', why: intact.why });
}

async function judgeProjections(world: World, store: Judged): Promise<void> {
  try {
    const trust = trustOf({ store, hasher: simulatedHasher, ...signing });
    for (const { kind, key, stored, rebuilt } of (await rebuildDerived(trust, registry)).differences) {
      const why = `${kind} ${key} is ${stored}, and is made of the log as ${rebuilt}`;
      world.violations.push({ law: 'projections-are-what-the-log-says', why });
    }
  } catch (error) {
    world.violations.push({ law: 'projections-are-what-the-log-says', why: String(error) });
  }
}

async function judgeByAudit(world: World): Promise<void> {
  const { passed, faults, unsettled } = await auditConformance({
    verifySignature,
    hasher: simulatedHasher,
    origin: ORIGIN,
    entries: world.database.entries.map(({ bytes }) => readAuditedEntry(simulatedHasher, bytes)),
    attachment: async (digest) => world.database.attachments.get(digest)?.bytes,
  });
  if (passed === true && unsettled.length === 0) return;
  for (const { seq, rule, why } of faults)
    world.violations.push({ law: `the-audit-passes`, why: `#${seq} ${rule}: ${why}` });
  if (faults.length === 0)
    world.violations.push({ law: 'the-audit-passes', why: `passed: ${passed}, unsettled: ${unsettled}` });
}
