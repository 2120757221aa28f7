import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

const example = 'Example: `maya: [p-mfrggzdfmztwq2lkmfrggzdfmz, p-nbswy3dpeb3w64tmmqqho33snq]`.';

/** Each identity belongs to one human, and a human who is listed has several. */
export function humansAreToldApart(policy: Policy): readonly LintFinding[] {
  const humans = Object.entries(policy.humans ?? {});
  return humans.flatMap(([name, identities], at) => {
    const alone =
      identities.length < 2
        ? [
            error(
              'humans-are-told-apart',
              ['humans', name],
              `\`${name}\` lists one identity only, perhaps twice: nothing is linked. ${example}`,
            ),
          ]
        : [];
    const shared = identities.flatMap((identity, index) => {
      const other = humans.slice(0, at).find(([, others]) => others.includes(identity));
      return other === undefined
        ? []
        : [
            error(
              'humans-are-told-apart',
              ['humans', name, index],
              `\`${identity}\` is \`${other[0]}\` already: one identity cannot be two humans. Remove it from one of them. ${example}`,
            ),
          ];
    });
    return [...alone, ...shared];
  });
}
