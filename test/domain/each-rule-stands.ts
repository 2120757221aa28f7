import { expect, test } from 'vitest';
import type { Judgement } from '../../src/domain/judgement.ts';
import { told } from './story.ts';

/**
 * A case that one rule forbids: refused under its name, and let through when that rule alone is taken out. `otherwise`
 * is what says no then, for the few that cannot be sound in any other way.
 */
export type Case<Input> = readonly [what: string, rule: string, input: Input, otherwise?: string];

/**
 * Each rule of the array is taken out in turn: a case must notice. every-rule.test.ts demands this for every array of
 * rules in the domain.
 */
export function eachRuleStands<Input, R extends { readonly name: string }>(
  decision: string,
  rules: readonly R[],
  sound: Input,
  decide: (input: Input, rules?: readonly R[]) => Judgement,
  cases: readonly Case<Input>[],
): void {
  test(`${decision}: the sound case goes through`, () => {
    expect(told(decide(sound)).refusal).toBeUndefined();
  });

  const named = cases.map(([what, name, input, otherwise]) => ({ what, name, input, otherwise }));

  test.each(named)(`${decision}: $what is refused by $name`, ({ name, input }) => {
    expect(told(decide(input)).refusal).toBe(name);
  });

  test.each(named)(
    `${decision}: $what is refused by nothing else than $name`,
    ({ name, input, otherwise }) => {
      const without = rules.filter((one) => one.name !== name);
      expect(without.length).toBeLessThan(rules.length);
      expect(told(decide(input, without)).refusal).toBe(otherwise);
    },
  );

  // By its place, not its name: two rules may share a name, and each must be missed.
  test.each(rules.map(({ name }, place) => ({ name, place })))(
    `${decision}: a case notices when $name is taken out`,
    ({ name, place }) => {
      const without = rules.toSpliced(place, 1);
      const noticed = cases.filter(
        ([, of, input]) => of === name && told(decide(input, without)).refusal !== name,
      );
      expect(noticed.map(([what]) => what)).not.toEqual([]);
    },
  );
}
