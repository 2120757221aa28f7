import { z } from 'zod';

const oneOrMore = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** The only form of session policy the broker sends; `NotAction`, `NotResource` and the like are refused here. */
const sessionPolicy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z
    .array(
      z.strictObject({
        Sid: z.string().optional(),
        Effect: z.enum(['Allow', 'Deny']),
        Action: oneOrMore,
        Resource: oneOrMore,
        Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
      }),
    )
    .min(1),
});
export type SessionPolicy = z.infer<typeof sessionPolicy>;

/** undefined: there is none, or none that could be judged. */
export function sessionPolicyOf(parameters: Readonly<Record<string, unknown>>): SessionPolicy | undefined {
  const text = parameters['policy'];
  if (typeof text !== 'string') return undefined;
  try {
    return sessionPolicy.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Milliseconds since 1970 after which nothing in it is allowed any more; undefined: some of it always is. */
export function latestInstant(policy: SessionPolicy): number | undefined {
  const ends = policy.Statement.filter(({ Effect }) => Effect === 'Allow').map(({ Condition }) => {
    const end = Condition?.['DateLessThan']?.['aws:CurrentTime'];
    return typeof end === 'string' ? Date.parse(end) : Number.NaN;
  });
  const latest = Math.max(...ends);
  return Number.isFinite(latest) ? latest : undefined;
}
