import type { EventType } from '../domain/events.ts';
import type { JudgedEntry } from './audited-entry.ts';
import { type Command, inCommand } from './command.ts';

/**
 * What the audit says of one decision. `attested`: it is right, as far as the broker told the truth about facts that
 * nobody can check again. `not-checkable`: something it rests on is missing. Never one for the other.
 */
export type Verdict = 'conformant' | 'attested' | 'not-checkable' | 'at-fault';

/** What only the broker's word stands for. */
export type AttestedFact =
  | 'code'
  | 'ceremony'
  | 'groups'
  | 'identity'
  | 'ticket'
  | 'cloud'
  | 'outage'
  | 'configuration'
  | 'delivery'
  | 'refusal';

interface Decision<T extends EventType> {
  readonly kind: string;
  readonly restsOn: (entry: JudgedEntry<T>, command: Command) => readonly AttestedFact[];
}

const on = (kind: string, ...facts: readonly AttestedFact[]) => ({ kind, restsOn: () => facts });

/** What a decision rests on that somebody's factor carried: a code is the broker's word, a signature nobody's. */
const proved = (kind: string, ...facts: readonly AttestedFact[]): Decision<Proved> => ({
  kind,
  restsOn: ({ data }) => (data.proof.kind === 'totp' ? [...facts, 'code'] : facts),
});

type Proved =
  | 'countersign.person.left.v1'
  | 'countersign.person.returned.v1'
  | 'countersign.factor.vouched.v1'
  | 'countersign.factor.recovery-vouched.v1'
  | 'countersign.factor.removed.v1'
  | 'countersign.factor.reset-requested.v1'
  | 'countersign.factor.reset.v1'
  | 'countersign.break-glass.reviewed.v1'
  | 'countersign.policy.signed.v1';

type Asked =
  | 'countersign.request.submitted.v1'
  | 'countersign.request.reviewed.v1'
  | 'countersign.session.opening.v1';

/** What somebody decided about a request: on their groups, a code where one was shown, a ticket where one was looked at. */
const decided = (kind: string): Decision<Asked> => ({
  kind,
  restsOn({ data }, command) {
    const facts: AttestedFact[] = ['groups'];
    if (data.proof?.kind === 'totp') facts.push('code');
    const isOnTicket = inCommand(command, 'countersign.ticket.checked.v1').some(
      (checked) => checked.data.request === data.request,
    );
    if (isOnTicket) facts.push('ticket');
    return facts;
  },
});

/** Every type of entry is one kind of decision: a new one does not compile until somebody said which. */
const decisions: { readonly [T in EventType]: Decision<T> } = {
  'countersign.log.genesis.v1': on('begin'),
  'countersign.server.configured.v1': on('configure', 'configuration'),
  'countersign.text.erased.v1': on('erase'),
  'countersign.person.authenticated.v1': {
    kind: 'sign-in',
    restsOn: ({ data }) => (data.proof === null ? ['identity', 'groups'] : ['groups', 'outage']),
  },
  'countersign.person.signed-out.v1': on('sign-out'),
  'countersign.person.left.v1': proved('leaving', 'groups'),
  'countersign.person.returned.v1': proved('leaving', 'groups'),
  'countersign.factor.vouched.v1': proved('vouch'),
  'countersign.factor.recovery-vouched.v1': proved('vouch'),
  'countersign.factor.enrolled.v1': {
    kind: 'enrol',
    // How a passkey was made is seen by the broker alone; a code was typed unless an older passkey signed for the key.
    restsOn: ({ data }) => [
      ...(data.passkey === null ? [] : (['ceremony'] as const)),
      ...(data.passkey !== null && data.proof?.kind === 'passkey' ? [] : (['code'] as const)),
    ],
  },
  'countersign.factor.removed.v1': proved('enrol'),
  'countersign.factor.reset-requested.v1': proved('reset', 'groups'),
  'countersign.factor.reset.v1': proved('reset', 'groups'),
  'countersign.factor.used.v1': {
    kind: 'code',
    restsOn: ({ data }) => (data.step === null ? [] : ['code']),
  },
  'countersign.factor.failed.v1': on('code', 'code'),
  'countersign.command.refused.v1': on('refuse', 'refusal'),
  'countersign.ticket.written.v1': on('ticket', 'ticket'),
  'countersign.ticket.checked.v1': on('ticket', 'ticket'),
  'countersign.request.submitted.v1': decided('submit'),
  'countersign.request.reviewed.v1': decided('review'),
  'countersign.request.approved.v1': on('approve'),
  'countersign.request.nudged.v1': on('nudge'),
  'countersign.request.withdrawn.v1': on('withdraw'),
  'countersign.request.cancelled.v1': on('cut-off'),
  'countersign.request.expired.v1': on('expire'),
  'countersign.session.opening.v1': decided('open'),
  'countersign.session.opened.v1': on('settle', 'cloud'),
  'countersign.session.failed.v1': on('settle', 'cloud'),
  'countersign.grant.ended.v1': on('end'),
  'countersign.grant.revoke-requested.v1': on('revoke', 'groups'),
  'countersign.grant.cut-off.v1': {
    kind: 'cut-off',
    restsOn: ({ data }) => (data.cause === 'ticket-closed' ? ['ticket'] : []),
  },
  'countersign.grant.revoke-confirmed.v1': {
    kind: 'revoke',
    restsOn: ({ data }) => (data.seen === 'never-opened' ? [] : ['cloud']),
  },
  'countersign.grant.expired.v1': on('expire'),
  'countersign.break-glass.used.v1': on('break-glass', 'outage'),
  'countersign.break-glass.reviewed.v1': proved('judge', 'groups'),
  'countersign.notification.sent.v1': on('notify', 'delivery'),
  'countersign.policy.proposed.v1': on('propose'),
  'countersign.policy.signed.v1': proved('sign', 'groups'),
  'countersign.policy.published.v1': on('publish'),
};

/** The kind of decision that an entry records, and the facts in it that only the broker attests. */
export function decisionIn(
  entry: JudgedEntry,
  command: Command,
): { readonly kind: string; readonly attests: readonly AttestedFact[] } {
  // The table's key is the entry's own type; TypeScript does not correlate the two.
  const { kind, restsOn } = decisions[entry.type] as Decision<EventType>;
  return { kind, attests: restsOn(entry, command) };
}

/** How many decisions of one kind were judged how. */
export type VerdictCounts = Record<Verdict, number>;

export const noVerdicts = (): VerdictCounts => ({
  conformant: 0,
  attested: 0,
  'not-checkable': 0,
  'at-fault': 0,
});
