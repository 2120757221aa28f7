import { describe, expect, test } from 'vitest';
import { run } from './run.ts';
import { spoilt } from './sabotages.ts';
import { scriptOf } from './script.ts';

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
