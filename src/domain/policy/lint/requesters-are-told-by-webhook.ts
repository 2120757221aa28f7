import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** Groups have an address in the policy; one person's is known to nobody here, and is not to be put there. */
export function requestersAreToldByWebhook(policy: Policy): readonly LintFinding[] {
  const at = policy.notify?.requesters?.indexOf('email') ?? -1;
  if (at < 0) return [];
  return [
    error(
      'requesters-are-told-by-webhook',
      ['notify', 'requesters', at],
      'E-mail goes to the addresses of groups, and who asked is one person: the broker knows no address of theirs. A webhook gets their id, and may know more. Example: `requesters: [webhook]`.',
    ),
  ];
}
