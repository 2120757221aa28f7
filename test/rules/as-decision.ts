import { Failure } from '../../src/domain/errors.ts';
import type { Judgement } from '../../src/domain/judgement.ts';
import { firstBroken, type Rule } from '../../src/domain/rule.ts';

/** Rules that are asked without a decision of their own, as one that yields nothing. */
export const asDecision =
  <Input>(all: readonly Rule<Input>[]) =>
  (input: Input, rules: readonly Rule<Input>[] = all): Judgement => {
    const broken = firstBroken(rules, input);
    return broken === undefined
      ? { events: [] }
      : { events: [], refusal: new Failure('refused-by-rule', broken.because, { rule: broken.rule }) };
  };
