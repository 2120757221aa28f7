import type { z } from 'zod';
import type { Sealer } from '../app/ports.ts';

/** JSON under the sealing key. */
export function sealJson(sealer: Sealer, value: z.core.util.JSONType, associated: string): Uint8Array {
  return sealer.seal(Buffer.from(JSON.stringify(value), 'utf8'), associated);
}

/** @throws when it was sealed for something else, changed, or has another form */
export function openJson<Value>(
  sealer: Sealer,
  schema: z.ZodType<Value>,
  sealed: Uint8Array,
  associated: string,
): Value {
  return schema.parse(JSON.parse(Buffer.from(sealer.open(sealed, associated)).toString('utf8')));
}
