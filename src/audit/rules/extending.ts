import type { JudgedEntry } from '../audited-entry.ts';
import type { Hearing } from '../hearing.ts';

/** Why an ask that carries on a grant does not: it must be one's own, running, the same access, and begin at its end. */
export function notExtending(
  { data }: JudgedEntry<'countersign.request.submitted.v1'>,
  _: unknown,
  { state }: Hearing,
): string | undefined {
  if (data.extends === null) return undefined;
  if (data.break_glass !== null) return 'an emergency is not extended';
  const request = state.requests.get(data.extends.request);
  const grant = request?.grants.get(data.extends.grant);
  if (request === undefined || grant === undefined) return `there is no live grant ${data.extends.grant}`;
  const isOwn = grant.person === data.person && data.people.length === 1 && data.people[0] === data.person;
  if (!isOwn) return `the grant ${grant.grant} is ${grant.person}'s`;
  const isSame =
    request.entitlement === data.entitlement && data.targets.length === 1 && data.targets[0] === grant.target;
  if (!isSame) return `the grant ${grant.grant} is ${request.entitlement} on ${grant.target}`;
  const endsAtMs = grant.over === 'no' ? grant.endsAtMs : undefined;
  if (endsAtMs === undefined || data.decided_at_ms >= endsAtMs)
    return `the grant ${grant.grant} was not running`;
  return data.start_ms === endsAtMs
    ? undefined
    : `the grant ${grant.grant} ends at ${endsAtMs}, not at ${data.start_ms}`;
}
