import type { JudgedEntry } from '../audited-entry.ts';
import { digestOf } from '../digest-of.ts';
import { type Checks, type Hearing, notCheckable, trial, type Unheard } from '../hearing.ts';
import { ruleInForce } from '../rule-in-force.ts';
import { notProvedHere } from './factor-proof.ts';
import { type Granted, grantOf, knownGrant } from './known-request.ts';
import { outlives, unfitParameters } from './provider-parameters.ts';
import { notEligible } from './submitting.ts';
import { mayLackTicket, type TicketCase, ticketMisfit, ticketMissing, ticketUnvouched } from './ticket.ts';

type Opening = 'countersign.session.opening.v1';
type OpeningEntry = JudgedEntry<Opening>;

/** How long the factor shown at asking carries an opening on the same device. */
const REQUEST_PROOF_LASTS_MS = 900_000;

const rules: Checks<Opening, Granted> = {
  'grant-belongs-to-the-caller': ({ data }, { request }) =>
    data.person === request.person ? undefined : `the grant is ${request.person}'s`,
  'grant-is-usable': notUsable,
  'policy-is-in-force': ({ data }, _, { state }) =>
    data.policy_digest === state.policy?.digest ? undefined : `in force is ${state.policy?.digest}`,
  'entitlement-still-allows-the-grant': ({ data }, { request }, { state, hasher }) => {
    const now = ruleInForce(state, hasher, request.entitlement)?.digest;
    return data.rule_digest === request.ruleDigest && now === request.ruleDigest
      ? undefined
      : `approved was the rule ${request.ruleDigest}; in force is ${now ?? 'none'}`;
  },
  'requester-is-eligible': ({ data }, { rule }) => notEligible(data.groups, rule, data.decided_at_ms),
  'ticket-is-given-when-required': (entry, granted, hearing) =>
    ticketMissing(ticketCase(entry, granted, hearing)),
  'ticket-fits-the-rule': (entry, granted, hearing) => ticketMisfit(ticketCase(entry, granted, hearing)),
  'ticket-has-another-voucher': (entry, granted, hearing) =>
    ticketUnvouched(ticketCase(entry, granted, hearing)),
  'opening-is-proved': notProved,
  'parameters-have-their-digest': ({ data }, _, { hasher }) =>
    digestOf(hasher, data.parameters) === data.parameters_digest
      ? undefined
      : 'the parameters are not those of the digest',
  'parameters-fit-the-grant': ({ data }, { grant, rule }) => unfitParameters(data, grant, rule),
  'session-ends-with-the-grant': ({ data }, { grant }) => outlives(data, grantEnd(data.decided_at_ms, grant)),
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
    grant.endsAtMs ??= data.decided_at_ms + grant.seconds * 1000;
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

/** The grant's clock runs from its first opening. */
const grantEnd = (atMs: number, { endsAtMs, seconds }: Granted['grant']): number =>
  endsAtMs ?? atMs + seconds * 1000;

function notUsable({ data }: OpeningEntry, { request, grant }: Granted): string | undefined {
  if (request.outcome !== 'approved') return `the request was ${request.outcome}`;
  if (grant.over !== 'no') return `the grant was ${grant.over}`;
  if (grant.sessions.has(data.session)) return `${data.session} was opened before`;
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
  const isRequests =
    asked?.factor === proof.factor && asked.step === proof.step && asked.proved_at_ms === proof.proved_at_ms;
  if (!isRequests) return notProvedHere(entry, proof, 'open', hearing);
  if (request.keyThumbprint !== data.key_thumbprint) return 'it was asked for on another device';
  const age = data.decided_at_ms - proof.proved_at_ms;
  return age <= REQUEST_PROOF_LASTS_MS ? undefined : `the factor was shown ${age} ms before`;
}

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
  mayLackTicket: mayLackTicket(rule, request.breakGlass),
  command,
  atMs: data.decided_at_ms,
});
