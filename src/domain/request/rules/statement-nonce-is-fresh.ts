import type { Rule } from '../../rule.ts';

/** A statement names its request, so only that request's own history has to be searched. */
export const statementNonceIsFresh: Rule<{
  readonly statement: { readonly nonce: string };
  readonly nonces: readonly string[];
}> = {
  name: 'statement-nonce-is-fresh',
  refuses: ({ statement, nonces }) =>
    nonces.includes(statement.nonce) ? 'This signature was used before. Decide anew.' : undefined,
};
