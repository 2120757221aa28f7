import type { Context } from 'hono';
import { Failure } from '../domain/errors.ts';
import type { HttpEnv, HttpParts } from './parts.ts';

/**
 * Whoever comes by a browser's cookie gets credentials only where the configuration has it so: from a page, or by a
 * script that calls the API.
 * @throws Failure `not-found`
 */
export function requireSessionsInBrowsers(
  c: Context<HttpEnv>,
  parts: Pick<HttpParts, 'sessionsInBrowsers'>,
): void {
  const caller = c.get('caller');
  const isBrowser = caller.kind === 'human' && caller.formToken !== null;
  if (!isBrowser || parts.sessionsInBrowsers === true) return;
  throw new Failure('not-found', 'This broker opens no sessions in browsers.', {
    mend: 'Use the command line: `countersign exec`.',
  });
}
