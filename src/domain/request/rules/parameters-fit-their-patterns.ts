import { parametersMisfit } from '../../policy/parameters.ts';
import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';

export const parametersFitTheirPatterns: Rule<SubmitContext> = {
  name: 'parameters-fit-their-patterns',
  refuses: ({ rule, asked }) => parametersMisfit(rule?.parameters, asked.parameters),
};
