import { dirname, join } from 'node:path';
import type { PolicyMistake } from '../../policy-file/mistake.ts';
import type { CliContext } from '../context.ts';
import { AlreadyTold } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { findingLines, readLocalFile, readLocalPolicy } from './local-policy.ts';

interface Told {
  readonly file: string;
  readonly name: string;
  readonly at: string;
  readonly passed: boolean;
  readonly expected: string | null;
  readonly got: string | null;
}

/** Plays the cases of each file against the policy beside it: offline, by the broker's own rules. */
export async function rehearsePolicy(context: CliContext, files: readonly string[]): Promise<void> {
  const told: Told[] = [];
  for (const file of files) told.push(...(await rehearseFile(context, file)));
  const failed = told.filter(({ passed }) => !passed);
  context.output.result({ passed: told.length - failed.length, failed: failed.length, cases: told }, [
    ...told.flatMap(caseLines),
    `${told.length - failed.length} of ${told.length} cases as expected`,
  ]);
  if (failed.length > 0) throw new AlreadyTold(exitCode.failure);
}

function caseLines({ file, name, at, passed, expected, got }: Told): readonly string[] {
  return passed
    ? [`✓ ${printable(name)}`]
    : [
        `✗ ${printable(name)}`,
        `  ${printable(file)}:${at}`,
        `  expected  ${printable(expected ?? '')}`,
        `  got       ${printable(got ?? '')}`,
      ];
}

async function rehearseFile(context: CliContext, file: string): Promise<readonly Told[]> {
  // Loaded when it is needed: the other commands start without the broker's code.
  const { castMistakes, readCases } = await import('../../rehearsal/read-cases.ts');
  const { runCases } = await import('../../rehearsal/run-cases.ts');
  const text = readLocalFile(context, file);
  const read = readCases(text, file);
  if (read.file === undefined) throw toldMistakes(context, read.mistakes);
  const policyFile = join(dirname(file), read.file.policy ?? 'countersign.yaml');
  const { policy, findings } = await readLocalPolicy(context, policyFile);
  if (policy === undefined) throw toldMistakes(context, findings);
  const unknown = castMistakes(text, file, read.file, policy);
  if (unknown.length > 0) throw toldMistakes(context, unknown);
  const results = await runCases(policy, read.file);
  return results.map(({ name, failed }, at) => ({
    file,
    name,
    at: read.placeOf(at, failed?.step ?? 0),
    passed: failed === null,
    expected: failed?.expected ?? null,
    got: failed?.got ?? null,
  }));
}

function toldMistakes({ output }: CliContext, mistakes: readonly PolicyMistake[]): AlreadyTold {
  const findings = mistakes.map((mistake) => ({ severity: 'error' as const, ...mistake }));
  output.result({ findings }, findingLines(findings));
  return new AlreadyTold(exitCode.usage);
}
