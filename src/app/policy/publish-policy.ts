import type { Actor } from '../../domain/actor.ts';
import { digestOf, digestOfBytes } from '../../domain/digest.ts';
import { Failure } from '../../domain/errors.ts';
import type { PublishStatement } from '../../domain/events.ts';
import { streams } from '../../domain/ids.ts';
import { standsBy } from '../../domain/person/stands-by.ts';
import { personFold } from '../../domain/person/state.ts';
import { knownAdministrators } from '../../domain/policy/known-administrators.ts';
import { own } from '../../domain/policy/own.ts';
import { PLAN_CHARACTERS } from '../../domain/policy/plan/fit-plan.ts';
import { type PlanFacts, planPolicy } from '../../domain/policy/plan.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { policyCanonicalText } from '../../domain/policy/resolve.ts';
import { decidePropose, decideSignPolicy } from '../../domain/policy-change/publish.ts';
import { type LogState, logFold, type Proposal, policyFold } from '../../domain/policy-change/state.ts';
import { utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { notFound } from '../grant/find-grant.ts';
import { leftStreams, whoLeft } from '../grant/who-left.ts';
import {
  checkFactor,
  type FactorGiven,
  factorStates,
  factorStreams,
  factorToSign,
  refusalStreams,
  refusalsState,
} from '../person/factor.ts';
import { commandOf, groupsNow, type Idempotency } from '../prepared.ts';
import { logFits, statementDigest, statementFrame } from '../request/statement.ts';
import { planFacts } from './plan-facts.ts';
import {
  humansOf,
  type KnownPolicy,
  PolicyMoved,
  requireInForce,
  underOnePolicy,
} from './policy-in-force.ts';

/** By the policy in force; before there is one, by the genesis. */
export function publishersOf(known: KnownPolicy | undefined, log: LogState) {
  return known === undefined
    ? { publishers: { persons: log.administrators.map(({ person }) => person) }, needs: log.publishNeeds }
    : {
        publishers: { group: known.policy.administrators.from },
        needs: known.policy.administrators.publish_needs,
      };
}

export const groupsUnder = (
  known: KnownPolicy | undefined,
  actor: Actor,
  nowMs: number,
): readonly string[] => (known === undefined ? [] : groupsNow(known.policy, actor, nowMs));

export interface Proposed {
  readonly proposal: string;
  readonly to_digest: string;
  /** As it was proposed with, and as it is signed. */
  readonly plan: Proposal['plan'];
  readonly entries: readonly number[];
}

/** Puts a checked policy forward, with the text it came from. It is in force only once enough administrators signed. */
export const proposePolicy = (
  broker: Broker,
  actor: Actor,
  given: {
    readonly policy: Policy;
    readonly text: string;
    /** The catalogue its cloud actions were looked up in. */
    readonly catalogue?: string | null;
    readonly idempotency: Idempotency | undefined;
  },
): Promise<Proposed> => underOnePolicy(() => proposeOnce(broker, actor, given));

async function proposeOnce(
  broker: Broker,
  actor: Actor,
  given: Parameters<typeof proposePolicy>[2],
): Promise<Proposed> {
  const nowMs = broker.clock.nowMs();
  const known = await broker.policies.inForceIfAny();
  const canonical = utf8(policyCanonicalText(given.policy));
  const text = utf8(given.text);
  const plan = planOf(known, given.policy, await planFacts(broker, given.catalogue ?? null));
  requireSignable(plan);
  const toDigest = digestOfBytes(broker.hasher, canonical);
  const textDigest = digestOfBytes(broker.hasher, text);
  const proposal = broker.random.ulid(nowMs);
  const command = commandOf<Proposed>({
    actor,
    streams: ['policy', 'log', ...refusalStreams(actor.person, nowMs)],
    factsAtMs: null,
    idempotency: given.idempotency,
    about: `${proposal} ${toDigest}`,
    replay: (about) => {
      const [id = '', digest = ''] = about.split(' ');
      return { proposal: id, to_digest: digest, plan, entries: [] };
    },
    judge(view, decidedAtMs) {
      requireInForce(view, known?.digest ?? null);
      const judged = decidePropose({
        actor,
        groups: groupsUnder(known, actor, decidedAtMs),
        publishers: publishersOf(known, view.state(logFold, 'log')).publishers,
        state: view.state(policyFold, 'policy'),
        body: {
          proposal,
          person: actor.person,
          from_digest: known?.digest ?? null,
          to_digest: toDigest,
          text_digest: textDigest,
          text_bytes: text.length,
          canonical_bytes: canonical.length,
          plan,
          plan_digest: digestOf(broker.hasher, plan),
        },
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
      });
      const attachments = [
        { digest: toDigest, bytes: canonical },
        { digest: textDigest, bytes: text },
      ];
      return judged.refusal === undefined ? { ...judged, attachments } : judged;
    },
    result: ({ entries }) => ({
      proposal,
      to_digest: toDigest,
      plan,
      entries: entries.map(({ seq }) => seq),
    }),
  });
  const proposed = await broker.sequencer.submit(command);
  if (proposed.proposal === proposal) return proposed;
  // A call that was repeated: what it proposed the first time may have been planned from other facts.
  const view = await broker.sequencer.read(['policy']);
  return {
    ...proposed,
    plan: own(view.state(policyFold, 'policy').proposals, proposed.proposal)?.plan ?? plan,
  };
}

/** @throws Failure `too-large`: what cannot be shown whole is not signed */
function requireSignable(plan: Proposal['plan']): void {
  const size = JSON.stringify(plan).length;
  if (size <= PLAN_CHARACTERS) return;
  throw new Failure(
    'too-large',
    `The plan of this change has ${size} characters, and at most ${PLAN_CHARACTERS} can be signed.`,
    { mend: 'Publish it in steps of fewer entitlements.' },
  );
}

/**
 * Whoever publishes a policy that nobody could replace has locked everybody out. Told before it is proposed, by whom the
 * broker knows; no decision rests on it.
 * @throws Failure `policy-invalid`
 */
export function requireNextPublishers(policy: Policy, facts: PlanFacts): void {
  const { from, publish_needs: needs } = policy.administrators;
  const known = knownAdministrators(policy, facts.seen ?? [], facts.nowMs);
  if (known >= needs || !facts.isSeenWhole) return;
  throw new Failure(
    'policy-invalid',
    `Of the people who have signed in, ${known} would be in ${from}, and the next policy would take ${needs} of them: nobody could publish any more.`,
    { mend: 'Have its members sign in again, so that their groups are seen: `countersign login`.' },
  );
}

export function planOf(known: KnownPolicy | undefined, after: Policy, facts: PlanFacts): Proposal['plan'] {
  // A plan is plain JSON; the copy sheds its readonly marks.
  return structuredClone(planPolicy(known?.policy ?? null, after, facts)) as Proposal['plan'];
}

/** The statement an administrator is about to sign. */
export async function preparePublication(
  broker: Broker,
  actor: Actor,
  proposal: string,
  factor?: string | undefined,
): Promise<{
  readonly statement: PublishStatement;
  readonly digest: string;
  readonly plan: Proposal['plan'];
}> {
  const view = await broker.sequencer.read(['policy', streams.person(actor.person)]);
  const known = await broker.policies.inForceIfAny();
  const proposed = proposalIn(view, proposal);
  const statement: PublishStatement = {
    purpose: 'publish',
    proposal,
    from_digest: proposed.fromDigest,
    to_digest: proposed.toDigest,
    plan_digest: proposed.planDigest,
    signer: actor.person,
    factor: factor ?? factorToSign(view, actor, known?.policy.factors.review),
    ...statementFrame(broker, view),
  };
  return { statement, digest: statementDigest(broker, statement), plan: proposed.plan };
}

function proposalIn(view: View, proposal: string): Proposal {
  const found = own(view.state(policyFold, 'policy').proposals, proposal);
  if (found !== undefined) return found;
  throw notFound('proposal');
}

/** Whoever has left, or lost the factor they signed with, does not answer for their signature any more. */
const standingSigners = (view: View, { signers, signatures }: Proposal): readonly string[] =>
  signers.filter((signer) => {
    const signed = signatures[signer];
    return signed !== undefined && standsBy(view.state(personFold, streams.person(signer)), signed);
  });

export interface SignedPolicy {
  readonly in_force: boolean;
  readonly signatures: number;
  readonly needed: number;
  readonly entries: readonly number[];
}

/** One administrator's signature; the last one that is needed puts the policy in force. */
export const signPolicy = (
  broker: Broker,
  actor: Actor,
  proposal: string,
  given: {
    readonly statement: PublishStatement;
    readonly idempotency: Idempotency | undefined;
  } & FactorGiven,
): Promise<SignedPolicy> => underOnePolicy(() => signOnce(broker, actor, proposal, given));

async function signOnce(
  broker: Broker,
  actor: Actor,
  proposal: string,
  given: Parameters<typeof signPolicy>[3],
): Promise<SignedPolicy> {
  const nowMs = broker.clock.nowMs();
  const known = await broker.policies.inForceIfAny();
  const { signers } = proposalIn(await broker.sequencer.read(['policy']), proposal);
  const fits = await logFits(broker, given.statement);
  const shown = await checkFactor(broker, actor, given);
  let counted = { signatures: 0, needed: 0 };
  const command = commandOf<SignedPolicy>({
    actor,
    streams: [
      'policy',
      'log',
      ...leftStreams(humansOf(known), [actor.person, ...signers]),
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: nowMs,
    idempotency: given.idempotency,
    about: proposal,
    replay: () => {
      throw new Failure('already-done', 'This signature was recorded before.', {
        mend: '`countersign policy show`',
      });
    },
    judge(view, decidedAtMs) {
      requireInForce(view, known?.digest ?? null);
      const proposed = proposalIn(view, proposal);
      const { publishers, needs } = publishersOf(known, view.state(logFold, 'log'));
      if (proposed.signers.some((signer) => !signers.includes(signer))) throw new PolicyMoved();
      const standing = standingSigners(view, proposed);
      counted = { signatures: standing.length + 1, needed: needs };
      return decideSignPolicy({
        actor,
        groups: groupsUnder(known, actor, decidedAtMs),
        publishers,
        needs,
        state: view.state(policyFold, 'policy'),
        proposal: proposed,
        standing,
        humans: humansOf(known),
        peopleWhoLeft: whoLeft(view, humansOf(known), [actor.person]),
        statement: given.statement,
        statementDigest: statementDigest(broker, given.statement),
        reviewer: view.state(personFold, streams.person(actor.person)),
        logFits: fits,
        origin: broker.origin,
        nonces: proposed.nonces,
        shown,
        demanded: known?.policy.factors.review,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
      });
    },
    result: ({ entries }) => ({
      ...counted,
      in_force: entries.some(({ type }) => type === 'countersign.policy.published.v1'),
      entries: entries.map(({ seq }) => seq),
    }),
  });
  return broker.sequencer.submit(command);
}
