import type { Rule } from '../../rule.ts';
import type { GrantState } from '../state.ts';

/** Whoever took the access away meant what was to follow it, too. Ended by its holder or run out is something else. */
export const extendedGrantWasNotRevoked: Rule<{ readonly extended: GrantState | undefined }> = {
  name: 'extended-grant-was-not-revoked',
  refuses: ({ extended }) =>
    extended !== undefined && extended.revokeRequestedAtMs !== null
      ? `The grant that this one carries on (${extended.grant}) was revoked. Ask anew.`
      : undefined,
};
