import { describe, expect, test } from 'vitest';
import { run } from './run.ts';
import { spoilt } from './sabotages.ts';
import { scriptOf } from './script.ts';
import { shrink } from './shrink.ts';
import { tellFailure } from './tell-failure.ts';

/** Within so many seeds each must be noticed: whoever passes these finds such a mistake the same way. */
const SEEDS = 200;

describe('a spoilt broker is noticed, by the model itself', () => {
  test.each(spoilt)('$name', { timeout: 240_000 }, async ({ sabotage, noticedBy }) => {
    const noticed: string[] = [];
    for (let seed = 1; seed <= SEEDS && noticed.length === 0; seed++) {
      const { violations } = await run(scriptOf(seed), { seed, steps: 800, sabotage });
      noticed.push(...violations.map(({ law }) => law).filter((law) => noticedBy.includes(law)));
    }
    expect(noticedBy).toContain(noticed[0]);
  });
});

test('what is noticed is told as its shortest story, with what repeats it', {
  timeout: 240_000,
}, async () => {
  const sabotage = { swallowsLetters: true };
  const steps = 300;
  const failing = await run(scriptOf(1), { seed: 1, steps, sabotage });
  const shortest = await shrink(failing, { seed: 1, sabotage });
  expect(shortest.violations[0]?.law).toBe('what-was-told-arrived');
  expect(shortest.script.length).toBeLessThanOrEqual(2);
  const told = tellFailure({ seed: 1, steps }, shortest);
  expect(told).toContain('npm run simulate -- --seed 1 --steps 300 --trace');
  for (const { action } of shortest.script) expect(told).toContain(action);
});
