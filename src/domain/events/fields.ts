import { z } from 'zod';

// What the catalogue's fields are made of.

export const text = (most: number) => z.string().min(1).max(most);
export const id = text(80);
export const name = text(200);
export const seconds = z.int().min(1).max(31_536_000);
/** Milliseconds since 1970, UTC. */
export const time_ms = z.int().min(0);
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const access = z.enum(['read', 'write', 'destructive', 'credentials']);
export const permission = z.strictObject({ action: name, resource: text(2048), access });
export const scope = z.array(permission).min(1).max(1000);
export const groups = z.array(name).max(200);
/** A request becomes a grant for each person on each target: at most 50. */
export const people = z.array(id).min(1).max(20);
export const targets = z.array(name).min(1).max(20);

/** Who did it and how we know. `broker` acts for itself: timed work, what a cloud answered, recovery, start. */
export const by = z.union([
  z.strictObject({
    kind: z.enum(['human', 'workload']),
    person: id,
    sign_in: id.nullable(),
    claims_at_ms: time_ms.describe(
      'When the provider last told the groups; a decision says how old its facts were.',
    ),
  }),
  z.strictObject({ kind: z.literal('broker'), broker: id }),
  /** `server init` at the console of the machine, before anybody can sign in. */
  z.strictObject({ kind: z.literal('console') }),
]);

/** In every entry: the actor, the command that made it (several entries may share one), the program, the decision's time. */
export const base = { by, command: id, program: text(60), decided_at_ms: time_ms };
