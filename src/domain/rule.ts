import type { RuleName } from './rules.ts';

/** One sentence that must hold. `refuses` gives what to tell the person when it does not, else undefined. Pure. */
export interface Rule<Context> {
  readonly name: RuleName;
  refuses(context: Context): string | undefined;
}

export interface Broken {
  readonly rule: RuleName;
  readonly because: string;
}

/** The first broken rule; the array's order is the order in which a person would want to hear it. */
export function firstBroken<Context>(rules: readonly Rule<Context>[], context: Context): Broken | undefined {
  for (const rule of rules) {
    const because = rule.refuses(context);
    if (because !== undefined) return { rule: rule.name, because };
  }
  return undefined;
}
