import type { DemoPerson } from './demo-person.ts';

const NOTICE =
  'Demo, not for production: no password is asked, and anybody who can open this page can be anybody.';

/** Everybody as a button. */
export function loginPage(uid: string, people: readonly DemoPerson[]): string {
  const buttons = people.map(
    ({ username, name, groups }) => `
      <li><button name="username" value="${asText(username)}">${asText(name)}</button>
        <small>${asText(username)}, in ${asText(groups.join(', ') || 'no group')}</small></li>`,
  );
  return page(
    'Who are you today?',
    `<form method="post" action="/interaction/${asText(uid)}"><ul>${buttons.join('')}
    </ul></form>`,
  );
}

/** @param form of the provider's own making; a button sends it by its name */
export function signOutPage(form: string): string {
  const button = '<p><button form="op.logoutForm" name="logout" value="yes">Sign out</button></p>';
  return page('Sign out here too?', `${form}${button}`);
}

export const signedOutPage = (): string => page('You are signed out', '<p>Nobody is signed in here now.</p>');

export function errorPage(code: string, description: string): string {
  return page('That did not work', `<p>${asText(description)} (${asText(code)})</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${asText(title)} (demo identity provider)</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
      ul { list-style: none; padding: 0 } li { margin: .75rem 0 }
      button { font: inherit; padding: .5rem 1rem; min-width: 12rem; margin-inline-end: .75rem }
      .notice { border: 2px solid; padding: .75rem 1rem; font-weight: 600 }
    </style>
  </head>
  <body>
    <main>
      <h1>${asText(title)}</h1>
      <p class="notice">${NOTICE}</p>
      ${body}
    </main>
  </body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const asText = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
