import { type ActionCatalogue, actionsMeant, splitAction } from '../action-catalogue.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Policy } from '../policy.ts';
import { awsScopes } from './aws-scopes.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { error } from './finding.ts';

/** An action that the cloud does not have allows nothing today, and whatever gets that name one day. */
export function actionsAreInTheCatalogue(policy: Policy, { catalogue }: LintOptions): readonly LintFinding[] {
  if (catalogue === undefined) return [];
  const known = new Map<string, string | undefined>();
  return awsScopes(policy).flatMap(({ path, permission: { action } }) => {
    if (!known.has(action)) known.set(action, complaint(catalogue, action));
    const message = known.get(action);
    return message === undefined ? [] : [error('actions-are-in-the-catalogue', path, message)];
  });
}

function complaint(catalogue: ActionCatalogue, action: string): string | undefined {
  const split = splitAction(action);
  if (split === undefined) return undefined;
  const { service, name } = split;
  if (!catalogue.services.includes(service)) {
    const meant = didYouMean(service, catalogue.services);
    return (
      `AWS has no service \`${service}\` (${catalogue.version}).` +
      (meant === undefined ? ' Example: `rds:FailoverDBCluster`.' : ` Did you mean \`${meant}:${name}\`?`)
    );
  }
  const found = actionsMeant(catalogue, action);
  const isPattern = /[*?]/.test(name);
  const [only] = found;
  if (only !== undefined)
    return isPattern || only.name === name
      ? undefined
      : `AWS spells it \`${service}:${only.name}\`, and names are compared exactly: write it so.`;
  const names = catalogue.actionsOf(service).map((each) => each.name);
  const meant = isPattern ? undefined : nearest(name, names);
  return (
    `No action of AWS ${isPattern ? 'fits' : 'is called'} \`${action}\` (${catalogue.version}).` +
    (meant === undefined
      ? ` \`${service}\` has for example \`${service}:${names[0] ?? 'none'}\`.`
      : ` Did you mean \`${service}:${meant}\`?`)
  );
}

/** Misspelt, or with a word too few or too many. */
const nearest = (name: string, names: readonly string[]): string | undefined =>
  didYouMean(name, names) ??
  names
    .filter((each) => isPartOf(each, name) || isPartOf(name, each))
    .toSorted((left, right) => left.length - right.length)[0];

const isPartOf = (part: string, whole: string): boolean =>
  part.length >= 4 && whole.toLowerCase().includes(part.toLowerCase());
