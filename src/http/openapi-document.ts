import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ErrorCode } from '../domain/errors.ts';
import type { HttpEnv } from './parts.ts';
import { problemKinds } from './problem.ts';

type Document = ReturnType<OpenAPIHono<HttpEnv>['getOpenAPI31Document']>;

/** Problems that any call can end in; a route lists what it adds to them. */
const EVERYWHERE: readonly ErrorCode[] = [
  'malformed-input',
  'too-large',
  'too-many-requests',
  'read-only',
  'store-unavailable',
  'internal',
];

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  rule: z.string().optional(),
  entry: z.int().optional(),
  mend: z.string().optional(),
  mistakes: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
  session: z.string().optional(),
  instance: z.string(),
});

const DESCRIPTION =
  'Just-in-time production access: asked for, signed by a colleague, ended on time, and recorded so that a stranger ' +
  'can check. People send `Authorization: DPoP <access token>` with a `DPoP` proof (RFC 9449); workloads send ' +
  '`Authorization: Bearer <token of their own issuer>`. Unknown fields are errors. A POST that creates takes an ' +
  '`Idempotency-Key`; the same key with the same body is answered as before. Problems are RFC 9457 documents.';

/** OpenAPI 3.1 of everything under `app`, with the problems of each call spelled out in one place. */
export function openApiDocument(
  app: OpenAPIHono<HttpEnv>,
  about: { readonly program: string; readonly publicUrl: string },
): Document {
  app.openAPIRegistry.register('Problem', problemSchema);
  app.openAPIRegistry.registerComponent('securitySchemes', 'person', { type: 'http', scheme: 'DPoP' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'workload', { type: 'http', scheme: 'bearer' });
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Countersign', version: about.program.split('/').at(-1) ?? '', description: DESCRIPTION },
    servers: [{ url: about.publicUrl }],
    security: [{ person: [] }, { workload: [] }],
  });
  for (const operations of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(operations)) addProblems(operation);
  }
  return document;
}

interface Operation {
  responses?: Record<string, unknown>;
  'x-problems'?: readonly ErrorCode[];
}

function addProblems(operation: Operation): void {
  const codes = [...(operation['x-problems'] ?? []), ...EVERYWHERE];
  operation['x-problems'] = codes;
  operation.responses = {
    ...operation.responses,
    default: {
      description: `A problem: ${codes.map((code) => `${code} (${problemKinds[code].status})`).join(', ')}.`,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  };
}
