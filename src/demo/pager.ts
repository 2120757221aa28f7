import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

/** A team's pager in the demo: it believes what the broker signed, and nothing else. */
export interface Pager {
  readonly url: string;
  /** `whsec_` and base64, as the broker is configured with it. */
  readonly secret: string;
  /** The first page of this type about this request. @throws Error when none comes within ten seconds */
  page(type: string, request: string): Promise<Page>;
  stop(): Promise<void>;
}

export interface Page {
  readonly type: string;
  readonly group: string | null;
  readonly request: string | null;
}

const MOST_WAITS = 200;
const WAIT_MS = 50;
const MOST_BYTES = 65_536;

export async function startPager(): Promise<Pager> {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const webhook = new Webhook(secret);
  const pages: Page[] = [];
  const server = createServer((request, response) => {
    const answer = (status: number) => void response.writeHead(status).end();
    bodyOf(request)
      .then((body) => pages.push(pageOf(webhook.verify(body, headersOf(request)))))
      .then(
        () => answer(204),
        () => answer(400),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/pages`,
    secret,
    async page(type, request) {
      for (let wait = 0; wait < MOST_WAITS; wait++) {
        const found = pages.find((page) => page.type === type && page.request === request);
        if (found !== undefined) return found;
        await pause(WAIT_MS);
      }
      throw new Error(`no page of ${type} about ${request} came`);
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function pageOf(verified: unknown): Page {
  const { type, data } = verified as { type: string; data: { group: string | null; request?: string } };
  return { type, group: data.group, request: data.request ?? null };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const piece of request) {
    text += String(piece);
    if (text.length > MOST_BYTES) throw new Error('longer than any page');
  }
  return text;
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
