import { createAdaptorServer } from '@hono/node-server';
import { pino } from 'pino';
import { assemble } from '../src/assemble.ts';
import type { Config } from '../src/config.ts';
import { httpApp } from '../src/http/app.ts';
import { httpParts } from '../src/http-parts.ts';
import { limits } from './lifecycle-config.ts';

/** One broker of bench/scale-lifecycles.ts in a process of its own; its clock is turned by the bench. */
export interface Begin {
  readonly config: Config;
  readonly data: string;
  readonly port: number;
}

export interface Turned {
  readonly aheadMs: number;
}

let aheadMs = 0;
const clock = { nowMs: () => Date.now() + aheadMs, monotonicMs: () => performance.now() + aheadMs };

process.on('message', async (message: Begin | Turned) => {
  if ('aheadMs' in message) aheadMs = message.aheadMs;
  else await serve(message);
  process.send?.('done');
});

async function serve({ config, data, port }: Begin): Promise<void> {
  const assembled = await assemble(config, data, ({ what, error }) => console.error(what, error ?? ''), {
    clock,
  });
  const parts = { ...httpParts(assembled, config, pino({ level: 'warn' })), limits };
  const server = createAdaptorServer({ fetch: httpApp(assembled.broker, parts).fetch });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  process.once('disconnect', async () => {
    server.close();
    await assembled.close();
    process.exit();
  });
}
