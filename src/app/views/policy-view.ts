import type { Actor } from '../../domain/actor.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { logFold, type Proposal, policyFold } from '../../domain/policy-change/state.ts';
import { fromUtf8 } from '../../log/bytes.ts';
import { readEntry } from '../../log/entry.ts';
import type { Broker } from '../broker.ts';
import { notFound } from '../grant/find-grant.ts';
import { isOverseer } from './oversight.ts';
import { iso } from './time.ts';

export interface ProposalView {
  readonly proposal: string;
  readonly to_digest: string;
  readonly person: string;
  readonly signers: readonly string[];
  readonly needed: number;
  readonly plan: Proposal['plan'];
  readonly proposed_at: string;
}

export interface PolicyView {
  /** null: none is in force yet. */
  readonly digest: string | null;
  /** As it was written, comments and all. */
  readonly text: string | null;
  /** As the broker reads it, its scope files inlined: what the digest is of. */
  readonly policy: Policy | null;
  readonly published_at: string | null;
  /** For auditors and administrators; nobody else sees what is not in force. */
  readonly proposals: readonly ProposalView[];
}

export async function policyView(broker: Broker, actor: Actor): Promise<PolicyView> {
  const view = await broker.sequencer.read(['policy', 'log']);
  const { inForce, publishedAtMs, proposals } = view.state(policyFold, 'policy');
  const known = await broker.policies.inForceIfAny();
  const needed = known?.policy.administrators.publish_needs ?? view.state(logFold, 'log').publishNeeds;
  const seesProposals = await isOverseer(broker, actor);
  return {
    digest: inForce,
    text: inForce === null ? null : await textOf(broker, inForce),
    policy: known?.policy ?? null,
    published_at: inForce === null ? null : iso(publishedAtMs),
    proposals: seesProposals
      ? Object.values(proposals).map((proposal) => proposalView(proposal, needed))
      : [],
  };
}

function proposalView(proposal: Proposal, needed: number): ProposalView {
  return {
    proposal: proposal.proposal,
    to_digest: proposal.toDigest,
    person: proposal.person,
    signers: proposal.signers,
    needed,
    plan: proposal.plan,
    proposed_at: iso(proposal.proposedAtMs),
  };
}

/** The proposal's entry names the text it came from; the newest one that led to this policy. */
async function textOf(broker: Broker, inForce: string): Promise<string | null> {
  const snapshot = await broker.store.load(new Map([['policy', 0]]), []);
  const proposed = (snapshot.streams.get('policy') ?? [])
    .map(({ bytes }) => readEntry(bytes))
    .findLast(({ type, data }) => type === 'countersign.policy.proposed.v1' && data['to_digest'] === inForce);
  const digest = proposed?.data['text_digest'];
  const bytes = typeof digest === 'string' ? await broker.store.attachment(digest) : undefined;
  return bytes === undefined ? null : fromUtf8(bytes);
}

/** @throws Failure `not-found` to everybody who may not see proposals */
export async function requireProposalReader(broker: Broker, actor: Actor): Promise<void> {
  if (!(await isOverseer(broker, actor))) throw notFound('proposal');
}
