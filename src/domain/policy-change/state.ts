import type { StoredData } from '../events.ts';
import type { Fold } from '../fold.ts';
import type { Signed } from '../person/stands-by.ts';

/** Which policy is in force, and what waits for signatures. */
export interface PolicyState {
  /** null: none was published yet, and no entitlement works. */
  readonly inForce: string | null;
  readonly publishedAtMs: number;
  readonly proposals: Readonly<Record<string, Proposal>>;
}

export interface Proposal {
  readonly proposal: string;
  readonly person: string;
  readonly fromDigest: string | null;
  readonly toDigest: string;
  readonly planDigest: string;
  readonly plan: StoredData<'countersign.policy.proposed.v1'>['plan'];
  readonly signers: readonly string[];
  /** Of each signer: where and with what. */
  readonly signatures: Readonly<Record<string, Signed>>;
  readonly nonces: readonly string[];
  readonly proposedAtMs: number;
}

export const policyFold: Fold<PolicyState> = {
  kind: 'policy',
  initial: { inForce: null, publishedAtMs: 0, proposals: {} },
  evolve(state, { event, seq }) {
    switch (event.type) {
      case 'countersign.policy.proposed.v1': {
        const { proposal, person, from_digest, to_digest, plan_digest, plan, decided_at_ms } = event.data;
        const proposed: Proposal = {
          proposal,
          person,
          fromDigest: from_digest,
          toDigest: to_digest,
          planDigest: plan_digest,
          plan,
          signers: [],
          signatures: {},
          nonces: [],
          proposedAtMs: decided_at_ms,
        };
        return { ...state, proposals: { ...state.proposals, [proposal]: proposed } };
      }
      case 'countersign.policy.signed.v1': {
        const { proposal, signer, statement, proof } = event.data;
        const before = state.proposals[proposal];
        if (before === undefined) return state;
        const signed = {
          ...before,
          // Who signs anew, because their first signature counts no more, is still one.
          signers: [...before.signers.filter((earlier) => earlier !== signer), signer],
          signatures: { ...before.signatures, [signer]: { seq, factor: proof.factor } },
          nonces: [...before.nonces, statement.nonce],
        };
        return { ...state, proposals: { ...state.proposals, [proposal]: signed } };
      }
      case 'countersign.policy.published.v1':
        // Every other proposal was made from a policy that is no longer in force.
        return { inForce: event.data.to_digest, publishedAtMs: event.data.decided_at_ms, proposals: {} };
      default:
        return state;
    }
  },
  dueAtMs: () => null,
};

/** What `server init` wrote: who may publish before there is a policy. */
export interface LogState {
  readonly origin: string | null;
  readonly administrators: readonly { readonly person: string; readonly issuer: string }[];
  readonly publishNeeds: number;
  readonly codes: Readonly<Record<string, { readonly person: string; readonly expiresAtMs: number }>>;
}

export const logFold: Fold<LogState> = {
  kind: 'log',
  initial: { origin: null, administrators: [], publishNeeds: 2, codes: {} },
  evolve(state, { event }) {
    if (event.type !== 'countersign.log.genesis.v1') return state;
    const { origin, administrators, publish_needs, enrolment_codes } = event.data;
    const codes = Object.fromEntries(
      enrolment_codes.map(({ code, person, expires_at_ms }) => [
        code,
        { person, expiresAtMs: expires_at_ms },
      ]),
    );
    return { origin, administrators, publishNeeds: publish_needs, codes };
  },
  dueAtMs: () => null,
};
