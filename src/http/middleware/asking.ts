import { createMiddleware } from 'hono/factory';
import type { Broker } from '../../app/broker.ts';
import { refuseMoreThanAsk } from '../../app/person/refuse-more-than-ask.ts';
import type { HttpEnv } from '../parts.ts';

/** What a sign-in that may only ask is for; whatever is not listed is refused. */
const ASKING: readonly (readonly [method: string, path: RegExp])[] = [
  ['GET', /^\/v1\/me$/],
  ['GET', /^\/v1\/catalog$/],
  ['GET', /^\/v1\/requests(?:\/[^/]+(?:\/timeline)?)?$/],
  ['POST', /^\/v1\/requests$/],
  ['POST', /^\/v1\/requests\/[^/]+\/withdrawal$/],
  ['GET', /^\/v1\/grants(?:\/[^/]+)?$/],
  ['GET', /^\/v1\/sign-ins$/],
  ['POST', /^\/v1\/sign-out$/],
];

/** Before anything is looked up for the call; what is decided asks the log again. */
export const withinSignIn = (broker: Broker) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const caller: HttpEnv['Variables']['caller'] | undefined = c.get('caller');
    if (caller?.kind === 'human' && caller.signedIn.mayOnlyAsk) {
      const { method, path } = c.req;
      const isAsking = ASKING.some(([verb, pattern]) => verb === method && pattern.test(path));
      if (!isAsking) await refuseMoreThanAsk(broker, caller.actor, method !== 'GET');
    }
    await next();
  });
