import type { JudgedEntry } from '../audited-entry.ts';
import { actorOf } from '../command.ts';
import { atFault, type Checks, type Hearing, trial, type Unheard } from '../hearing.ts';
import type { GrantState, SessionState } from '../state.ts';
import { closeIfSettled } from './closing.ts';
import { grantOf, knownGrant } from './known-request.ts';

type Opened = 'countersign.session.opened.v1';
type Failed = 'countersign.session.failed.v1';
type Outcome = Opened | Failed;

const rules: Checks<Outcome, SessionState> = {
  'actor-is-the-one-named': (entry, _, hearing) => {
    const holder = grantOf(entry, hearing)?.person;
    const actor = actorOf(entry) ?? (entry.data.by.kind === 'broker' ? holder : entry.data.by.kind);
    return actor === holder ? undefined : `the session was ${holder}'s, and ${actor} acted`;
  },
  'outcome-follows-its-opening': (_, { outcome }) =>
    outcome === 'opening' || outcome === 'uncertain' ? undefined : `it had ${outcome} before`,
};

export const judgeOpened = trial<Opened, SessionState>({
  subjectOf: knownSession,
  checks: {
    ...rules,
    'credentials-end-in-time': ({ data }, { endsAtMs }) =>
      data.expires_at_ms <= endsAtMs ? undefined : `they expire ${data.expires_at_ms - endsAtMs} ms later`,
  },
  remember(entry, hearing) {
    settle(entry, hearing, 'opened');
    const session = grantOf(entry, hearing)?.sessions.get(entry.data.session);
    if (session !== undefined) session.endsAtMs = Math.min(session.endsAtMs, entry.data.expires_at_ms);
  },
});

export const judgeFailed = trial<Failed, SessionState>({
  subjectOf: knownSession,
  checks: {
    ...rules,
    'recovery-waits-its-time': ({ data }, { settleByMs }) =>
      data.settled_by === 'caller' || data.decided_at_ms >= settleByMs
        ? undefined
        : `whoever opened it had ${settleByMs - data.decided_at_ms} ms left to say`,
  },
  remember: (entry, hearing) => settle(entry, hearing, entry.data.certain ? 'failed' : 'uncertain'),
});

function knownSession(entry: JudgedEntry<Outcome>, hearing: Hearing): SessionState | Unheard {
  const granted = knownGrant(entry, hearing);
  if ('unheard' in granted) return granted;
  return (
    granted.grant.sessions.get(entry.data.session) ??
    atFault('outcome-follows-its-opening', `${entry.data.session} was never being opened`)
  );
}

function settle(entry: JudgedEntry<Outcome>, hearing: Hearing, outcome: SessionState['outcome']): void {
  const grant = grantOf(entry, hearing);
  const session = grant?.sessions.get(entry.data.session);
  const request = hearing.state.requests.get(entry.data.request);
  if (grant === undefined || session === undefined || request === undefined) return;
  session.outcome = outcome;
  if (cameToNothing(grant)) grant.endsAtMs = undefined;
  closeIfSettled(request, hearing.state);
}

/** Openings that all certainly failed have not started the grant's clock. */
const cameToNothing = ({ sessions }: GrantState): boolean =>
  [...sessions.values()].every(({ outcome }) => outcome === 'failed');
