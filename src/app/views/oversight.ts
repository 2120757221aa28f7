import type { Actor } from '../../domain/actor.ts';
import { Failure } from '../../domain/errors.ts';
import { logFold } from '../../domain/policy-change/state.ts';
import type { Broker } from '../broker.ts';
import { groupsNow } from '../prepared.ts';
import { overseeingGroups } from '../visibility.ts';

/** Auditors and administrators by the policy in force; before there is one, the administrators of the genesis. */
export const isOverseer = (broker: Broker, actor: Actor): Promise<boolean> =>
  isOneOf(broker, actor, 'overseers');

/** Administrators alone. */
export const isAdministrator = (broker: Broker, actor: Actor): Promise<boolean> =>
  isOneOf(broker, actor, 'administrators');

async function isOneOf(
  broker: Broker,
  actor: Actor,
  office: 'overseers' | 'administrators',
): Promise<boolean> {
  if (actor.kind !== 'human') return false;
  const known = await broker.policies.inForceIfAny();
  if (known === undefined) {
    const { administrators } = (await broker.sequencer.read(['log'])).state(logFold, 'log');
    return administrators.some(({ person }) => person === actor.person);
  }
  const groups = groupsNow(known.policy, actor, broker.clock.nowMs());
  const offices = office === 'overseers' ? overseeingGroups(known) : [known.policy.administrators.from];
  return offices.some((group) => groups.includes(group));
}

/** @throws Failure `refused-by-rule` `log-reader-is-entitled` */
export async function requireLogReader(broker: Broker, actor: Actor): Promise<void> {
  if (await isOverseer(broker, actor)) return;
  throw new Failure('refused-by-rule', 'The log is read by auditors and administrators.', {
    rule: 'log-reader-is-entitled',
  });
}
