import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands before a Worker: it says who calls, whatever the caller says. */
export interface Edge {
  readonly url: string;
  /** Where requests go from now on. */
  passTo(worker: string): void;
  stop(): Promise<void>;
}

/** @param more headers that every request gets here */
export async function startEdge(more: () => Readonly<Record<string, string>>): Promise<Edge> {
  let worker: URL | undefined;
  const server = createServer((incoming, answer) => {
    if (worker === undefined) return void answer.writeHead(502).end();
    const headers = {
      ...incoming.headers,
      ...more(),
      'cf-connecting-ip': incoming.socket.remoteAddress ?? '',
      host: worker.host,
    };
    pass(incoming, answer, new URL(incoming.url ?? '/', worker), headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passTo: (given) => {
      worker = new URL(given);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pass(
  incoming: IncomingMessage,
  answer: ServerResponse,
  to: URL,
  headers: OutgoingHttpHeaders,
): void {
  const outgoing = request(to, { method: incoming.method ?? 'GET', headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on('error', () => answer.destroy());
  incoming.pipe(outgoing);
}
