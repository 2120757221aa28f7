import { createServer, type Server, Socket } from 'node:net';

/** Where the connection breaks in the next large message of a client: before it, in it, or after it, before the answer. */
export type Cut = 'before' | 'half-way' | 'before-the-answer';

/** Stands between a broker and its database, and cuts the wire at a chosen moment. */
export interface CuttingProxy {
  /** The same database, by this way. */
  readonly url: string;
  /** Once, at the next message of a client that is at least `bytes` long. */
  cutNext(at: Cut, bytes: number): void;
  /** How often it has cut. */
  readonly cuts: () => number;
  close(): Promise<void>;
}

/** What is said on the way in other words of the same length. */
export interface Retold {
  readonly answers?: (piece: Buffer) => Buffer;
  readonly questions?: (piece: Buffer) => Buffer;
}

const asItIs = (piece: Buffer): Buffer => piece;

export async function startCuttingProxy(
  databaseUrl: string,
  { answers = asItIs, questions = asItIs }: Retold = {},
): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  let armed: { readonly at: Cut; readonly bytes: number } | undefined;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const database = new Socket().connect(Number(target.port), target.hostname);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        database.end();
      });
    }
    database.on('data', (piece) => void client.write(answers(piece)));
    client.on('data', (piece) => {
      if (armed === undefined || piece.length < armed.bytes) {
        database.write(questions(piece));
        return;
      }
      const { at } = armed;
      armed = undefined;
      cuts++;
      if (at === 'before-the-answer') database.write(piece, () => client.destroy());
      else if (at === 'half-way') database.write(piece.subarray(0, piece.length / 2), () => client.destroy());
      else client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const url = new URL(databaseUrl);
  url.port = String(address.port);
  return {
    url: url.href,
    cutNext: (at, bytes) => {
      armed = { at, bytes };
    },
    cuts: () => cuts,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
