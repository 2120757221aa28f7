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
  /** One call, without following where it leads. A call of one's own site, unless `headers` say otherwise. */
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
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...OWN,
        ...origin,
        accept: 'text/html',
        ...(cookie === '' ? {} : { cookie }),
        ...visit.headers,
      },
      ...(visit.form === undefined ? {} : { body: new URLSearchParams(visit.form) }),
      ...(visit.body === undefined ? {} : { body: visit.body }),
    });
    remember(jar, response.headers.getSetCookie());
    return { url, status: response.status, headers: response.headers, text: await response.text() };
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
