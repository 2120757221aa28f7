import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A program that takes webhooks on loopback, and answers as a test says. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Status of the answers to come; 'hang': none. */
  answer: number | 'hang';
  /** Where a redirect leads. */
  location: string | undefined;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((call, response) => {
    const chunks: Buffer[] = [];
    call.on('data', (chunk: Buffer) => chunks.push(chunk));
    call.on('end', () => {
      received.push({ headers: call.headers, body: Buffer.concat(chunks).toString('utf8') });
      if (receiver.answer === 'hang') return;
      const { location } = receiver;
      response
        .writeHead(receiver.answer, location === undefined ? {} : { location })
        .end('a body of no concern');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer: 204,
    location: undefined,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
