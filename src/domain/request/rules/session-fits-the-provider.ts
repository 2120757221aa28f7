import { sameScope } from '../../policy/narrow.ts';
import type { Rule } from '../../rule.ts';
import type { Prepared } from '../open-context.ts';
import type { GrantState } from '../state.ts';

/** What would be sent is compared with what was approved: a provider's mistake must not become somebody's access. */
export const sessionFitsTheProvider: Rule<{
  readonly grant: GrantState;
  readonly prepared: Prepared;
  readonly endsAtMs: number;
}> = {
  name: 'session-fits-the-provider',
  refuses({ grant, prepared, endsAtMs }) {
    const tellOperator =
      'Nothing was sent. Tell the operator of this broker: it is a defect of the provider.';
    if (prepared.scope === undefined || !sameScope(prepared.scope, grant.scope))
      return `What the provider would send is not the scope that was approved. ${tellOperator}`;
    return prepared.earliestEndMs > endsAtMs
      ? `What the provider would send outlives the grant. ${tellOperator}`
      : undefined;
  },
};
