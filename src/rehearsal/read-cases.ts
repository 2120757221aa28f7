import { suggestion } from '../domain/policy/did-you-mean.ts';
import { own } from '../domain/policy/own.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { checkShape, nearestPlace } from '../policy-file/check-shape.ts';
import { mistakeAt, type PolicyMistake, sortedMistakes } from '../policy-file/mistake.ts';
import { pointerOf } from '../policy-file/pointer.ts';
import { readYaml, type YamlFile } from '../policy-file/read-yaml.ts';
import { type CaseFile, caseFileSchema } from './case-schema.ts';
import { caseVocabulary } from './case-vocabulary.ts';

export type ReadCases =
  | {
      readonly file: CaseFile;
      readonly mistakes: readonly [];
      /** `line:column` of a step of a case. */
      readonly placeOf: (at: number, step: number) => string;
    }
  | { readonly file: undefined; readonly mistakes: readonly PolicyMistake[] };

/** Reads countersign.test.yaml within the bounds of every file of a policy; every mistake at once. */
export function readCases(text: string, path: string): ReadCases {
  const { file, mistakes } = readYaml(text, path);
  if (file === undefined) return { file: undefined, mistakes: sortedMistakes(mistakes) };
  const shape = checkShape(caseFileSchema, file, caseVocabulary);
  if (shape.data === undefined) return { file: undefined, mistakes: sortedMistakes(shape.mistakes) };
  const playable = stepsThatDoNotPlay(file, shape.data);
  if (playable.length > 0) return { file: undefined, mistakes: sortedMistakes(playable) };
  return {
    file: shape.data,
    mistakes: [],
    placeOf: (at, step) => {
      const { line, column } = nearestPlace(file, pointerOf(['cases', at, 'steps', step])).value;
      return `${line}:${column}`;
    },
  };
}

const actions = [
  'ask',
  'break_glass',
  'review',
  'judge',
  'open',
  'end',
  'withdraw',
  'ticket',
  'wait',
] as const;

/** Each step is one thing that somebody does, so that what is expected belongs to it. */
function stepsThatDoNotPlay(file: YamlFile, { cases }: CaseFile): readonly PolicyMistake[] {
  return cases.flatMap(({ steps }, at) =>
    steps.flatMap((step, index) => {
      const done = actions.filter((action) => step[action] !== undefined);
      if (done.length === 1) return [];
      const place = nearestPlace(file, pointerOf(['cases', at, 'steps', index])).value;
      const what =
        done.length === 0
          ? 'Nothing is done in this step'
          : `This step does several things (${done.join(', ')})`;
      const example =
        'Example: `- { ask: { by: ada, entitlement: orders-look }, expect: { status: approved } }`.';
      return [
        mistakeAt(
          place,
          'step-does-one-thing',
          `${what}: what should come of it could belong to none. ${example}`,
        ),
      ];
    }),
  );
}

/** Names of the cast that mean nothing in the policy, told where they stand. */
export function castMistakes(
  text: string,
  path: string,
  cases: CaseFile,
  policy: Policy,
): readonly PolicyMistake[] {
  const { file } = readYaml(text, path);
  if (file === undefined) return [];
  const at = (steps: readonly (string | number)[]) => nearestPlace(file, pointerOf(steps)).value;
  return Object.entries(cases.who).flatMap(([nick, who]) => {
    if ('workload' in who) {
      const known = Object.keys(policy.workloads);
      return known.includes(who.workload)
        ? []
        : [
            mistakeAt(
              at(['who', nick, 'workload']),
              'names-are-of-the-policy',
              unknown('workload', who.workload, known),
            ),
          ];
    }
    return who.groups.flatMap((group, index) => {
      const message = groupMistake(policy, group, who.id);
      return message === undefined
        ? []
        : [mistakeAt(at(['who', nick, 'groups', index]), 'names-are-of-the-policy', message)];
    });
  });
}

function groupMistake(policy: Policy, name: string, id: string | undefined): string | undefined {
  const group = own(policy.groups, name);
  if (group === undefined) return unknown('group', name, Object.keys(policy.groups));
  if (group.people === undefined) return undefined;
  if (group.people.some(({ person }) => person === id)) return undefined;
  const [first] = group.people;
  return `\`${name}\` lists its people, and this is none of them. Give the id it lists: \`{ groups: [${name}], id: ${first?.person} }\`.`;
}

const unknown = (what: string, name: string, known: readonly string[]): string =>
  `The policy has no ${what} \`${name}\`.${suggestion(name, known)} Example: \`groups: [${known[0] ?? 'engineers'}]\`.`;
