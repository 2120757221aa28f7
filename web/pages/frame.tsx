import type { Child } from 'hono/jsx';
import { text } from '../text.ts';

/** Where a page's stylesheet and scripts are, under names that change with their bytes. */
export interface Assets {
  readonly style: string;
  /** undefined: this installation was built without it; the page works, less lively. */
  script(name: IslandName): string | undefined;
}

/** The pieces that a browser runs; one entry file each in `web/islands/`. */
export type IslandName = 'page' | 'live' | 'passkey' | 'log' | 'verify';

/** Who looks at a page. */
export interface Visitor {
  readonly person: string;
  readonly name: string;
  readonly isOverseer: boolean;
  readonly isAdministrator: boolean;
  /** What every form of theirs sends back, so that no other site's form counts as theirs. */
  readonly formToken: string;
}

export interface Frame {
  /** null: nobody is signed in. */
  readonly visitor: Visitor | null;
  readonly assets: Assets;
  readonly nowMs: number;
}

export type Place = 'home' | 'ask' | 'access' | 'log' | 'catalog' | 'people' | 'policy' | 'account';

/** What every page stands in: one stylesheet, no inline script or style, the pages that this visitor may open. */
export const PageFrame = (shown: {
  readonly frame: Frame;
  readonly title: string;
  readonly place?: Place;
  readonly islands?: readonly IslandName[];
  /** What it shows changes by itself: fetched again when somebody comes back to its tab. */
  readonly refreshes?: boolean;
  readonly children: Child;
}) => {
  const { frame, title, place, islands = [] } = shown;
  const { refreshes = place === 'home' || place === 'access' } = shown;
  // What a page is for runs before what every page has.
  const scripts = [...islands, 'page' as const].map((name) => frame.assets.script(name));
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${text.brand}`}</title>
        <link rel="stylesheet" href={frame.assets.style} />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        {scripts.map((src) => (src === undefined ? null : <script type="module" src={src} />))}
      </head>
      <body>
        <a class="skip" href="#main">
          {text.skip}
        </a>
        <Top visitor={frame.visitor} place={place} />
        <p class="offline" role="status" data-offline hidden>
          {text.offline}
        </p>
        <p class="sr" role="status" data-waiting={text.waiting} />
        <main id="main" tabindex={-1} {...(refreshes ? { 'data-refreshes': true } : {})}>
          {shown.children}
        </main>
      </body>
    </html>
  );
};

const Top = ({ visitor, place }: { readonly visitor: Visitor | null; readonly place: Place | undefined }) => (
  <header class="top">
    <a class="brand" href="/">
      <Mark />
      {text.brand}
    </a>
    {visitor === null ? null : (
      <>
        <nav aria-label={text.nav.label}>
          <ul>
            {placesOf(visitor).map(({ name, href }) => (
              <li>
                <a href={href} {...(name === place ? { 'aria-current': 'page' } : {})}>
                  {text.nav[name]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <a class="me" href="/account" {...(place === 'account' ? { 'aria-current': 'page' } : {})}>
          <span class="initials" aria-hidden="true">
            {initialsOf(visitor.name)}
          </span>
          <span class="name">{visitor.name}</span>
        </a>
      </>
    )}
  </header>
);

const PLACES: readonly { readonly name: Place; readonly href: string; readonly for: 'all' | 'overseer' }[] = [
  { name: 'home', href: '/', for: 'all' },
  { name: 'ask', href: '/ask', for: 'all' },
  { name: 'access', href: '/access', for: 'all' },
  { name: 'catalog', href: '/catalog', for: 'all' },
  { name: 'people', href: '/people', for: 'all' },
  { name: 'log', href: '/log', for: 'overseer' },
  { name: 'policy', href: '/policy', for: 'all' },
];

const placesOf = (visitor: Visitor) => PLACES.filter((place) => place.for === 'all' || visitor.isOverseer);

const initialsOf = (name: string): string =>
  name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();

/** Two strokes under one line: asked, and signed beneath. */
const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d="M12 2.5 20 5.6v5.9c0 5-3.4 8.4-8 10-4.6-1.6-8-5-8-10V5.6z" />
    <path d="m8.4 11.8 2.6 2.6 4.8-5.2" />
  </svg>
);

/** As text for an answer. */
export const pageText = async (page: unknown): Promise<string> => `<!doctype html>${String(await page)}`;
