import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { HttpEnv, HttpParts } from './parts.ts';
import { failureFor, problemAnswer, problemKinds } from './problem.ts';

/** Whatever was thrown becomes a problem. What is our fault is logged whole; the caller is shown its id. */
export const answerError =
  (publicUrl: string, logger: HttpParts['logger']): ErrorHandler<HttpEnv> =>
  (error, c) => {
    if (error instanceof HTTPException && error.res !== undefined) return error.res;
    reportOurs(logger)(error, c.get('requestId'));
    return problemAnswer(c, publicUrl, failureFor(error));
  };

/** What is our fault, whole, under the id that the caller is shown. */
export const reportOurs =
  (logger: HttpParts['logger']) =>
  (error: unknown, requestId: string): void => {
    const failure = failureFor(error);
    if (problemKinds[failure.code].status < 500) return;
    logger.error({ request_id: requestId, code: failure.code, error: told(error) }, failure.message);
  };

const MOST_CAUSES = 4;

/** Messages and stacks, cause by cause; never properties, where libraries keep requests and answers. */
function told(error: unknown, depth = 0): object | string {
  if (!(error instanceof Error)) return typeof error;
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    stack,
    ...(cause === undefined || depth >= MOST_CAUSES ? {} : { cause: told(cause, depth + 1) }),
  };
}
