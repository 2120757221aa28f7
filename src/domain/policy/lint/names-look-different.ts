import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

const sections = [
  'groups',
  'workloads',
  'zones',
  'targets',
  'ticket_sources',
  'tickets',
  'entitlements',
] as const;

/** Two names that a reader cannot tell apart: whoever reviews one may sign the other. */
export function namesLookDifferent(policy: Policy): readonly LintFinding[] {
  return sections.flatMap((section) => {
    const first = new Map<string, string>();
    return Object.keys(policy[section]).flatMap((name) => {
      const twin = first.get(folded(name));
      first.set(folded(name), twin ?? name);
      const message =
        twin !== undefined
          ? `\`${name}\` looks like \`${twin}\`, and names are compared exactly: rename one of them.`
          : mixesScripts(name)
            ? `\`${name}\` mixes alphabets, so that it can look like another name: write it in one.`
            : undefined;
      return message === undefined ? [] : [error('names-look-different', [section, name], message)];
    });
  });
}

/** Compatibility form and case folded away; upper case first, so that `ß` meets `ss`. */
function folded(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

function mixesScripts(name: string): boolean {
  const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u];
  return scripts.filter((script) => script.test(name)).length > 1;
}
