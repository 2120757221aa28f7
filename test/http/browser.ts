import { request } from 'node:http';

const MOST_STEPS = 12;

/** What a page answered, read to its end. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Visit {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * As much of a browser as a sign-in needs: cookies by origin, redirects, forms, and what it says of where a call comes
 * from. No script runs in it.
 */
export interface Browser {
  /** One call, without following where it leads; from one's own site, unless `headers` say otherwise. */
  call(url: string, visit?: Visit): Promise<Page>;
  /** A link that was followed: whatever redirects come, to the last page. */
  open(url: string, visit?: Visit): Promise<Page>;
  /** Through the pages of the demo identity provider, picking one person; to the page after. */
  signIn(from: string, username: string): Promise<Page>;
  cookie(url: string, name: string): string | undefined;
  setCookie(url: string, name: string, value: string): void;
  /** Every cookie of that origin. */
  forget(url: string): void;
}

const OWN = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

export function newBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string): Map<string, string> => {
    const { origin } = new URL(url);
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };
  async function call(url: string, visit: Visit = {}): Promise<Page> {
    const jar = jarOf(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const method = visit.method ?? (visit.form === undefined ? 'GET' : 'POST');
    const origin = method === 'GET' ? {} : { origin: new URL(url).origin };
    const form = visit.form === undefined ? undefined : new URLSearchParams(visit.form).toString();
    const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = { ...OWN, ...origin, ...type, accept: 'text/html', cookie, ...visit.headers };
    const page = await send(url, method, headers, form ?? visit.body);
    remember(jar, page.headers.getSetCookie());
    return page;
  }
  async function open(url: string, visit: Visit = {}): Promise<Page> {
    let page = await call(url, visit);
    for (let step = 0; step < MOST_STEPS; step++) {
      const location = page.headers.get('location');
      if (location === null) return page;
      page = await call(new URL(location, page.url).href);
    }
    throw new Error('redirected in circles');
  }
  return {
    call,
    open,
    async signIn(from, username) {
      const login = await open(from);
      const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(login.text) ?? [];
      if (action === '') throw new Error(`no page to sign in on: ${login.status} ${login.text}`);
      return open(new URL(action, login.url).href, { form: { username } });
    },
    cookie: (url, name) => jarOf(url).get(name),
    forget: (url) => jarOf(url).clear(),
    setCookie: (url, name, value) => void jarOf(url).set(name, value),
  };
}

/** By hand: `fetch` says for itself where a call comes from. What is empty is not sent. */
function send(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Promise<Page> {
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers: sent }, (answer) => {
      const lines = answer.rawHeaders;
      const received = new Headers();
      for (let at = 0; at < lines.length; at += 2) received.append(lines[at] ?? '', lines[at + 1] ?? '');
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({
          url,
          status: answer.statusCode ?? 0,
          headers: received,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    call.once('error', reject);
    call.end(body);
  });
}

function remember(jar: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /;\s*max-age=0/i.test(line)) jar.delete(name);
    else jar.set(name, value);
  }
}

/** What a page's form carries. */
export const formTokenIn = ({ text }: Page): string =>
  /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
