import { isIPv6 } from 'node:net';
import { createMiddleware } from 'hono/factory';
import type { Clock } from '../../app/ports.ts';
import { BoundedMap } from '../../app/sequencer/bounded-map.ts';
import { Failure } from '../../domain/errors.ts';
import type { HttpEnv, Limit } from '../parts.ts';

const MOST_KEYS = 20_000;

/** A bucket that was not touched for long is full again, so the map may forget it. */
export function tokenBuckets({ burst, perSecond }: Limit, clock: Pick<Clock, 'monotonicMs'>) {
  const buckets = new BoundedMap<string, { readonly left: number; readonly atMs: number }>(MOST_KEYS);
  /** false: there is nothing left for this key now. */
  return (key: string): boolean => {
    const nowMs = clock.monotonicMs();
    const before = buckets.get(key) ?? { left: burst, atMs: nowMs };
    const left = Math.min(burst, before.left + ((nowMs - before.atMs) / 1000) * perSecond);
    buckets.set(key, { left: left < 1 ? left : left - 1, atMs: nowMs });
    return left >= 1;
  };
}

/** Calls that come before anybody is recognised count by address. Callers without one share a bucket. */
export function limitByAddress(limit: Limit, clock: Pick<Clock, 'monotonicMs'>) {
  const take = tokenBuckets(limit, clock);
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (!take(networkOf(c.get('address')))) throw tooMany();
    await next();
  });
}

/** After authentication: one person, whatever address they call from. */
export function limitByPerson(limit: Limit, clock: Pick<Clock, 'monotonicMs'>) {
  const take = tokenBuckets(limit, clock);
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (!take(c.get('caller').actor.person)) throw tooMany();
    await next();
  });
}

/** Whoever has one address of IPv6 has its /64. */
function networkOf(address: string | null): string {
  if (address === null || !isIPv6(address)) return address ?? '';
  const [left = '', right] = address.toLowerCase().split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...(right === undefined ? [] : zeros), ...after].slice(0, 4).join(':');
}

const tooMany = (): Failure =>
  new Failure('too-many-requests', 'Too many calls in a short time.', {
    mend: 'Wait a minute, then try again.',
  });
