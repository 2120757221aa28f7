import { z } from 'zod';
import { policyFileSchema } from './file-schema.ts';

/**
 * JSON Schema (2020-12) of countersign.yaml for editors, as text. It says less than the parser and lint do.
 */
export function policyJsonSchemaText(): string {
  const schema = z.toJSONSchema(policyFileSchema, { io: 'input' });
  return `${JSON.stringify({ title: 'countersign.yaml', ...schema }, null, 2)}\n`;
}
