import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { json, routes } from '../route.ts';

const getHealth = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['Operation'],
  summary: 'Does the process answer?',
  responses: { 200: json('It does.', z.strictObject({ status: z.literal('ok') })) },
});

const readiness = z.strictObject({ status: z.enum(['ready', 'read-only']), reason: z.string().nullable() });

const getReadiness = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['Operation'],
  summary: 'Can it write?',
  responses: { 200: json('It can.', readiness), 503: json('It cannot; `reason` says why.', readiness) },
});

export const healthRoutes = (broker: Broker) =>
  routes()
    .openapi(getHealth, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(getReadiness, (c) => {
      const { writable, reason } = broker.sequencer.status();
      return writable
        ? c.json({ status: 'ready' as const, reason: null }, 200)
        : c.json({ status: 'read-only' as const, reason }, 503);
    });
