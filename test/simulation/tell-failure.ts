import type { Run } from './run.ts';
import type { Step } from './script.ts';

/** A run in sentences, with what it broke and how to have it again. */
export function tellFailure(
  original: { readonly seed: number; readonly steps: number },
  shrunk: Run,
): string {
  const { seed, steps } = original;
  return [
    `The shortest story in which it still happens (${shrunk.script.length} things happen):`,
    ...shrunk.story.map((line) => `  ${line}`),
    'What it breaks:',
    ...shrunk.violations.slice(0, 5).map(({ law, why }) => `  ${law}: ${why}`),
    `To have the whole run again: npm run simulate -- --seed ${seed} --steps ${steps} --trace`,
    `Its seed and script, for a test in test/simulation/found.test.ts: ${seed}`,
    `  ${JSON.stringify(shrunk.script.map(written))}`,
  ].join('\n');
}

const written = ({ action, seed, moves }: Step): readonly [string, number, number | null] => [
  action,
  seed,
  moves,
];

/** A script as `tellFailure` writes it. */
export const scriptFrom = (steps: readonly (readonly [string, number, number | null])[]): readonly Step[] =>
  steps.map(([action, seed, moves]) => ({ action, seed, moves }));
