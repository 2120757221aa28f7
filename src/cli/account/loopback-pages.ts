/** What the browser shows when a sign-in comes back to this machine. Nothing of the call is repeated in them. */
export const signedInPage = page('You are signed in', 'Close this page and go back to the terminal.');
export const endedPage = page('That was used already', 'A sign-in ends once. Go back to the terminal.');
export const strayPage = page(
  'This is no sign-in we began',
  'Nothing was changed. Begin with <code>countersign login</code>.',
);

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <title>${title} · Countersign</title>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      <p>${text}</p>
    </main>
  </body>
</html>
`;
}
