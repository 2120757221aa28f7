import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openBrowser } from '../account/open-browser.ts';
import type { CliContext } from '../context.ts';

/** A browser that has to be started first takes its time. */
const WAITS_MS = 30_000;

/**
 * Opens a secret address in the browser. A browser is given its address on its command line, which every user of the
 * machine can read: so it is given one of ours, which leads to the secret one once and is then gone.
 * @returns whether a browser came for it; else the address was given to nobody
 */
export async function handToBrowser({ surroundings, output }: CliContext, secret: string): Promise<boolean> {
  const path = `/${randomBytes(32).toString('base64url')}`;
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is never text
  let timer: NodeJS.Timeout | undefined;
  const taken = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), WAITS_MS);
    server.on('request', (request, response) => {
      const isOurs = isVisit(request, host, path) && server.listening;
      // No second visit is answered, not even on a connection that is there.
      if (isOurs) server.close();
      response.writeHead(isOurs ? 303 : 404, {
        ...(isOurs ? { location: secret } : {}),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        connection: 'close',
      });
      response.end(() => isOurs && resolve(true));
    });
  });
  const opened = await openBrowser(surroundings, `http://${host}${path}`);
  if (opened) output.progress('your browser should open now');
  const came = opened && (await taken);
  clearTimeout(timer);
  server.close();
  server.closeIdleConnections();
  return came;
}

/** Under another name a page elsewhere could reach us by rebinding its own. */
const isVisit = ({ method, url, headers }: IncomingMessage, host: string, path: string): boolean =>
  method === 'GET' && headers.host === host && url === path;
