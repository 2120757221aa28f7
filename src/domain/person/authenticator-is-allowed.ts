import type { Passkey } from '../events.ts';
import type { PasskeyDemands } from '../policy/policy.ts';
import type { Rule } from '../rule.ts';

/** Which devices sign for production is the policy's to say: at the enrolment, since a signature does not name its maker. */
export const authenticatorIsAllowed: Rule<{
  readonly confirmation: { readonly kind: 'totp' } | { readonly kind: 'passkey'; readonly passkey: Passkey };
  readonly demands: PasskeyDemands | undefined;
  /** The broker is told whose certificates to believe. */
  readonly makersAreKnown: boolean;
}> = {
  name: 'authenticator-is-allowed',
  refuses({ confirmation, demands, makersAreKnown }) {
    if (confirmation.kind !== 'passkey' || demands === undefined) return undefined;
    const { attestation_format, attestation_root, aaguid } = confirmation.passkey;
    if (demands.attestation === 'required' && attestation_format === 'none')
      return 'The policy wants an attestation of the authenticator’s maker, and this one gave none. Use a security key, and let the browser show its make.';
    if (demands.attestation === 'required' && makersAreKnown && attestation_root === null)
      return 'The policy wants an attestation of the authenticator’s maker, and this one’s leads to no maker that is known here. Ask your administrators which authenticators they hand out.';
    return demands.authenticators === undefined || demands.authenticators.includes(aaguid)
      ? undefined
      : `The policy does not list this make of authenticator (${aaguid}). Ask your administrators which they hand out.`;
  },
};
