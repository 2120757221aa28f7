import type { Child } from 'hono/jsx';

/** What the reference stands in: no script, one stylesheet, a title. */
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
