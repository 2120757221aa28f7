import type { Context } from 'hono';
import type { Broker } from '../app/broker.ts';
import type { Idempotency } from '../app/prepared.ts';
import type { Actor } from '../domain/actor.ts';
import { Failure } from '../domain/errors.ts';
import { hex, utf8 } from '../log/bytes.ts';
import type { Caller, HttpEnv } from './parts.ts';

/** Whoever is calling, by their token alone. */
export const actorOf = (c: Context<HttpEnv>): Actor => c.get('caller').actor;

/** @throws Failure `not-found` for a workload: what is for people only does not exist for it */
export function humanOf(c: Context<HttpEnv>): Extract<Caller, { kind: 'human' }> {
  const caller = c.get('caller');
  if (caller.kind === 'human') return caller;
  throw new Failure('not-found', 'This call is for people; a workload has no part in it.');
}

/** Scoped to person and route, so that nobody can meet, or guess, another's key. */
export function idempotencyOf(broker: Pick<Broker, 'hasher'>, c: Context<HttpEnv>): Idempotency | undefined {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new Failure('malformed-input', 'An Idempotency-Key is 1 to 200 visible ASCII characters.');
  }
  const scoped = utf8(`${actorOf(c).person}\n${c.req.method} ${c.req.path}\n${key}`);
  return { key: hex(broker.hasher.sha256(scoped)), digest: c.get('bodyDigest') };
}

/** @throws Failure `idempotency-key-needed`: a retry without one could open a second session */
export function neededIdempotencyOf(broker: Pick<Broker, 'hasher'>, c: Context<HttpEnv>): Idempotency {
  const given = idempotencyOf(broker, c);
  if (given !== undefined) return given;
  throw new Failure('idempotency-key-needed', 'Opening a session needs an Idempotency-Key header.', {
    mend: 'Send a fresh random one, and the same one again when the answer was lost.',
  });
}
