import type { Child } from 'hono/jsx';

/** What every page has: no script, one stylesheet, a title. */
export const Page = ({ title, children }: { readonly title: string; readonly children: Child }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title}</title>
      <link rel="stylesheet" href="/styles/docs.css" />
    </head>
    <body>{children}</body>
  </html>
);

/** As text for an answer. */
export const pageText = async (page: unknown): Promise<string> => `<!doctype html>${String(await page)}`;
