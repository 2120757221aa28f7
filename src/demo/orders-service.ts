import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scopeCovers } from '../domain/policy/narrow.ts';

/** A production service in the demo: it knows nobody, and asks the broker about each token it is shown. */
export interface OrdersService {
  readonly url: string;
  stop(): Promise<void>;
}

interface Introspected {
  readonly active: boolean;
  readonly permissions?: readonly Wanted[];
}

interface Wanted {
  readonly action: string;
  readonly resource: string;
}

/**
 * `DELETE /batches/N` needs `batches.delete` on `orders-export/batches/N`, and so on. 401 without a living grant, 403
 * outside its scope.
 */
export async function startOrdersService(parts: {
  readonly introspectionUrl: string;
  readonly target: string;
  readonly clientSecret: string;
}): Promise<OrdersService> {
  const server = createServer((request, response) => {
    const answer = (status: number, text: string) => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
    };
    judge(parts, request).then(
      ({ status, text }) => answer(status, text),
      () => answer(503, 'the broker could not be asked, so nothing is allowed'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function judge(
  parts: Parameters<typeof startOrdersService>[0],
  request: IncomingMessage,
): Promise<{ status: number; text: string }> {
  const token = /^Bearer ([\w.-]+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return { status: 401, text: 'no grant' };
  const told = await introspect(parts, token);
  if (!told.active) return { status: 401, text: 'revoked' };
  const wanted = wantedBy(request);
  if (wanted === undefined) return { status: 404, text: 'no such thing' };
  return scopeCovers(told.permissions ?? [], wanted.action, wanted.resource)
    ? { status: request.method === 'DELETE' ? 204 : 200, text: '' }
    : { status: 403, text: 'outside what was approved' };
}

function wantedBy(request: IncomingMessage): Wanted | undefined {
  const found = /^\/(batches|customers)\/([0-9]{1,9})$/.exec(request.url ?? '');
  if (found === null) return undefined;
  const [, kind, number] = found;
  const verb = request.method === 'DELETE' ? 'delete' : 'read';
  return { action: `${kind}.${verb}`, resource: `orders-export/${kind}/${number}` };
}

async function introspect(
  { introspectionUrl, target, clientSecret }: Parameters<typeof startOrdersService>[0],
  token: string,
): Promise<Introspected> {
  const basic = Buffer.from(`${encodeURIComponent(target)}:${encodeURIComponent(clientSecret)}`).toString(
    'base64',
  );
  const response = await fetch(introspectionUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }).toString(),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`introspection answered ${response.status}`);
  return (await response.json()) as Introspected;
}
