import type { ResolvedRule } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';

/** No issuer may be configured to be asked less often; proving and deciding take a minute more. */
const OLDEST_CLAIMS_MS = 900_000 + 60_000;
const DAY_MS = 86_400_000;

/** Why what the identity provider said was too old to rest on, outside of an emergency. A workload's token is its own. */
export function notFresh({ data: { by, decided_at_ms } }: JudgedEntry): string | undefined {
  if (by.kind !== 'human') return undefined;
  const ageMs = decided_at_ms - by.claims_at_ms;
  return ageMs <= OLDEST_CLAIMS_MS ? undefined : `the groups it rests on were ${ageMs} ms old`;
}

/** The same for an emergency that is marked so: for whom the policy names, and for a day. */
export function notFreshInEmergency(entry: JudgedEntry, rule: ResolvedRule): string | undefined {
  if (notFresh(entry) === undefined) return undefined;
  const { by, decided_at_ms } = entry.data;
  if (by.kind !== 'human') return undefined;
  const emergency = rule.break_glass;
  if (emergency?.without.includes('identity-provider') !== true)
    return 'the policy lets no emergency go without the identity provider';
  if (emergency.named?.includes(by.person) !== true) return `the policy does not name ${by.person} for that`;
  return decided_at_ms - by.claims_at_ms <= DAY_MS
    ? undefined
    : 'the identity provider had last been heard of more than a day before';
}
