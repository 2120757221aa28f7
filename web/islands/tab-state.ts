/** What becomes of a page in its tab: it is offline, it is left for one that takes its time, it has grown old. */

const banner = (): HTMLElement | null => document.querySelector<HTMLElement>('[data-offline]');

function tellOffline(): void {
  const told = banner();
  if (told !== null) told.hidden = navigator.onLine;
}

/** A form that goes nowhere would take what was typed with it. */
function keepWhileOffline(event: Event): void {
  if (navigator.onLine) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  tellOffline();
  banner()?.scrollIntoView();
}

/** Shorter waits are none: a page that flickers reads as slower than one that stands. */
const WAIT_MS = 300;
/** By then it was given up, or the browser itself has said so. */
const GIVEN_UP_MS = 10_000;
let waits: readonly ReturnType<typeof setTimeout>[] = [];

function stopWaiting(): void {
  for (const timer of waits) clearTimeout(timer);
  sayWaiting(false);
}

function sayWaiting(isWaiting: boolean): void {
  const main = document.querySelector('main');
  const said = document.querySelector<HTMLElement>('[data-waiting]');
  if (main === null || said === null) return;
  main.ariaBusy = isWaiting ? 'true' : null;
  said.textContent = isWaiting ? (said.dataset['waiting'] ?? '') : '';
}

function wait(): void {
  stopWaiting();
  waits = [setTimeout(() => sayWaiting(true), WAIT_MS), setTimeout(stopWaiting, GIVEN_UP_MS)];
}

/** Another page in this very tab; not a part of this one, and not a file to keep. */
function leavesPage({ ctrlKey, metaKey, shiftKey, altKey, button }: MouseEvent, link: HTMLAnchorElement) {
  const isPlain = button === 0 && !ctrlKey && !metaKey && !shiftKey && !altKey;
  const [here] = location.href.split('#');
  const isElsewhere = link.hash === '' || link.href.split('#')[0] !== here;
  return isPlain && isElsewhere && link.target === '' && !link.hasAttribute('download');
}

/** Looked at again after so long, a page shows what stood then. */
const OLD_MS = 60_000;

/** It is fetched again, unless somebody has typed into it: what they then send is compared with what stands. */
function refreshWhenOld(): void {
  if (document.querySelector('main[data-refreshes]') === null) return;
  let hiddenSinceMs: number | undefined;
  let isTouched = false;
  addEventListener('input', () => {
    isTouched = true;
  });
  document.addEventListener('visibilitychange', () => {
    const outOfSightMs = hiddenSinceMs === undefined ? 0 : Date.now() - hiddenSinceMs;
    hiddenSinceMs = document.hidden ? Date.now() : undefined;
    if (outOfSightMs >= OLD_MS && !isTouched && navigator.onLine) location.reload();
  });
}

tellOffline();
addEventListener('online', tellOffline);
addEventListener('offline', tellOffline);
addEventListener('submit', keepWhileOffline, true);
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link !== null && !event.defaultPrevented && leavesPage(event, link)) wait();
});
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') stopWaiting();
});
addEventListener('pageshow', stopWaiting);
refreshWhenOld();
