import { goOnLooking } from './log-search.ts';
import { scrollLog, type TableParts } from './log-table.ts';
import { type FoundFault, verifyPanel } from './verify-panel.ts';

/** The log page's script: the table scrolls through the whole log, and the log is verified here. */
function begin(): void {
  const log = document.querySelector<HTMLElement>('[data-log]');
  const panel = document.querySelector<HTMLElement>('[data-verify]');
  if (log === null || panel === null) return;
  const parts = partsOf(log);
  const size = Number(log.dataset['size']);
  const isWhole = log.dataset['whole'] !== undefined && size > 0;
  const scroller = isWhole ? scrollLog(parts, size) : undefined;
  const older = log.querySelector<HTMLAnchorElement>('[data-older]');
  if (older !== null && isWhole) older.remove();
  else if (older !== null) goOnLooking(parts, older);
  const show = (seq: number): void => {
    if (scroller === undefined) location.href = `/log/${seq}`;
    else scroller.show(seq);
  };
  goToEntries(log, parts, show, () => scroller?.newest(), isWhole);
  verifyPanel(panel, (fault) => {
    tellBroken(fault);
    scroller?.mark(fault.seq, fault);
    scroller?.show(fault.seq);
  });
}

function partsOf(log: HTMLElement): TableParts {
  const part = <E extends HTMLElement>(name: string): E => {
    const found = log.querySelector<E>(`[data-${name}]`);
    if (found === null) throw new Error(`the page has no ${name}`);
    return found;
  };
  return {
    window: part('window'),
    track: part('track'),
    table: part('table'),
    body: part('rows'),
    looking: part('looking'),
    newer: part<HTMLButtonElement>('newer'),
  };
}

function goToEntries(
  log: HTMLElement,
  parts: TableParts,
  show: (seq: number) => void,
  newest: () => void,
  isWhole: boolean,
): void {
  const form = log.querySelector<HTMLFormElement>('[data-goto]');
  const field = form?.querySelector<HTMLInputElement>('input');
  const back = form?.querySelector<HTMLButtonElement>('[data-newest]');
  if (form === null || field === null || field === undefined || back === null || back === undefined) return;
  form.hidden = false;
  back.hidden = !isWhole;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    show(Number(field.value));
  });
  back.addEventListener('click', newest);
  parts.newer.addEventListener('click', newest);
}

/** Above the table, in words: a red cell alone would be seen by some only. */
function tellBroken({ why }: FoundFault): void {
  const place = document.querySelector('[data-broken]');
  const note = document.createElement('p');
  note.className = 'warning';
  note.textContent = `✕ ${why.replace(/^[✗?] /, '')}`;
  place?.replaceChildren(note);
}

begin();
