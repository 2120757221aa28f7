import { digestOfBytes } from '../../domain/digest.ts';
import { Failure } from '../../domain/errors.ts';
import type { Humans } from '../../domain/policy/humans.ts';
import type { Policy, ResolvedRule } from '../../domain/policy/policy.ts';
import { resolveRule, ruleDigest } from '../../domain/policy/resolve.ts';
import { policyFold } from '../../domain/policy-change/state.ts';
import { fromUtf8 } from '../../log/bytes.ts';
import type { Hasher } from '../../log/hasher.ts';
import type { Sequencer, View } from '../command.ts';
import type { Store } from '../store.ts';

/** A policy by its digest, with its entitlements' rules resolved on first use. */
export interface KnownPolicy {
  readonly digest: string;
  readonly policy: Policy;
  rule(entitlement: string): { readonly rule: ResolvedRule; readonly digest: string } | undefined;
}

export interface PolicyLibrary {
  /** The policy in force at the store's head. @throws Failure `refused-by-rule` `policy-is-in-force` when there is none */
  inForce(): Promise<KnownPolicy>;
  /** As `inForce`, or undefined before the first publication. */
  inForceIfAny(): Promise<KnownPolicy | undefined>;
  byDigest(digest: string): Promise<KnownPolicy>;
}

const REMEMBERED = 16;

/** Policies are attachments, named by the digest of their bytes: what was loaded and checked once stays true. */
export function policyLibrary(parts: { store: Store; sequencer: Sequencer; hasher: Hasher }): PolicyLibrary {
  const known = new Map<string, KnownPolicy>();
  const library: PolicyLibrary = {
    async inForce() {
      const found = await library.inForceIfAny();
      if (found !== undefined) return found;
      throw new Failure('refused-by-rule', 'No policy is in force yet, so nothing can be asked for.', {
        rule: 'policy-is-in-force',
        mend: 'Two administrators publish one: `countersign policy publish countersign.yaml`.',
      });
    },
    async inForceIfAny() {
      const view = await parts.sequencer.read(['policy']);
      const digest = view.state(policyFold, 'policy').inForce;
      return digest === null ? undefined : library.byDigest(digest);
    },
    async byDigest(digest) {
      const remembered = known.get(digest);
      if (remembered !== undefined) return remembered;
      const loaded = await load(parts, digest);
      if (known.size >= REMEMBERED) known.delete(known.keys().next().value ?? '');
      known.set(digest, loaded);
      return loaded;
    },
  };
  return library;
}

async function load(
  { store, hasher }: { store: Store; hasher: Hasher },
  digest: string,
): Promise<KnownPolicy> {
  const bytes = await store.attachment(digest);
  if (bytes === undefined || digestOfBytes(hasher, bytes) !== digest) {
    throw new Failure('read-only', `The policy ${digest} is missing from the store, or was altered there.`, {
      mend: 'Restore the data directory from a backup, then run `countersign log verify`.',
    });
  }
  // These bytes were made by `policyCanonicalText` from a checked policy, and their digest is in the log.
  const policy = JSON.parse(fromUtf8(bytes)) as Policy;
  const rules = new Map<string, ReturnType<KnownPolicy['rule']>>();
  return {
    digest,
    policy,
    rule(entitlement) {
      if (!rules.has(entitlement)) {
        const rule = resolveRule(policy, entitlement);
        rules.set(entitlement, rule && { rule, digest: ruleDigest(hasher, rule) });
      }
      return rules.get(entitlement);
    },
  };
}

/** Before there is a policy, every identity is a human of its own. */
export const humansOf = (known: KnownPolicy | undefined): Humans => known?.policy ?? {};

/** Inside `decide`: the policy this command was prepared under must still be the one in force. */
export function requireInForce(view: View, digest: string | null): void {
  if (view.state(policyFold, 'policy').inForce !== digest) throw new PolicyMoved();
}

/** The verb prepares again, under the policy that came into force in between. */
export class PolicyMoved extends Failure {
  constructor() {
    super('conflict', 'The policy changed at this very moment; try again.');
  }
}

/** Runs the verb again when the policy moved under it; a policy does not move twice in a moment. */
export async function underOnePolicy<Result>(verb: () => Promise<Result>): Promise<Result> {
  try {
    return await verb();
  } catch (error) {
    if (error instanceof PolicyMoved) return verb();
    throw error;
  }
}
