import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import type { PublishStatement, StoredData } from '../events.ts';
import type { Judgement } from '../judgement.ts';
import { factorIsStrongEnough } from '../person/factor-is-strong-enough.ts';
import { passkeyCounterRises } from '../person/passkey-counter-rises.ts';
import { recoveredFactorIsVouched } from '../person/recovered-factor-is-vouched.ts';
import { type FactorStates, type Shown, spendFactor } from '../person/show-factor.ts';
import type { PersonState } from '../person/state.ts';
import { type Humans, sameHuman } from '../policy/humans.ts';
import type { FactorKind } from '../policy/policy.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { personHasNotLeft } from '../request/rules/person-has-not-left.ts';
import { recoveredFactorRestsADay } from '../request/rules/recovered-factor-rests-a-day.ts';
import { statementNonceIsFresh } from '../request/rules/statement-nonce-is-fresh.ts';
import { stepUpNeeded } from '../request/submit.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { frameMisfit } from '../statement-frame.ts';
import type { PolicyState, Proposal } from './state.ts';

/** Who may publish: by the policy in force, or by the genesis while there is none. */
export type Publishers = { readonly group: string } | { readonly persons: readonly string[] };

export interface PublisherContext {
  readonly actor: Actor;
  readonly groups: readonly string[];
  readonly publishers: Publishers;
}

/** By the policy in force, or by the genesis. */
export const isAdministrator = ({ actor, groups, publishers }: PublisherContext): boolean =>
  actor.kind === 'human' &&
  ('group' in publishers ? groups.includes(publishers.group) : publishers.persons.includes(actor.person));

export const publisherIsAdministrator: Rule<PublisherContext> = {
  name: 'publisher-is-administrator',
  refuses(context) {
    const { actor, publishers } = context;
    if (actor.kind !== 'human') return 'A policy is published by people.';
    if (isAdministrator(context)) return undefined;
    return 'group' in publishers
      ? `The policy in force lets ${publishers.group} publish; you are not in it.`
      : 'Until a policy is in force, only the administrators named at `server init` may publish.';
  },
};

/** Also asked before anything is prepared for a publication. */
export const publisherRules: readonly Rule<PublisherContext>[] = [publisherIsAdministrator];

interface SignContext extends PublisherContext {
  readonly state: PolicyState;
  readonly proposal: Proposal;
  /** Those who signed it before and still answer for that. */
  readonly standing: readonly string[];
  /** Who is one human under several identities, by the policy in force. */
  readonly humans: Humans;
  /** The signer, if they have left. */
  readonly peopleWhoLeft: readonly string[];
  readonly statement: PublishStatement;
  readonly reviewer: PersonState;
  readonly logFits: boolean;
  readonly origin: string;
  readonly nonces: readonly string[];
  readonly shown: Shown;
  /** What the policy in force wants for whatever is signed for others; undefined: there is none yet. */
  readonly demanded: FactorKind | undefined;
  readonly factorStates: FactorStates;
  readonly nowMs: number;
}

interface CurrencyContext {
  readonly state: PolicyState;
  readonly proposal: { readonly fromDigest: string | null };
}

const proposalIsCurrent: Rule<CurrencyContext> = {
  name: 'proposal-is-current',
  refuses: ({ state, proposal }) =>
    state.inForce === proposal.fromDigest
      ? undefined
      : 'Another policy came into force since this was proposed. Propose it again: the plan may differ.',
};

const signerHasNotSignedBefore: Rule<SignContext> = {
  name: 'reviewer-has-not-reviewed-before',
  refuses: ({ standing, actor, humans }) =>
    standing.some((signer) => sameHuman(humans, signer, actor.person))
      ? 'You have signed this policy; another administrator must be the next.'
      : undefined,
};

