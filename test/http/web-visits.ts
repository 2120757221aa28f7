import { findWebSignIn } from '../../src/app/person/web-sign-in-rows.ts';
import { maskedToken } from '../../src/http/middleware/form-token.ts';
import { type Browser, newBrowser, type Page } from './browser.ts';
import type { World } from './harness.ts';

/** On loopback: without the prefix that needs TLS. */
export const COOKIE = 'countersign';

const BY_SCRIPT = { accept: 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };

/** What tests do in browsers of one world. */
export function webVisits(world: () => World) {
  const at = (path: string): string => `${world().url}${path}`;
  const cookieOf = (browser: Browser): string => browser.cookie(world().url, COOKIE) ?? '';

  async function signedIn(username: string, browser = newBrowser()): Promise<Browser> {
    await browser.signIn(at('/sign-in/with/corp?return_to=/docs'), username);
    return browser;
  }

  /** What a form of that sign-in carries, masked as for one more answer. */
  const formTokenOf = async (browser: Browser): Promise<string> => {
    const { broker } = world();
    const found = await findWebSignIn(broker, cookieOf(browser));
    return found === undefined ? '' : maskedToken(broker.random, found.formToken);
  };

  /** As a script of our own pages calls. */
  async function island(
    browser: Browser,
    method: 'GET' | 'POST',
    path: string,
    more: { readonly headers?: Readonly<Record<string, string>>; readonly json?: unknown } = {},
  ): Promise<Page> {
    const token = { 'x-form-token': await formTokenOf(browser) };
    const json = more.json === undefined ? {} : { 'content-type': 'application/json' };
    return browser.call(at(path), {
      method,
      headers: { ...BY_SCRIPT, ...token, ...json, ...more.headers },
      ...(more.json === undefined ? {} : { body: JSON.stringify(more.json) }),
    });
  }

  /** What the API says of who they are; its status where it says nothing. */
  async function whoIs(browser: Browser): Promise<string | number> {
    const page = await island(browser, 'GET', '/v1/me');
    return page.status === 200 ? String(JSON.parse(page.text).display_name) : page.status;
  }

  /** The newest entry of a type. */
  async function newest(type: string) {
    const { store } = world().broker;
    for (let before = (await store.head())?.size ?? 0; before > 0; before--) {
      for await (const bytes of store.entries(before - 1, before)) {
        const entry = JSON.parse(Buffer.from(bytes).toString('utf8'));
        if (entry.type === `countersign.${type}.v1`) return entry;
      }
    }
    throw new Error(`no ${type}`);
  }

  return { at, cookieOf, signedIn, formTokenOf, island, whoIs, newest };
}
