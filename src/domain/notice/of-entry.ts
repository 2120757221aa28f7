import type { BreakGlassUse } from '../break-glass/state.ts';
import { whoJudges } from '../break-glass/who-judges.ts';
import type { StoredData, StoredEvent } from '../events.ts';
import { own } from '../policy/own.ts';
import type { Policy } from '../policy/policy.ts';
import type { RequestState } from '../request/state.ts';
import type { Audience, Notice, Occasion } from './notice.ts';
import { reviewsWanted } from './reviews-wanted.ts';

/** What the entry's news depends on, as it stands now: nobody is told what is over. */
export interface NewsFacts {
  readonly policy: Policy;
  /** The request that the entry belongs to; undefined: it belongs to none. */
  readonly request: RequestState | undefined;
  readonly nowMs: number;
}

/** Who is to hear of an entry that was just written. Most entries are nobody's news. */
export function noticesOfEntry(event: StoredEvent, seq: number, facts: NewsFacts): readonly Notice[] {
  switch (event.type) {
    case 'countersign.request.submitted.v1':
    case 'countersign.request.nudged.v1':
      return wanted(facts);
    case 'countersign.request.reviewed.v1':
      return event.data.verdict === 'deny' ? decided(seq, facts) : wanted(facts);
    case 'countersign.request.approved.v1':
      return isFirstGrant(event.data.grant, facts) ? decided(seq, facts) : [];
    case 'countersign.request.expired.v1':
      return decided(seq, facts);
    case 'countersign.request.cancelled.v1':
      return event.data.cause === 'person-left' ? [] : decided(seq, facts);
    case 'countersign.grant.revoke-requested.v1':
      return takenAway(event.data, seq, facts);
    case 'countersign.grant.cut-off.v1':
      return event.data.cause === 'person-left' ? [] : takenAway(event.data, seq, facts);
    case 'countersign.break-glass.used.v1':
      return emergency('break-glass-used', seq, event.data, facts);
    case 'countersign.break-glass.reviewed.v1':
      return judged(event.data, seq, facts);
    case 'countersign.person.left.v1':
      return toAdministrators('person-left', seq, event.data.person, facts);
    case 'countersign.factor.reset-requested.v1':
    case 'countersign.factor.reset.v1':
      return toAdministrators('factors-reset', seq, event.data.person, facts);
    case 'countersign.policy.published.v1':
      return toAdministrators('policy-published', seq, 'policy', facts);
    default:
      return [];
  }
}

/** The request whose state an entry's news depends on; undefined: there is no news in it, or it has no request. */
export function requestOfNews(event: StoredEvent): string | undefined {
  switch (event.type) {
    case 'countersign.request.submitted.v1':
    case 'countersign.request.nudged.v1':
    case 'countersign.request.reviewed.v1':
    case 'countersign.request.approved.v1':
    case 'countersign.request.expired.v1':
    case 'countersign.request.cancelled.v1':
    case 'countersign.grant.revoke-requested.v1':
    case 'countersign.grant.cut-off.v1':
    case 'countersign.break-glass.used.v1':
    case 'countersign.break-glass.reviewed.v1':
      return event.data.request;
    default:
      return undefined;
  }
}

const wanted = ({ policy, request, nowMs }: NewsFacts): readonly Notice[] =>
  request === undefined ? [] : reviewsWanted(request, policy, nowMs);

/** Whoever got access at once, by a policy without review or by an emergency, needs not be told. */
function isFirstGrant(grant: string, { request }: NewsFacts): boolean {
  const wasReviewed = request !== undefined && request.breakGlass === null && request.stages.length > 0;
  return wasReviewed && Object.keys(request.grants)[0] === grant;
}

function decided(seq: number, { request }: NewsFacts): readonly Notice[] {
  if (request?.request == null || request.byWorkload) return [];
  return [toPerson('decided', seq, request.request, request.person)];
}

/** The holder, who may be another than who asked. */
function takenAway(
  data: { readonly request: string; readonly grant: string },
  seq: number,
  { request }: NewsFacts,
): readonly Notice[] {
  const holder = request && own(request.grants, data.grant)?.person;
  if (request === undefined || holder === undefined || request.byWorkload) return [];
  return [toPerson('access-taken-away', seq, data.request, holder)];
}

function judged(
  data: { readonly request: string; readonly person: string; readonly verdict: string },
  seq: number,
  { policy, request }: NewsFacts,
): readonly Notice[] {
  const owner = data.verdict === 'not-justified' ? ownerOf(policy, request?.entitlement ?? '') : undefined;
  return [
    toPerson('break-glass-judged', seq, data.request, data.person),
    ...(owner === undefined ? [] : [toGroup('break-glass-judged', seq, data.request, 'zone-owners', owner)]),
  ];
}

/** The zone of an entitlement, as the policy in force has it. */
function ownerOf(policy: Policy, entitlement: string): string | undefined {
  const [target = ''] = own(policy.entitlements, entitlement)?.targets ?? [];
  const zone = own(policy.targets, target)?.zone ?? '';
  return own(policy.zones, zone)?.owner;
}

type Emergency = Pick<
  StoredData<'countersign.break-glass.used.v1'>,
  'request' | 'person' | 'entitlement' | 'review_from' | 'zone'
>;

/** The owner of the zone, and those who will judge it. */
function emergency(
  occasion: Occasion,
  seq: number,
  data: Emergency,
  { policy, nowMs }: Pick<NewsFacts, 'policy' | 'nowMs'>,
): readonly Notice[] {
  const owner = own(policy.zones, data.zone)?.owner;
  const use = { reviewFrom: data.review_from, entitlement: data.entitlement };
  const judge = whoJudges(policy, use, data.person, nowMs);
  return [
    ...(owner === undefined ? [] : [toGroup(occasion, seq, data.request, 'zone-owners', owner)]),
    toGroup(occasion, seq, data.request, 'break-glass-reviewers', judge),
  ];
}

/** Nobody judged it in time: the same people hear of it again, or those who judge it in their place. */
export function noticesOfOverdue(
  use: BreakGlassUse,
  debtor: string,
  policy: Policy,
  nowMs: number,
): readonly Notice[] {
  const owner = ownerOf(policy, use.entitlement);
  const { usedSeq, request } = use;
  const judge = whoJudges(policy, use, debtor, nowMs);
  return [
    ...(owner === undefined ? [] : [toGroup('break-glass-overdue', usedSeq, request, 'zone-owners', owner)]),
    toGroup('break-glass-overdue', usedSeq, request, 'break-glass-reviewers', judge),
  ];
}

const toAdministrators = (
  occasion: Occasion,
  about: number,
  matter: string,
  { policy }: NewsFacts,
): readonly Notice[] => [toGroup(occasion, about, matter, 'administrators', policy.administrators.from)];

const toGroup = (
  occasion: Occasion,
  about: number,
  matter: string,
  audience: Audience,
  group: string,
): Notice => ({ occasion, about, matter, audience, group, person: null });

const toPerson = (occasion: Occasion, about: number, matter: string, person: string): Notice => ({
  occasion,
  about,
  matter,
  audience: 'requester',
  group: null,
  person,
});
