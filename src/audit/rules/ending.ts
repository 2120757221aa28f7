import type { JudgedEntry } from '../audited-entry.ts';
import { type Checks, type Hearing, trial } from '../hearing.ts';
import { lastingGroups, ruleInForce } from '../rule-in-force.ts';
import type { GrantState } from '../state.ts';
import { closeIfSettled, closeRequest } from './closing.ts';
import { type Granted, grantOf, type Known, knownGrant, knownRequest } from './known-request.ts';

type Withdrawn = 'countersign.request.withdrawn.v1';
type RequestExpired = 'countersign.request.expired.v1';
type Ended = 'countersign.grant.ended.v1';
type RevokeRequested = 'countersign.grant.revoke-requested.v1';
type RevokeConfirmed = 'countersign.grant.revoke-confirmed.v1';
type GrantExpired = 'countersign.grant.expired.v1';

const pending: Checks<Withdrawn | RequestExpired, Known> = {
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
  { data }: JudgedEntry<Withdrawn | RequestExpired>,
  { state }: Hearing,
  outcome: 'withdrawn' | 'expired',
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
    'request-belongs-to-the-caller': ({ data }, { request }) =>
      data.person === request.person ? undefined : `the grant is ${request.person}'s`,
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
  },
  remember: (entry, hearing) => endGrant(entry, hearing, 'revoked'),
});

export const judgeGrantExpired = trial<GrantExpired, Granted>({
  subjectOf: knownGrant,
  checks: {
    ...stillLive,
    'expiry-is-due': ({ data }, { grant }) => {
      const due = grant.endsAtMs ?? grant.activateByMs;
      return data.was_due_ms === due && data.decided_at_ms >= due ? undefined : `it was due at ${due}`;
    },
  },
  remember: (entry, hearing) => endGrant(entry, hearing, 'expired'),
});

type OnGrant = Ended | RevokeRequested | RevokeConfirmed | GrantExpired;

function endGrant(entry: JudgedEntry<OnGrant>, hearing: Hearing, over: GrantState['over']): void {
  const grant = grantOf(entry, hearing);
  const request = hearing.state.requests.get(entry.data.request);
  if (grant === undefined || request === undefined || grant.over === 'revoked' || grant.over === 'expired')
    return;
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
  const groups = lastingGroups(rule, data.groups, data.decided_at_ms);
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
      const asked = [...request.stages.map(({ from }) => from), rule.break_glass?.review.from];
      const reviewed = request.reviews.some(({ reviewer }) => reviewer === data.person);
      return reviewed || asked.some((group) => group !== undefined && groups.includes(group))
        ? undefined
        : `${data.person} is no reviewer of it`;
    }
  }
}
