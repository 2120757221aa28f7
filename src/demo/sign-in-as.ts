const MOST_STEPS = 10;

/**
 * Walks the demo identity provider's pages as a browser would, picking one person.
 * @param authorizationUrl where the broker sends a person's browser
 * @returns where the provider sends the browser at the end: the broker's callback, with code and state
 * @throws Error when the provider shows something else than its list of people, or a redirect to elsewhere
 */
export async function signInAs(authorizationUrl: string, username: string): Promise<string> {
  const { origin } = new URL(authorizationUrl);
  const cookies = new Map<string, string>();
  let at = authorizationUrl;
  let form: URLSearchParams | null = null;
  for (let step = 0; step < MOST_STEPS; step++) {
    const response: Response = await fetch(at, {
      method: form === null ? 'GET' : 'POST',
      body: form,
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    remember(cookies, response.headers.getSetCookie());
    const location = response.headers.get('location');
    const page = await response.text();
    if (location !== null) {
      at = new URL(location, at).href;
      form = null;
      if (new URL(at).origin !== origin) return at;
    } else if (response.status === 200 && form === null && page.includes('name="username"')) {
      form = new URLSearchParams({ username });
    } else {
      throw new Error(`the demo identity provider did not sign ${username} in (status ${response.status})`);
    }
  }
  throw new Error('the demo identity provider sends us in circles');
}

/** Names and values are enough here: every cookie is the provider's own, and no sign-in outlives the call. */
function remember(cookies: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
    if (value === '') cookies.delete(name);
    else cookies.set(name, value);
  }
}
