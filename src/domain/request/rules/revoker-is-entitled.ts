import type { Rule } from '../../rule.ts';
import type { RevokeRight } from '../revoke.ts';

export const revokerIsEntitled: Rule<{ readonly right: RevokeRight | undefined }> = {
  name: 'revoker-is-entitled',
  refuses: ({ right }) =>
    right === undefined
      ? 'A grant is revoked by somebody who may review it, the owner of its zone, or an administrator.'
      : undefined,
};
