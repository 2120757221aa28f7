import { own } from './own.ts';
import type { Group, GroupMember, Policy, Workload } from './policy.ts';
import { compareText } from './scope-order.ts';

/** What both a Policy and a ResolvedRule say about who is who. */
export type Membership = Pick<Policy, 'groups' | 'workloads'>;

/**
 * What an identity provider said about a human in a fresh sign-in; `issuer` is a configured issuer's name.
 */
export interface HumanIdentity {
  readonly issuer: string;
  readonly idp_groups: readonly string[];
  /** For groups that list their members; the identity provider has no say in those. */
  readonly person: string;
}

export interface WorkloadIdentity {
  readonly issuer: string;
  readonly subject: string;
}

const dayMs = 86_400_000;

/** The names of the policy's groups that this identity is in at `nowMs` (milliseconds since 1970), sorted. */
export function groupsOf(policy: Membership, identity: HumanIdentity, nowMs: number): readonly string[] {
  return Object.keys(policy.groups)
    .filter((name) => isMember(policy, name, identity, nowMs))
    .sort(compareText);
}

/** Whether this identity is in that group at `nowMs`. A group that does not exist has no members. */
export function isMember(
  policy: Membership,
  groupName: string,
  identity: HumanIdentity,
  nowMs: number,
): boolean {
  const group = own(policy.groups, groupName);
  if (group === undefined || !lasts(group.until, nowMs)) return false;
  if (group.people !== undefined) return isListed(group.people, identity.person, nowMs);
  const { idp } = group;
  return (
    idp !== null &&
    issuerFits(policy, group, identity.issuer) &&
    identity.idp_groups.some((claimed) => sameName(claimed, idp))
  );
}

/** By a group that lists its people, each perhaps with a last day of their own. */
export const isListed = (people: readonly GroupMember[], person: string, nowMs: number): boolean =>
  people.some((member) => member.person === person && lasts(member.until, nowMs));

/**
 * The workload that this issuer and subject are, by exact equality. undefined when there is none, and when
 * two entries claim the same subject: nobody could say which sponsor answers for it.
 */
export function workloadNamed(
  policy: Pick<Policy, 'workloads'>,
  identity: WorkloadIdentity,
): { readonly name: string; readonly workload: Workload } | undefined {
  const found = Object.entries(policy.workloads).filter(
    ([, workload]) => workload.issuer === identity.issuer && workload.subject === identity.subject,
  );
  const [only] = found;
  return only === undefined || found.length > 1 ? undefined : { name: only[0], workload: only[1] };
}

/**
 * A group without an issuer means the issuer of humans, whatever its name: a workload's issuer never speaks
 * for it.
 */
function issuerFits(policy: Membership, group: Group, issuer: string): boolean {
  return group.issuer === null
    ? Object.values(policy.workloads).every((workload) => workload.issuer !== issuer)
    : group.issuer === issuer;
}

/** Up to the last millisecond of `until` in UTC; a date that cannot be read has passed. */
export function lasts(until: string | null, nowMs: number): boolean {
  return until === null || nowMs < Date.parse(`${until}T00:00:00.000Z`) + dayMs;
}

/** Equal in canonical form. Case, blanks and look-alikes make another name. An empty name names nothing. */
function sameName(claimed: string, declared: string): boolean {
  if (declared === '' || claimed === declared) return declared !== '';
  // Composing can turn what is not plain into what is (the Kelvin sign into K), so both have to be.
  if (isPlain(claimed) && isPlain(declared)) return false;
  return claimed.normalize('NFC') === declared.normalize('NFC');
}

/** Composing leaves such text as it is; and most names are such. */
const isPlain = (text: string): boolean => /^[ -~]*$/.test(text);
