import { digestOf } from '../digest-of.ts';
import { atFault, type Checks, type Hearing, notCheckable, trial, type Unheard } from '../hearing.ts';
import { hasLeftSince, sameHumanAmong } from '../one-human.ts';
import { putInForce } from '../rule-in-force.ts';
import type { Proposal } from '../state.ts';
import { noAdministrator } from './administrator.ts';
import { hides } from './plan.ts';
import { rememberNonce, statementRules } from './statement.ts';

type Proposed = 'countersign.policy.proposed.v1';
type PolicySigned = 'countersign.policy.signed.v1';
type Published = 'countersign.policy.published.v1';

const inForce = ({ state }: Hearing): string | null => state.policy?.digest ?? null;

export const judgeProposed = trial<Proposed, object>({
  subjectOf: () => ({}),
  checks: {
    'proposal-is-current': ({ data }, _, hearing) => notCurrent(data.from_digest, hearing),
    'plan-has-its-digest': ({ data }, _, { hasher }) =>
      digestOf(hasher, data.plan) === data.plan_digest
        ? undefined
        : 'the plan was changed after its digest was taken',
    'plan-tells-what-changes': hides,
  },
  remember({ data }, { state }) {
    state.proposals.set(data.proposal, {
      fromDigest: data.from_digest,
      toDigest: data.to_digest,
      planDigest: data.plan_digest,
      signers: new Map(),
    });
  },
});

/** Whose signatures still count: they have not left since, and the factor they signed with is still theirs. */
const standingSigners = (signers: Proposal['signers'], state: Hearing['state']): readonly string[] =>
  [...signers]
    .filter(
      ([signer, { seq, factor }]) =>
        !hasLeftSince(state, signer, seq) && state.people.get(signer)?.factors.has(factor) === true,
    )
    .map(([signer]) => signer);

const signedRules: Checks<PolicySigned, Proposal> = {
  ...statementRules,
  'proposal-is-current': (_, proposal, hearing) => notCurrent(proposal.fromDigest, hearing),
  'reviewer-has-not-reviewed-before': ({ data }, { signers }, { state }) => {
    const before = sameHumanAmong(state, standingSigners(signers, state), data.signer);
    return before && `${before} signed it before`;
  },
  'publisher-is-administrator': (entry, _, { state }) =>
    noAdministrator(entry, entry.data.signer, entry.data.groups, state),
  'statement-is-what-stands': ({ data }, proposal) => {
    const { statement } = data;
    const stands =
      statement.purpose === 'publish' &&
      statement.proposal === data.proposal &&
      statement.signer === data.signer &&
      statement.from_digest === proposal.fromDigest &&
      statement.to_digest === proposal.toDigest &&
      statement.plan_digest === proposal.planDigest &&
      data.to_digest === proposal.toDigest;
    return stands ? undefined : 'what was signed is not this proposal';
  },
};

export const judgePolicySigned = trial<PolicySigned, Proposal>({
  subjectOf: ({ data }, hearing) => proposalOr(data.proposal, hearing),
  checks: signedRules,
  remember(entry, hearing) {
    rememberNonce(entry, hearing);
    hearing.findings.attested.group_memberships++;
    hearing.state.proposals.get(entry.data.proposal)?.signers.set(entry.data.signer, {
      seq: entry.seq,
      factor: entry.data.proof.factor,
    });
  },
});

const publishedRules: Checks<Published, Proposal> = {
  'proposal-is-current': ({ data }, proposal, hearing) =>
    data.to_digest === proposal.toDigest && data.from_digest === proposal.fromDigest
      ? notCurrent(data.from_digest, hearing)
      : 'what was published is not what was proposed',
  'publishers-are-enough': ({ data }, proposal, { state }) => {
    const needed = Math.max(
      2,
      state.policy?.policy?.administrators.publish_needs ?? state.genesis?.publishNeeds ?? 2,
    );
    const named = new Set(data.signers);
    const standing = standingSigners(proposal.signers, state);
    const signed = [...named].filter((signer) => standing.includes(signer)).length;
    return signed === data.signers.length && signed >= needed
      ? undefined
      : `${signed} of ${data.signers.length} named signed it; ${needed} are needed`;
  },
};

export const judgePublished = trial<Published, Proposal>({
  subjectOf: ({ data }, hearing) => proposalOr(data.proposal, hearing),
  checks: publishedRules,
  remember({ data }, { state }) {
    state.policy = putInForce(data.to_digest, state.attachedPolicies.get(data.to_digest));
    state.attachedPolicies.clear();
    state.proposals.clear();
  },
});

function proposalOr(id: string, { state }: Hearing): Proposal | Unheard {
  const proposal = state.proposals.get(id);
  if (proposal === undefined) return atFault('proposal-is-current', `there is no open proposal ${id}`);
  return state.policy !== undefined && state.policy.policy === undefined
    ? notCheckable(`the policy in force, ${state.policy.digest}, is missing`)
    : proposal;
}

function notCurrent(from: string | null, hearing: Hearing): string | undefined {
  const now = inForce(hearing);
  return from === now ? undefined : `it starts from ${from ?? 'none'}; in force is ${now ?? 'none'}`;
}
