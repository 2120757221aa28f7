import type { FactorProof } from '../../domain/events.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { digestOf } from '../digest-of.ts';
import { type Checks, type Hearing, notCheckable, trial, type Unheard } from '../hearing.ts';
import { hasLeftSince, sameHumanAmong } from '../one-human.ts';
import { ruleInForce } from '../rule-in-force.ts';
import { notProvedHere, stillUnvouched, tooWeak } from './factor-proof.ts';
import { notFresh, notFreshInEmergency } from './freshness.ts';
import { type Granted, grantOf, knownGrant } from './known-request.ts';
import { outlives, unfitParameters } from './provider-parameters.ts';
import { sponsorByAnotherLogin } from './sponsoring.ts';
import { notEligible } from './submitting.ts';
import {
  saysItLacksTicket,
  type TicketCase,
  ticketMisfit,
  ticketMissing,
  ticketUnvouched,
} from './ticket.ts';

type Opening = 'countersign.session.opening.v1';
type OpeningEntry = JudgedEntry<Opening>;

/** How long the factor shown at asking carries an opening on the same device. */
const REQUEST_PROOF_LASTS_MS = 900_000;
/** A grant renewed more often than this is none that a person uses. */
const MOST_SESSIONS = 200;
/** What became of an opening is somebody else's to settle after this. */
const LONGEST_SETTLING_MS = 60_000;

const rules: Checks<Opening, Granted> = {
  'grant-belongs-to-the-caller': ({ data }, { grant }) =>
    data.person === grant.person ? undefined : `the grant is ${grant.person}'s`,
  'grant-has-begun': ({ data }, { grant }) =>
    grant.startsAtMs === null || data.decided_at_ms >= grant.startsAtMs
      ? undefined
      : `it begins ${grant.startsAtMs - data.decided_at_ms} ms later`,
  'grant-is-usable': notUsable,
  'policy-is-in-force': ({ data }, _, { state }) =>
    data.policy_digest === state.policy?.digest ? undefined : `in force is ${state.policy?.digest}`,
  'entitlement-still-allows-the-grant': ({ data }, { request }, { state, hasher }) => {
    const now = ruleInForce(state, hasher, request.entitlement)?.digest;
    return data.rule_digest === request.ruleDigest && now === request.ruleDigest
      ? undefined
      : `approved was the rule ${request.ruleDigest}; in force is ${now ?? 'none'}`;
  },
  'extended-grant-was-not-revoked': (_, { request }) =>
    request.extended?.wasTakenAway
      ? `it carries on ${request.extended.grant}, which was taken away`
      : undefined,
  'approver-has-not-left': (_, { request }, { state }) => {
    const gone = request.reviews.find(
      ({ verdict, reviewer, seq }) => verdict === 'approve' && hasLeftSince(state, reviewer, seq),
    );
    return gone && `${gone.reviewer}, who approved it, has left`;
  },
  'approvals-are-of-other-humans': (_, { request }, { state }) => {
    const approvers = request.reviews.filter(({ verdict }) => verdict === 'approve');
    const taken = [request.person, ...request.people];
    for (const { reviewer } of approvers) {
      const same = sameHumanAmong(state, taken, reviewer);
      if (same !== undefined) return `${reviewer}, who approved it, is ${same} under another name by now`;
      taken.push(reviewer);
    }
    return undefined;
  },
  'reviewer-sponsors-not-the-workload': ({ data }, { request, rule }, { state }) =>
    request.byWorkload
      ? request.reviews
          .filter(({ verdict }) => verdict === 'approve')
          .map(({ reviewer }) => sponsorByAnotherLogin(state, rule, reviewer, data.decided_at_ms))
          .find((because) => because !== undefined)
      : undefined,
  'approver-still-has-the-factor': (_, { request }, { state }) => {
    const bare = request.reviews.find(
      ({ verdict, reviewer, factor }) =>
        verdict === 'approve' && state.people.get(reviewer)?.factors.has(factor) !== true,
    );
    return bare && `${bare.factor}, with which ${bare.reviewer} approved it, is theirs no more`;
  },
  'requester-is-eligible': (entry, { rule }) => notEligible(entry, entry.data.groups, rule),
  'membership-is-fresh': (entry, { request, rule }) =>
    request.breakGlass?.marks.includes('membership-cached')
      ? notFreshInEmergency(entry, rule)
      : notFresh(entry),
  'ticket-is-given-when-required': (entry, granted, hearing) =>
    ticketMissing(ticketCase(entry, granted, hearing)),
  'ticket-fits-the-rule': (entry, granted, hearing) => ticketMisfit(ticketCase(entry, granted, hearing)),
  'ticket-has-another-voucher': (entry, granted, hearing) =>
    ticketUnvouched(ticketCase(entry, granted, hearing)),
  'opening-is-proved': notProved,
  'factor-is-strong-enough': ({ data }, { rule }) =>
    data.by.kind === 'workload' ? undefined : tooWeak(data.proof, rule.factors.open),
  'recovered-factor-is-vouched': (entry, _, hearing) =>
    entry.data.proof === null ? undefined : stillUnvouched(entry, entry.data.proof.factor, hearing),
  'parameters-have-their-digest': ({ data }, _, { hasher }) =>
    digestOf(hasher, data.parameters) === data.parameters_digest
      ? undefined
      : 'the parameters are not those of the digest',
  'parameters-fit-the-grant': ({ data }, { grant, rule }) => unfitParameters(data, grant, rule),
  'session-ends-with-the-grant': ({ data }, { grant }) => outlives(data, grantEnd(data.decided_at_ms, grant)),
  'waiting-is-within-limit': ({ data }) => {
    const waits = data.settle_by_ms - data.decided_at_ms;
    return waits <= LONGEST_SETTLING_MS ? undefined : `nobody settles it for ${waits} ms`;
  },
  'witnesses-saw-the-log': ({ seq, data }) =>
    data.cosigned_size === null || data.cosigned_size <= seq
      ? undefined
      : `${data.cosigned_size} entries cannot have been cosigned at entry #${seq}`,
};

