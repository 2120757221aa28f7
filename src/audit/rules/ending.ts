import type { JudgedEntry } from '../audited-entry.ts';
import { ticketFactsOf } from '../command.ts';
import { type Checks, type Hearing, trial } from '../hearing.ts';
import { groupsHeld } from '../membership.ts';
import { areOneHuman } from '../one-human.ts';
import { ruleInForce } from '../rule-in-force.ts';
import type { GrantState, SessionState } from '../state.ts';
import { closeIfSettled, closeRequest } from './closing.ts';
import { type Granted, grantOf, type Known, knownGrant, knownRequest } from './known-request.ts';

type Withdrawn = 'countersign.request.withdrawn.v1';
type Cancelled = 'countersign.request.cancelled.v1';
type RequestExpired = 'countersign.request.expired.v1';
type Ended = 'countersign.grant.ended.v1';
type RevokeRequested = 'countersign.grant.revoke-requested.v1';
type CutOff = 'countersign.grant.cut-off.v1';
type RevokeConfirmed = 'countersign.grant.revoke-confirmed.v1';
type GrantExpired = 'countersign.grant.expired.v1';

const pending: Checks<Withdrawn | Cancelled | RequestExpired, Known> = {
  'request-is-pending': (_, { request }) =>
    request.outcome === 'pending' ? undefined : `it was ${request.outcome}`,
};

export const judgeWithdrawn = trial<Withdrawn, Known>({
  subjectOf: knownRequest,
  checks: {
    ...pending,
    'request-belongs-to-the-caller': ({ data }, { request }) =>
      data.person === request.person ? undefined : `it is ${request.person}'s`,
  },
  remember: (entry, hearing) => endRequest(entry, hearing, 'withdrawn'),
});

export const judgeCancelled = trial<Cancelled, Known>({
  subjectOf: knownRequest,
  checks: {
    ...pending,
    'cut-off-has-its-cause': ({ data }, { request }, { state }) => {
      if (!state.left.has(data.about)) return `${data.about} has not left`;
      return areOneHuman(state, request.person, data.about) ? undefined : `${request.person} asked for it`;
    },
  },
  remember: (entry, hearing) => endRequest(entry, hearing, 'cancelled'),
});

export const judgeRequestExpired = trial<RequestExpired, Known>({
  subjectOf: knownRequest,
  checks: {
    ...pending,
    'expiry-is-due': ({ data }, { request }) =>
      data.was_due_ms === request.reviewByMs && data.decided_at_ms >= data.was_due_ms
        ? undefined
        : `it was due at ${request.reviewByMs}`,
  },
  remember: (entry, hearing) => endRequest(entry, hearing, 'expired'),
});

function endRequest(
  { data }: JudgedEntry<Withdrawn | Cancelled | RequestExpired>,
  { state }: Hearing,
  outcome: 'withdrawn' | 'cancelled' | 'expired',
) {
  const request = state.requests.get(data.request);
  if (request === undefined || request.outcome !== 'pending') return;
  request.outcome = outcome;
  closeRequest(request, state);
}

const stillLive: Checks<Ended | GrantExpired, Granted> = {
  'request-is-over': (_, { grant }) =>
    grant.over === 'no' ? undefined : `the grant was ${grant.over} before`,
};

export const judgeEnded = trial<Ended, Granted>({
  subjectOf: knownGrant,
  checks: {
    ...stillLive,
    'request-belongs-to-the-caller': ({ data }, { grant }) =>
      data.person === grant.person ? undefined : `the grant is ${grant.person}'s`,
    'time-left-is-right': ({ data }, { grant }) => {
      const left =
        grant.endsAtMs === undefined
          ? grant.seconds
          : Math.max(0, Math.floor((grant.endsAtMs - data.decided_at_ms) / 1000));
      return data.seconds_left === left ? undefined : `there were ${left} s left`;
    },
  },
  remember: (entry, hearing) => endGrant(entry, hearing, 'ended'),
});

export const judgeRevokeRequested = trial<RevokeRequested, Granted>({
  subjectOf: knownGrant,
  checks: {
    'revoker-is-entitled': notEntitled,
    'request-is-over': (_, { grant }) =>
      grant.over === 'revoked' || grant.over === 'expired' ? `the grant was ${grant.over} before` : undefined,
  },
  remember: (entry, hearing) => endGrant(entry, hearing, 'revoking'),
});

export const judgeRevokeConfirmed = trial<RevokeConfirmed, Granted>({
  subjectOf: knownGrant,
  checks: {
    'revocation-was-requested': (_, { grant }) =>
      grant.over === 'revoking' || grant.over === 'ended'
        ? undefined
        : `the grant was ${grant.over === 'no' ? 'live' : grant.over}`,
    'revocation-was-seen': notSeen,
  },
  remember: (entry, hearing) => endGrant(entry, hearing, 'revoked'),
});

