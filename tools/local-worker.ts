import { resolve } from 'node:path';
import { unstable_startWorker } from 'wrangler';

export interface LocalWorker {
  readonly url: string;
  /** Stops workerd too. */
  stop(): Promise<void>;
}

/**
 * The Worker of `wrangler.toml` in workerd on loopback, without the network.
 * @param given.assets a directory of its own, as `writeWorkerAssets` makes it
 * @param given.persist the directory that stands for the platform's storage
 * @param given.entry another program than wrangler.toml's
 * @param given.port 0: any free one
 */
export async function startLocalWorker(given: {
  readonly secrets: Readonly<Record<string, string>>;
  readonly persist: string;
  readonly assets: string;
  readonly port: number;
  readonly entry?: string;
}): Promise<LocalWorker> {
  process.env['WRANGLER_SEND_METRICS'] = 'false';
  const bindings = Object.entries(given.secrets).map(
    ([name, value]) => [name, { type: 'secret_text' as const, value }] as const,
  );
  const worker = await unstable_startWorker({
    config: resolve('wrangler.toml'),
    ...(given.entry === undefined ? {} : { entrypoint: resolve(given.entry) }),
    assets: resolve(given.assets),
    bindings: Object.fromEntries(bindings),
    dev: {
      server: { hostname: '127.0.0.1', port: given.port },
      inspector: false,
      watch: false,
      persist: resolve(given.persist),
      // What goes wrong is told; requests are not.
      logLevel: 'error',
    },
  });
  await worker.ready;
  const url = String(await worker.url).replace(/\/$/, '');
  return { url, stop: () => worker.dispose() };
}
