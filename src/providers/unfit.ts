import { Failure } from '../domain/errors.ts';

/** The refusal of `Provider.prepare`. Both texts are sentences for people; neither may hold a secret. */
export function unfit(message: string, mend: string): Failure {
  return new Failure('refused-by-rule', message, { rule: 'session-fits-the-provider', mend });
}