export const judgeGrantExpired = trial<GrantExpired, Granted>({
  subjectOf: knownGrant,
  checks: {
    ...stillLive,
    'expiry-is-due': ({ data }, { grant }) => {
      const due = grant.endsAtMs ?? grant.activateByMs;
      if (data.was_due_ms !== due || data.decided_at_ms < due) return `it was due at ${due}`;
      const isUnused = grant.endsAtMs === undefined;
      return data.unused === isUnused ? undefined : `it was ${isUnused ? 'never used' : 'used'}`;
    },
  },
  remember: (entry, hearing) => endGrant(entry, hearing, 'expired'),
});

export const judgeCutOff = trial<CutOff, Granted>({
  subjectOf: knownGrant,
  checks: {
    'cut-off-has-its-cause': withoutCause,
    'request-is-over': (_, { grant }) =>
      grant.over === 'revoked' || grant.over === 'expired' ? `the grant was ${grant.over} before` : undefined,
  },
  remember: (entry, hearing) => endGrant(entry, hearing, 'revoking'),
});

function withoutCause(entry: JudgedEntry<CutOff>, granted: Granted, hearing: Hearing): string | undefined {
  const { cause, about } = entry.data;
  const { request, grant } = granted;
  switch (cause) {
    case 'ticket-closed':
      return ticketHolds(granted, hearing);
    case 'person-left':
      if (about === null || !hearing.state.left.has(about)) return `${about ?? 'nobody'} has not left`;
      return areOneHuman(hearing.state, about, grant.person) ? undefined : `the grant is ${grant.person}'s`;
    case 'extended-grant-revoked':
      return request.extends?.grant === about && request.extended?.wasTakenAway
        ? undefined
        : `${about ?? 'what it carries on'} was not taken away, or is not what it carries on`;
  }
}

/** Why no closed ticket stands behind it: it was looked at in the same command, and no longer had the state asked for. */
function ticketHolds({ request, grant }: Granted, hearing: Hearing): string | undefined {
  const { state, hasher, command } = hearing;
  const ticket = ruleInForce(state, hasher, request.entitlement)?.rule.ticket;
  if (ticket?.closing !== 'ends-grants') return 'the policy ends no grant with its ticket';
  const checked = ticketFactsOf(command, request.request, grant.person);
  if (checked?.at !== 'sweep') return 'its ticket was not looked at in the same command';
  return checked.facts.state === ticket.state ? `its ticket was ${ticket.state}` : undefined;
}

/** Why what is said to have been seen of the end cannot have been. */
function notSeen({ data }: JudgedEntry<RevokeConfirmed>, { grant }: Granted): string | undefined {
  const between = data.decided_at_ms - (grant.overSinceMs ?? data.decided_at_ms);
  if (data.milliseconds_between !== Math.max(0, between)) return `${between} ms lay between`;
  const sessions = [...grant.sessions.values()].filter(({ outcome }) => outcome !== 'failed');
  if (data.seen === 'never-opened') return sessions.length === 0 ? undefined : 'it had sessions';
  return data.seen !== 'expiry' ||
    sessions.every((session: SessionState) => session.endsAtMs <= data.decided_at_ms)
    ? undefined
    : 'credentials of it were still good';
}

type OnGrant = Ended | RevokeRequested | CutOff | RevokeConfirmed | GrantExpired;

function endGrant(entry: JudgedEntry<OnGrant>, hearing: Hearing, over: GrantState['over']): void {
  const grant = grantOf(entry, hearing);
  const request = hearing.state.requests.get(entry.data.request);
  if (grant === undefined || request === undefined) return;
  // What is taken away after it ran out is taken away: nothing may carry it on.
  if (over === 'revoking') grant.wasTakenAway = true;
  if (grant.over === 'revoked' || grant.over === 'expired') return;
  if (over !== 'revoked' && grant.over !== over) grant.overSinceMs = entry.data.decided_at_ms;
  grant.over = over;
  closeIfSettled(request, hearing.state);
}

function notEntitled(
  { data }: JudgedEntry<RevokeRequested>,
  { request, rule: askedUnder }: Granted,
  { state, hasher }: Hearing,
): string | undefined {
  // Who may stop an access is today's question: the policy in force answers it, while it still has the entitlement.
  const rule = ruleInForce(state, hasher, request.entitlement)?.rule ?? askedUnder;
  const policy = state.policy?.policy ?? rule;
  const groups = groupsHeld(policy, data.person, data.groups, data.decided_at_ms);
  switch (data.right) {
    case 'zone-owner':
      return groups.includes(rule.zone_owner) ? undefined : `the owner is ${rule.zone_owner}`;
    case 'administrator': {
      const from = state.policy?.policy?.administrators.from;
      return from !== undefined && groups.includes(from)
        ? undefined
        : `administrators are ${from ?? 'unknown'}`;
    }
    case 'reviewer': {
      const asked = [
        ...request.stages.flatMap(({ from, escalate }) => [from, escalate?.to]),
        rule.break_glass?.review.from,
      ];
      const reviewed = request.reviews.some(({ reviewer }) => reviewer === data.person);
      return reviewed || asked.some((group) => group !== undefined && groups.includes(group))
        ? undefined
        : `${data.person} is no reviewer of it`;
    }
  }
}
