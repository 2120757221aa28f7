import { z } from 'zod';
import { caseFileSchema } from './case-schema.ts';

/** JSON Schema (2020-12) of countersign.test.yaml for editors, as text. It says less than the reader does. */
export function caseJsonSchemaText(): string {
  const schema = z.toJSONSchema(caseFileSchema, { io: 'input' });
  return `${JSON.stringify({ title: 'countersign.test.yaml', ...schema }, null, 2)}\n`;
}