export const judgeOpening = trial<Opening, Granted>({
  subjectOf: subjectOf,
  checks: rules,
  remember(entry, hearing) {
    const { data } = entry;
    hearing.findings.attested.group_memberships++;
    const granted = knownGrant(entry, hearing);
    const grant = grantOf(entry, hearing);
    if (grant === undefined) return;
    const carried =
      data.proof !== null && !('unheard' in granted) && notProved(entry, granted, hearing) === undefined;
    grant.endsAtMs ??= grantEnd(data.decided_at_ms, grant);
    grant.sessions.set(data.session, {
      seq: entry.seq,
      endsAtMs: data.ends_at_ms,
      settleByMs: data.settle_by_ms,
      provedKey: carried ? data.key_thumbprint : null,
      outcome: 'opening',
    });
  },
});

function subjectOf(entry: OpeningEntry, hearing: Hearing): Granted | Unheard {
  const { policy } = hearing.state;
  if (policy !== undefined && policy.policy === undefined)
    return notCheckable(`the policy in force, ${policy.digest}, is missing`);
  return knownGrant(entry, hearing);
}

/** The grant's clock runs from its first opening, in whole seconds as credentials do: it ends within none. */
const grantEnd = (atMs: number, { endsAtMs, seconds }: Granted['grant']): number =>
  endsAtMs ?? atMs - (atMs % 1000) + seconds * 1000;

function notUsable({ data }: OpeningEntry, { request, grant }: Granted): string | undefined {
  if (request.outcome !== 'approved') return `the request was ${request.outcome}`;
  if (grant.over !== 'no') return `the grant was ${grant.over}`;
  if (grant.sessions.has(data.session)) return `${data.session} was opened before`;
  if (grant.sessions.size >= MOST_SESSIONS) return `it has had ${grant.sessions.size} sessions`;
  if (grant.endsAtMs === undefined) {
    return data.decided_at_ms < grant.activateByMs ? undefined : 'it was not used by the time it had to be';
  }
  return data.decided_at_ms < grant.endsAtMs ? undefined : 'the grant had ended';
}

function notProved(
  entry: OpeningEntry,
  { request, grant, rule }: Granted,
  hearing: Hearing,
): string | undefined {
  const { data } = entry;
  if (data.by.kind === 'workload' || rule.factors.open === 'none') return undefined;
  const { proof } = data;
  if (proof !== null && hearing.state.people.get(data.person)?.factors.has(proof.factor) !== true) {
    return `${proof.factor} is no factor of ${data.person} any more`;
  }
  if (isRenewal(data, grant)) return undefined;
  if (proof === null) return 'no factor was shown for the first session on this device';
  const asked = request.proof;
  const isRequests = asked !== null && isSameProof(asked, proof);
  const isAbout = (about: string) => about === grant.grant;
  if (!isRequests)
    return notProvedHere(
      entry,
      {
        proof,
        purpose: 'open',
        isAbout,
        signed: { act: 'open', isActAbout: isAbout, actDigest: null },
      },
      hearing,
    );
  if (request.keyThumbprint !== data.key_thumbprint) return 'it was asked for on another device';
  const age = data.decided_at_ms - proof.proved_at_ms;
  return age <= REQUEST_PROOF_LASTS_MS ? undefined : `the factor was shown ${age} ms before`;
}

/** The whole of it: a signature that was changed on its way here is another. */
const isSameProof = (asked: FactorProof, shown: FactorProof): boolean =>
  asked.kind === 'totp'
    ? shown.kind === 'totp' &&
      asked.factor === shown.factor &&
      asked.step === shown.step &&
      asked.proved_at_ms === shown.proved_at_ms
    : shown.kind === 'passkey' &&
      asked.factor === shown.factor &&
      asked.signature === shown.signature &&
      asked.client_data === shown.client_data &&
      asked.authenticator_data === shown.authenticator_data &&
      asked.credential === shown.credential &&
      asked.nonce === shown.nonce &&
      asked.proved_at_ms === shown.proved_at_ms;

const isRenewal = ({ key_thumbprint }: OpeningEntry['data'], { sessions }: Granted['grant']): boolean =>
  [...sessions.values()].some(
    ({ provedKey, outcome }) => outcome === 'opened' && provedKey === key_thumbprint,
  );

const ticketCase = (
  { data }: OpeningEntry,
  { request, rule }: Granted,
  { command }: Hearing,
): TicketCase => ({
  rule,
  request: request.request,
  people: [data.person],
  at: 'open',
  mayLackTicket: saysItLacksTicket(rule, request.breakGlass),
  command,
  atMs: data.decided_at_ms,
  startMs: null,
});
