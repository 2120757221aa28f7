import { catalogue, type EventType } from '../domain/events.ts';
import type { AuditedEntry } from './audited-entry.ts';
import { compileSchema, type Fits } from './compile-schema.ts';

const compiled: ReadonlyMap<string, Fits> = new Map(
  Object.entries(catalogue).map(([type, { schema }]) => [type, compileSchema(schema)]),
);

/** Why an entry is none of the catalogue; undefined: it is one, and its data are those of its type. */
export function catalogueMisfit({ type, data }: Pick<AuditedEntry, 'type' | 'data'>): string | undefined {
  const fits = compiled.get(type);
  if (fits === undefined) return `${type} is no known type`;
  if (fits(data)) return undefined;
  // Only zod can say where; and what it lets pass, passes.
  const parsed = catalogue[type as EventType].schema.safeParse(data); // a key of the catalogue, seen just above
  if (parsed.success) return undefined;
  const [issue] = parsed.error.issues;
  return `${type}: /${issue?.path.join('/') ?? ''} ${issue?.message ?? ''}`;
}
