import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { notFound } from '../../app/grant/find-grant.ts';
import { headOf, logEntries, logTile, namesInEntries } from '../../app/views/log-pages.ts';
import { requireLogReader } from '../../app/views/oversight.ts';
import { fromUtf8 } from '../../log/bytes.ts';
import { actorOf } from '../caller.ts';
import { list } from '../fields.ts';
import { json, problems, routes } from '../route.ts';

const getEntries = createRoute({
  method: 'get',
  path: '/v1/log/entries',
  tags: ['Log'],
  summary: 'Entries of the log, byte for byte',
  description: 'For auditors and administrators.',
  request: {
    query: z.strictObject({
      from: z.coerce
        .number()
        .int()
        .min(0)
        .max(2 ** 52)
        .default(0),
      limit: z.coerce.number().int().min(1).max(500).default(100),
      names: z.enum(['true', 'false']).default('false'),
    }),
  },
  responses: {
    200: json(
      '`bytes` is the entry as its exact text; `size` is how many there are in all; `names`, if asked for, what the people in them are called. Names are for reading: they are not in the log, and can be erased.',
      z.strictObject({
        items: list(z.strictObject({ seq: z.int(), bytes: z.string() })),
        size: z.int(),
        names: z.record(z.string(), z.string()).optional(),
      }),
    ),
  },
  ...problems('refused-by-rule'),
});

const getCheckpoint = createRoute({
  method: 'get',
  path: '/v1/log/checkpoint',
  tags: ['Log'],
  summary: 'The signed head of the log (C2SP tlog-checkpoint)',
  responses: { 200: { description: 'A signed note.', content: { 'text/plain': { schema: z.string() } } } },
  ...problems('refused-by-rule'),
});

const octets = (path: string, summary: string, description: string) => ({
  method: 'get' as const,
  path,
  tags: ['Log'],
  summary,
  responses: {
    200: {
      description,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  ...problems('not-found', 'refused-by-rule'),
});

export function logRoutes(broker: Broker) {
  const app = routes()
    .openapi(getEntries, async (c) => {
      await requireLogReader(broker, actorOf(c));
      const { from, limit, names } = c.req.valid('query');
      const page = await logEntries(broker, from, limit);
      if (names === 'false') return c.json(page, 200);
      return c.json({ ...page, names: await namesInEntries(broker, page.items) }, 200);
    })
    .openapi(getCheckpoint, async (c) => {
      await requireLogReader(broker, actorOf(c));
      const { checkpoint } = await headOf(broker);
      return c.text(fromUtf8(checkpoint), 200);
    });
  // Their paths have slashes of their own, which a described route cannot take.
  app.get('/v1/log/tile/:path{.+}', async (c) => {
    await requireLogReader(broker, actorOf(c));
    return octetsOf(await logTile(broker, c.req.path.slice('/v1/log/'.length)));
  });
  app.get('/v1/log/attachments/:digest', async (c) => {
    await requireLogReader(broker, actorOf(c));
    const [, hexadecimal] = /^(?:sha256:)?([0-9a-f]{64})$/.exec(c.req.param('digest')) ?? [];
    const found =
      hexadecimal === undefined ? undefined : await broker.store.attachment(`sha256:${hexadecimal}`);
    if (found === undefined) throw notFound('attachment');
    return octetsOf(found);
  });
  app.openAPIRegistry.registerPath(
    octets(
      '/v1/log/tile/{path}',
      'Tiles of hashes and bundles of entries (C2SP tlog-tiles)',
      'For example `tile/0/000`, `tile/entries/000.p/17`.',
    ),
  );
  app.openAPIRegistry.registerPath(
    octets(
      '/v1/log/attachments/{digest}',
      'A policy, its text, or a key set that entries name',
      'By `sha256:` and its hexadecimal digest.',
    ),
  );
  return app;
}

// In new memory of its own: the store's may be part of something larger.
const octetsOf = (content: Uint8Array): Response =>
  new Response(Uint8Array.from(content), { headers: { 'content-type': 'application/octet-stream' } });
