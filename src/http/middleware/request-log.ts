import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { Clock, Random } from '../../app/ports.ts';
import { randomPool } from '../../app/sequencer/random-pool.ts';
import { base64url } from '../../log/bytes.ts';
import type { Caller, HttpEnv, HttpParts } from '../parts.ts';

/**
 * One line a call. The route's pattern stands for the path, and there is no query, header or body in it: a ticket's
 * name, a code of a sign-in or a token never gets there.
 */
export const requestLog = (logger: HttpParts['logger'], clock: Clock, random: Pick<Random, 'bytes'>) => {
  const pool = randomPool(random);
  return createMiddleware<HttpEnv>(async (c, next) => {
    const startMs = clock.monotonicMs();
    const id = `q-${base64url(pool.bytes(12))}`;
    c.set('requestId', id);
    c.header('x-request-id', id);
    await next();
    // Not there on public routes, and where nobody was recognised.
    const caller: Caller | undefined = c.get('caller');
    logger.info(
      {
        request_id: id,
        method: c.req.method,
        route: routeOf(c),
        status: c.res.status,
        milliseconds: Math.round((clock.monotonicMs() - startMs) * 10) / 10,
        address: c.get('address'),
        person: caller?.actor.person ?? null,
      },
      'request',
    );
  });
};

/** The last route that matched: the one that answered. */
const routeOf = (c: Context<HttpEnv>): string => routePath(c, -1);