const statementIsAboutThisProposal: Rule<SignContext> = {
  name: 'statement-is-what-stands',
  refuses(context) {
    const { statement, proposal, actor } = context;
    const stands =
      statement.proposal === proposal.proposal &&
      statement.from_digest === proposal.fromDigest &&
      statement.to_digest === proposal.toDigest &&
      statement.plan_digest === proposal.planDigest &&
      statement.signer === actor.person &&
      frameMisfit(context) === undefined;
    return stands
      ? undefined
      : 'What was signed is no longer what stands. Look at the plan again and sign anew.';
  },
};

export const publishingRules: readonly Rule<SignContext>[] = [
  publisherIsAdministrator,
  personHasNotLeft,
  proposalIsCurrent,
  signerHasNotSignedBefore,
  statementIsAboutThisProposal,
  statementNonceIsFresh,
  recoveredFactorIsVouched,
  recoveredFactorRestsADay,
  factorIsStrongEnough,
  passkeyCounterRises,
];

export const proposingRules: readonly Rule<PublisherContext & CurrencyContext>[] = [
  ...publisherRules,
  proposalIsCurrent,
];

/** Each is kept whole until a policy is published. Counted by person, so that nobody blocks the others. */
export const OPEN_PROPOSALS_ALLOWED = 10;

/** An administrator puts a policy forward: its text, what it parses to, and the plan of who gains and loses what. */
export function decidePropose(
  input: PublisherContext & {
    readonly state: PolicyState;
    readonly body: Omit<
      StoredData<'countersign.policy.proposed.v1'>,
      'by' | 'command' | 'program' | 'decided_at_ms'
    >;
    readonly refusals: RefusalsState;
    readonly nowMs: number;
  },
  rules = proposingRules,
): Judgement {
  const { state, body } = input;
  const broken = firstBroken(rules, { ...input, proposal: { fromDigest: body.from_digest } });
  if (broken !== undefined) return refuse({ ...input, attempted: 'publish', about: body.to_digest }, broken);
  if (body.to_digest === state.inForce) {
    return {
      events: [],
      refusal: new Failure('conflict', 'This policy is in force already; there is nothing to publish.'),
    };
  }
  const open = Object.values(state.proposals).filter(({ person }) => person === input.actor.person).length;
  if (open >= OPEN_PROPOSALS_ALLOWED) {
    const because = `${open} proposals of yours wait for signatures; sign one of them, or have a colleague propose.`;
    return { events: [], refusal: new Failure('conflict', because) };
  }
  return { events: [draft('countersign.policy.proposed.v1', 'policy', body.to_digest, body)] };
}

/** An administrator signs; the signature that completes the number puts the policy in force, in the same commit. */
export function decideSignPolicy(
  input: SignContext & {
    readonly needs: number;
    readonly statementDigest: string;
    readonly refusals: RefusalsState;
  },
  rules = publishingRules,
): Judgement {
  const { actor, proposal, statement, shown, nowMs } = input;
  const broken = firstBroken(rules, input);
  if (broken !== undefined)
    return refuse({ ...input, attempted: 'publish', about: proposal.toDigest }, broken);
  if (shown.kind === 'nothing')
    return { events: [], refusal: stepUpNeeded('a policy is signed with one', input.demanded) };
  const about = input.statementDigest;
  const states = input.factorStates;
  const signable = { statement, digest: about };
  const spent = spendFactor({ actor, shown, states, purpose: 'publish', about, signable, nowMs });
  if ('refused' in spent) return spent.refused;
  const signed = draft('countersign.policy.signed.v1', 'policy', proposal.toDigest, {
    proposal: proposal.proposal,
    signer: actor.person,
    groups: [...input.groups],
    to_digest: proposal.toDigest,
    statement,
    statement_digest: input.statementDigest,
    proof: spent.proof,
  });
  const signers = [...input.standing, actor.person];
  if (signers.length < input.needs) return { events: [spent.spent, signed] };
  const published = draft('countersign.policy.published.v1', 'policy', proposal.toDigest, {
    proposal: proposal.proposal,
    from_digest: proposal.fromDigest,
    to_digest: proposal.toDigest,
    signers,
  });
  return { events: [spent.spent, signed, published] };
}
