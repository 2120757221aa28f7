import type { Rule } from '../../rule.ts';

/** As what somebody may take an access away. */
export type RevokeRight = 'reviewer' | 'zone-owner' | 'administrator';

export const revokerIsEntitled: Rule<{ readonly right: RevokeRight | undefined }> = {
  name: 'revoker-is-entitled',
  refuses: ({ right }) =>
    right === undefined
      ? 'A grant is revoked by somebody who may review it, the owner of its zone, or an administrator.'
      : undefined,
};
