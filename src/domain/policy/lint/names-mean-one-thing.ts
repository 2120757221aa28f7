import { own } from '../own.ts';
import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** A name that is group and workload, or a subject that is two workloads: nobody could say who is meant. */
export function namesMeanOneThing(policy: Policy): readonly LintFinding[] {
  const rule = 'names-mean-one-thing';
  const both = Object.keys(policy.workloads)
    .filter((name) => own(policy.groups, name) !== undefined)
    .map((name) => error(rule, ['workloads', name], `\`${name}\` is also a group: rename one of them.`));
  const workloads = Object.entries(policy.workloads);
  const twice = workloads.flatMap(([name, { issuer, subject }], index) => {
    const twin = workloads
      .slice(0, index)
      .find(([, other]) => other.issuer === issuer && other.subject === subject);
    return twin === undefined
      ? []
      : [
          error(
            rule,
            ['workloads', name, 'subject'],
            `\`${twin[0]}\` has the same issuer and subject: remove one of them.`,
          ),
        ];
  });
  return [...both, ...twice];
}
