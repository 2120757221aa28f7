/** On every page: moments in the visitor's own time, what still runs counted down, commands copied. */
import './tab-state.ts';
import { sayAgo, sayLeft, sayLength, sayOver } from '../said.ts';

const all = (selector: string): readonly HTMLElement[] => [
  ...document.querySelectorAll<HTMLElement>(selector),
];

const time = { hour: '2-digit', minute: '2-digit' } as const;

/** Made when the first moment is told: it takes a slow phone longer than all else here. */
const localFormats = () => ({
  time: new Intl.DateTimeFormat(undefined, time),
  day: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', ...time }),
});
let formats: ReturnType<typeof localFormats> | undefined;

/** `04:14 · 03:14 UTC`: the log's own time stays beside the visitor's. */
function showLocal(element: HTMLElement): void {
  const at = new Date(element.getAttribute('datetime') ?? '');
  if (Number.isNaN(at.getTime()) || at.getTimezoneOffset() === 0 || element.dataset['shown'] !== undefined)
    return;
  const isToday = at.toDateString() === new Date().toDateString();
  element.dataset['shown'] = 'local';
  formats ??= localFormats();
  element.prepend(`${(isToday ? formats.time : formats.day).format(at)} · `);
}

const momentOf = (element: HTMLElement): number => Date.parse(element.getAttribute('datetime') ?? '');

function countDown(element: HTMLElement): void {
  const seconds = Math.ceil((momentOf(element) - Date.now()) / 1000);
  const said =
    seconds <= 0
      ? sayOver
      : sayLeft(
          seconds < 600
            ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
            : sayLength(seconds),
        );
  if (element.textContent !== said) element.textContent = said;
}

function tick(): void {
  for (const element of all('[data-until]')) countDown(element);
  for (const element of all('[data-ago]')) {
    const said = sayAgo(element.getAttribute('datetime') ?? '', Date.now());
    if (element.textContent !== said) element.textContent = said;
  }
}

async function copy(button: HTMLElement): Promise<void> {
  const { copiedText = '' } = button.dataset;
  await navigator.clipboard.writeText(button.parentElement?.querySelector('code')?.textContent ?? '');
  const before = button.textContent;
  button.textContent = copiedText;
  setTimeout(() => {
    button.textContent = before;
  }, 2_000);
}

const showMoments = (): void => {
  for (const element of all('[data-moment]')) showLocal(element);
};

/** Where one is, among pages whose names a phone has no room for side by side. */
function showPlace(): void {
  const [here] = all('.top [aria-current]');
  const list = here?.closest('ul');
  if (here === undefined || list == null) return;
  list.scrollLeft = here.offsetLeft - list.offsetLeft - (list.clientWidth - here.offsetWidth) / 2;
}

showPlace();
showMoments();
tick();
setInterval(tick, 1_000);
// Another island added some.
addEventListener('countersign:moments', showMoments);
for (const button of all('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', () => void copy(button));
}
/** A second tap sends nothing twice. */
for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    setTimeout(() => {
      if (event.defaultPrevented) return;
      for (const button of form.querySelectorAll('button')) button.disabled = true;
    });
  });
}
/** What is shown this once: it is no part of what a browser keeps of a page that was left. */
const once = document.querySelector<HTMLElement>('[data-once]');
addEventListener('pagehide', () => once?.replaceChildren());
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  // Fetched again, what a form answered would be sent again.
  if (once === null) location.reload();
  else location.replace(once.dataset['once'] ?? '/');
});
