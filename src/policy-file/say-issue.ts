import { z } from 'zod';
import { suggestion } from '../domain/policy/did-you-mean.ts';
import { accountPattern } from './file-schema.ts';
import { keyNotBuiltYet, wordNotBuiltYet } from './not-built-yet.ts';
import { pointerOf } from './pointer.ts';
import type { YamlFile } from './read-yaml.ts';
import { aDuration, entryFor, exampleFor, type Vocabulary } from './vocabulary.ts';

type Issue = z.core.$ZodIssue;

/** A file, and the words in which its keys are explained. */
interface ToldFile extends YamlFile {
  readonly vocabulary: Vocabulary;
}

type Path = readonly PropertyKey[];

/** One thing that is wrong with the file's shape. `onKey`: the key itself is at fault, not its value. */
export interface Complaint {
  readonly path: Path;
  readonly onKey: boolean;
  readonly rule: string;
  readonly message: string;
}

/** Says in sentences what the schema found, each with a corrected example where there is one. */
export function sayIssues(schema: z.ZodType, file: ToldFile, issues: readonly Issue[]): readonly Complaint[] {
  return issues.flatMap((issue) => sayIssue(schema, file, issue, issue.path));
}

function sayIssue(schema: z.ZodType, file: ToldFile, issue: Issue, path: Path): readonly Complaint[] {
  if (!file.places.has(pointerOf(path))) {
    return [missingKey(file, path)];
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(schema, [...path, key]));
    case 'invalid_union':
      return likeliestBranch(issue.errors).flatMap((inner) =>
        sayIssue(schema, file, inner, [...path, ...inner.path]),
      );
    case 'invalid_key':
      return [
        onKey(
          path,
          'name-not-usable',
          `${quoted(path.at(-1))} cannot be a name: ${whatANameIs}${exampleFor(file.vocabulary.examples, path)}`,
        ),
      ];
    case 'invalid_value':
      return [onValue(path, ...unknownWord(file, path, issue.values))];
    case 'invalid_type':
      return [wrongType(file, path, issue.expected)];
    case 'custom':
      return [onValue(path, ...ownCheck(file, issue, path))];
    default:
      return [
        onValue(
          path,
          'out-of-bounds',
          `${shown(file, path)} does not fit: ${demandOf(file, issue, path)}${exampleFor(file.vocabulary.examples, path)}`,
        ),
      ];
  }
}

/**
 * Of several forms a value may have, the one its writer had in mind: the one that knows all its keys, then
 * the one with the least wrong in it, a form of another type altogether last.
 */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const cost = (issues: readonly Issue[]) =>
    issues.reduce(
      (sum, issue) => sum + (issue.path.length === 0 ? (issue.code === 'unrecognized_keys' ? 100 : 1000) : 1),
      0,
    );
  return branches.toSorted((left, right) => cost(left) - cost(right))[0] ?? [];
}

function unknownKey(schema: z.ZodType, path: Path): Complaint {
  const key = String(path.at(-1));
  const planned = keyNotBuiltYet(key);
  return planned === undefined
    ? onKey(path, 'unknown-key', unknownKeyMessage(key, keysAt(schema, path.slice(0, -1))))
    : onKey(path, 'not-built-yet', planned);
}

function unknownKeyMessage(key: string, known: readonly string[]): string {
  const meant = suggestion(key, known);
  const choice = [...new Set(known)].map((each) => `\`${each}\``).join(', ');
  return `Nothing is called \`${shortened(key)}\` here.${meant === '' ? ` What can stand here: ${choice}; remove it, or write one of these.` : meant}`;
}

function unknownWord(
  file: ToldFile,
  path: Path,
  known: readonly unknown[],
): readonly [rule: string, message: string] {
  const word = shown(file, path);
  const words = known.map(String);
  const planned = wordNotBuiltYet(word.slice(1, -1));
  const choice = words.map((each) => `\`${each}\``).join(', ');
  return planned === undefined
    ? [
        'unknown-word',
        `${word} cannot stand here, only ${choice}.${suggestion(word.slice(1, -1), words)}${exampleFor(file.vocabulary.examples, path)}`,
      ]
    : ['not-built-yet', planned];
}

/** Checks of the schema's own, told apart by the rule they carry. */
function ownCheck(
  file: ToldFile,
  issue: z.core.$ZodIssueCustom,
  path: Path,
): readonly [rule: string, message: string] {
  return issue.params?.['rule'] === 'one-of-target-and-targets'
    ? [
        'one-of-target-and-targets',
        'Both `target` and `targets` stand here: nobody could say which is meant. Write one of them: `targets: [orders-prod, ledger-prod]`.',
      ]
    : [
        'out-of-bounds',
        `${shown(file, path)} does not fit: ${demandOf(file, issue, path)}${exampleFor(file.vocabulary.examples, path)}`,
      ];
}

