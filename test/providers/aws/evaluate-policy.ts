/** The part of IAM's language that a session policy of ours may use; anything else in a document throws. */
export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
    readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  }[];
}

export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly region: string | undefined;
  readonly nowMs: number;
}

/**
 * Whether a document allows a call, as IAM decides it: actions in any case, resources in theirs, all
 * conditions at once.
 */
export function allows(policy: PolicyDocument, call: Call): boolean {
  return policy.Statement.some(({ Effect, Action, Resource, Condition }) => {
    if (Effect !== 'Allow') throw new Error(`a statement that is no Allow: ${Effect}`);
    return (
      Action.some((pattern) => matchesPattern(pattern.toLowerCase(), call.action.toLowerCase())) &&
      Resource.some((pattern) => matchesPattern(pattern, call.resource)) &&
      Object.entries(Condition).every(([operator, keys]) =>
        Object.entries(keys).every(([key, value]) => isMet(operator, key, [value].flat(), call)),
      )
    );
  });
}

/** IAM's wildcards, by recursion rather than by regular expression: `*` is any run, `?` any one character. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first === '*') {
    return matchesPattern(rest, text) || (text !== '' && matchesPattern(pattern, text.slice(1)));
  }
  return text !== '' && (first === '?' || first === text[0]) && matchesPattern(rest, text.slice(1));
}

function isMet(operator: string, key: string, values: readonly string[], call: Call): boolean {
  if (operator === 'DateLessThan' && key === 'aws:CurrentTime') {
    return values.some((value) => call.nowMs < Date.parse(value));
  }
  if (operator === 'StringEquals' && key === 'aws:RequestedRegion') {
    return call.region !== undefined && values.includes(call.region);
  }
  throw new Error(`a condition that was not expected: ${operator} ${key}`);
}
