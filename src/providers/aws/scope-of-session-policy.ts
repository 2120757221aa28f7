import { z } from 'zod';
import type { AskedPermission } from '../../domain/policy/narrow.ts';

const listed = z.array(z.string().min(1)).min(1);

/** Nothing but Allow, of actions on resources, within time and regions: `NotAction`, `Principal` and the like are more. */
const policy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z
    .array(
      z.strictObject({
        Effect: z.literal('Allow'),
        Action: listed,
        Resource: listed,
        Condition: z.strictObject({
          DateLessThan: z.strictObject({ 'aws:CurrentTime': z.iso.datetime() }),
          StringEquals: z.strictObject({ 'aws:RequestedRegion': listed }),
        }),
      }),
    )
    .min(1),
});

/**
 * What a session policy allows, read from the text that will be sent and from nothing else: every action of a statement
 * on every resource of it. undefined when it is not of the form that we write.
 */
export function scopeOfSessionPolicy(text: string): readonly AskedPermission[] | undefined {
  const read = policy.safeParse(parsed(text)).data;
  return read?.Statement.flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => Resource.map((resource) => ({ action, resource }))),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