function missingKey(file: ToldFile, path: Path): Complaint {
  const message = `\`${String(path.at(-1))}\` is missing: nothing is assumed for it.${missingExample(file, path)}`;
  return onKey(path.slice(0, -1), 'missing-key', message);
}

function wrongType(file: ToldFile, path: Path, expected: string): Complaint {
  const source = file.places.get(pointerOf(path))?.source;
  const needed = typeNames[expected] ?? expected;
  if (source === '' || source === 'null' || source === '~') {
    return onValue(
      path,
      'empty-value',
      `Nothing stands here: ${needed} is needed.${exampleFor(file.vocabulary.examples, path)}`,
    );
  }
  if (path.at(-1) === 'aws' && expected === 'string') {
    return onValue(path, 'account-is-text', accountMessage(source ?? ''));
  }
  const message = `${shown(file, path)} is not ${needed}.${typeHint(file, expected, path)}${exampleFor(file.vocabulary.examples, path)}`;
  return onValue(path, 'wrong-type', message);
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  object: 'a map of keys and values',
  record: 'a map of names',
  array: 'a list',
};

/** YAML reads bare digits as a number, which loses leading zeros: the account would be another one. */
function accountMessage(source: string): string {
  const right = accountPattern.test(source) ? source : '447109238812';
  return `An account number is text, and without quotes it is read as a number and loses leading zeros. Write \`aws: "${right}"\`.`;
}

function typeHint(file: ToldFile, expected: string, path: Path): string {
  const source = file.places.get(pointerOf(path))?.source;
  if (source === undefined) {
    return '';
  }
  if (expected === 'number' || expected === 'int') {
    return ' A number is written in digits, without quotes.';
  }
  const isDuration = entryFor(file.vocabulary.demands, path) === aDuration;
  return expected === 'string'
    ? isDuration
      ? ` ${capital(aDuration)}`
      : ` As text it is written in quotes: \`"${source}"\`.`
    : '';
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function missingExample(file: ToldFile, path: Path): string {
  const isProvider = path[0] === 'targets' && path.length === 3 && path[2] === 'token';
  return isProvider
    ? ' A target says how it is reached. Write `aws: "447109238812", regions: [eu-west-1]` or `token: { audience: "https://orders.example" }`.'
    : exampleFor(file.vocabulary.examples, path);
}

const whatANameIs =
  'it starts with a letter, goes on with letters, digits, `-`, `_` or `.`, has at most 64 characters, and is not `not-required`.';

/** What the bound or the form demands, by the key it stands at. */
function demandOf(file: ToldFile, issue: Issue, path: Path): string {
  const key = String(path.findLast((step) => typeof step === 'string'));
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    return bound(issue, key);
  }
  return entryFor(file.vocabulary.demands, path) ?? whatANameIs;
}

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, key: string): string {
  const limit = Number(issue.code === 'too_small' ? issue.minimum : issue.maximum);
  const [one, many] = units[issue.origin] ?? ['', ''];
  const why = key === 'publish_needs' ? ', because one person alone could otherwise rewrite every rule' : '';
  return `at ${issue.code === 'too_small' ? 'least' : 'most'} ${limit}${limit === 1 ? one : many}${why}.`;
}

const units: Readonly<Record<string, readonly [one: string, many: string]>> = {
  array: [' entry', ' entries'],
  string: [' character', ' characters'],
};
/** The keys a map may have at this place in the schema, whichever form of it. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  return path
    .reduce<readonly unknown[]>(
      (schemas, step) => schemas.flatMap((each) => below(each, step)),
      forms(schema),
    )
    .flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []));
}

function below(schema: unknown, step: PropertyKey): readonly unknown[] {
  if (schema instanceof z.ZodObject) {
    return forms(Object.entries(schema.shape).find(([key]) => key === step)?.[1]);
  }
  if (schema instanceof z.ZodRecord) {
    return forms(schema.valueType);
  }
  return schema instanceof z.ZodArray ? forms(schema.element) : [];
}

function forms(schema: unknown): readonly unknown[] {
  if (schema instanceof z.ZodOptional) {
    return forms(schema.unwrap());
  }
  return schema instanceof z.ZodUnion ? schema.options.flatMap(forms) : [schema];
}

/** The value as written, shortened, in backquotes; nothing invisible gets into a message. */
function shown(file: ToldFile, path: Path): string {
  const source = file.places.get(pointerOf(path))?.source;
  return source === undefined ? 'This' : quoted(source);
}

function quoted(value: unknown): string {
  return `\`${shortened(String(value))}\``;
}

function shortened(text: string): string {
  return (text.length > 60 ? `${text.slice(0, 59)}…` : text).replaceAll(/[\p{Cc}\p{Cf}]/gu, '�');
}

function onKey(path: Path, rule: string, message: string): Complaint {
  return { path, onKey: true, rule, message };
}

function onValue(path: Path, rule: string, message: string): Complaint {
  return { path, onKey: false, rule, message };
}
