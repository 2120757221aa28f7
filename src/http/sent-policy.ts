import { scopeField } from '../../web/pages/policy.tsx';
import type { Filled } from '../../web/parts/forms.tsx';
import { text } from '../../web/text.ts';
import type { PageKit, SentForm } from './page-kit.tsx';

/** A policy with its scope files, as typed into the page and as chosen from a disk. */
export interface SentPolicy {
  readonly text: string;
  /** By the path that the policy names. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly filled: Filled;
}

/** How the policy file is called wherever one is looked for. */
const POLICY_FILE = 'countersign.yaml';

/** A chosen file takes the place of what was typed for it; one that is nobody's is said at its field. */
export async function sentPolicy(
  { namedScopes }: Pick<PageKit, 'namedScopes'>,
  form: SentForm,
): Promise<SentPolicy> {
  const chosen = await chosenFiles(form);
  const policy = chosen.get(POLICY_FILE) ?? form.text('text');
  chosen.delete(POLICY_FILE);
  const named = [...new Set(namedScopes(policy).values())];
  const scopes = new Map(typedScopes(form));
  const strangers: string[] = [];
  for (const [name, content] of chosen) {
    const path = pathOf(name, named);
    if (path === undefined) strangers.push(name);
    else scopes.set(path, content);
  }
  const typed = [...scopes].map(([path, content]) => [scopeField(path), content]);
  return {
    text: policy,
    scopes: Object.fromEntries(scopes),
    filled: {
      values: { ...Object.fromEntries(typed), text: policy },
      mistakes: strangers.length === 0 ? {} : { files: text.policy.strangeFiles(strangers, named) },
    },
  };
}

/** A browser tells a file's name and not where it lay; two of the policy's files of one name must be pasted. */
function pathOf(name: string, named: readonly string[]): string | undefined {
  const fitting = named.filter((path) => path === name || path.endsWith(`/${name}`));
  return fitting.length === 1 ? fitting[0] : undefined;
}

async function chosenFiles({ files }: SentForm): Promise<Map<string, string>> {
  const read = files.map(async (file) => [file.name, (await file.text()).replaceAll('\r\n', '\n')] as const);
  return new Map(await Promise.all(read));
}

const PREFIX = scopeField('');

const typedScopes = ({ values }: SentForm): readonly (readonly [string, string])[] =>
  Object.entries(values).flatMap(([name, value]) =>
    name.startsWith(PREFIX) && value !== '' ? [[name.slice(PREFIX.length), value] as const] : [],
  );
