import { logText, sayCount } from '../log-text.ts';
import { type LinkFault, rowElement } from './log-row.ts';
import { rowSource } from './log-rows.ts';

/** The table's places in the page, as the server wrote them. */
export interface TableParts {
  /** What scrolls. */
  readonly window: HTMLElement;
  /** As high as all rows would be. */
  readonly track: HTMLElement;
  readonly table: HTMLElement;
  readonly body: HTMLElement;
  readonly looking: HTMLElement;
  readonly newer: HTMLButtonElement;
}

export interface LogScroller {
  show(seq: number): void;
  newest(): void;
  mark(seq: number, fault: LinkFault): void;
}

// Browsers give up between 17 and 33 million pixels; a longer log scrolls faster than its bar.
const MOST_PIXELS = 16_000_000;
/** Rows beyond each edge of what is seen. */
const MARGIN = 12;

/** All of the log in one table that scrolls, newest first: only what is seen, and a little beyond, exists. */
export function scrollLog(parts: TableParts, firstSize: number): LogScroller {
  const { window: view, track, table, body } = parts;
  const faults = new Map<number, LinkFault>();
  let size = firstSize;
  let known = firstSize;
  let isAsked = false;
  const source = rowSource(
    (now) => {
      known = Math.max(known, now);
      tellNewer();
      render(true);
    },
    () => {
      parts.looking.textContent = logText.table.failed;
    },
  );
  const rowHeight = Math.max(1, body.querySelector('tr')?.getBoundingClientRect().height ?? 44);
  const headHeight = table.querySelector('thead')?.getBoundingClientRect().height ?? 0;

  /** How many rows fit in what is seen, and the number, counted from the top, of the first. */
  function seen(): { readonly first: number; readonly count: number } {
    const count = Math.ceil(view.clientHeight / rowHeight);
    const room = Math.max(1, track.clientHeight - view.clientHeight);
    const isWhole = size * rowHeight <= MOST_PIXELS;
    const first = isWhole
      ? Math.floor(view.scrollTop / rowHeight)
      : Math.round((view.scrollTop / room) * Math.max(0, size - count + 1));
    return { first: Math.min(first, Math.max(0, size - 1)), count };
  }

  function render(isFresh: boolean): void {
    const { first, count } = seen();
    const [start, end] = [Math.max(0, first - MARGIN), Math.min(size, first + count + MARGIN)];
    const isWhole = size * rowHeight <= MOST_PIXELS;
    table.style.top = `${isWhole ? start * rowHeight : Math.max(0, view.scrollTop - (first - start) * rowHeight)}px`;
    const there = new Map(
      [...body.children].map((line) => [Number((line as HTMLElement).dataset['seq']), line]),
    );
    const lines: Element[] = [];
    for (let at = start; at < end; at++) lines.push(lineAt(at, isFresh ? undefined : there));
    put(lines);
    source.want(size - end, size - start);
  }

  function lineAt(at: number, there: ReadonlyMap<number, Element> | undefined): Element {
    const seq = size - 1 - at;
    const kept = there?.get(seq);
    if (kept !== undefined && !kept.classList.contains('coming')) return kept;
    const row = source.row(seq);
    const line = rowElement(seq, row, faults.get(seq));
    line.ariaRowIndex = String(at + 2);
    if (row === undefined) line.classList.add('coming');
    return line;
  }

  /** Lines that stay are not taken out, so that what has the focus keeps it. */
  function put(lines: readonly Element[]): void {
    const focused = document.activeElement?.closest('tr')?.dataset['seq'];
    const wanted = new Set(lines);
    for (const line of [...body.children]) if (!wanted.has(line)) line.remove();
    for (const [at, line] of lines.entries()) {
      if (body.children[at] !== line) body.insertBefore(line, body.children[at] ?? null);
    }
    if (focused !== undefined && document.activeElement === document.body)
      body.querySelector<HTMLElement>(`tr[data-seq="${focused}"] a`)?.focus({ preventScroll: true });
    dispatchEvent(new Event('countersign:moments'));
  }

  function tellNewer(): void {
    parts.newer.hidden = known <= size;
    parts.newer.textContent = logText.table.newer(sayCount(known - size));
  }

  function measure(): void {
    track.style.setProperty('--all-rows', `${Math.min(size * rowHeight, MOST_PIXELS) + headHeight}px`);
    table.ariaRowCount = String(size + 1);
  }

  function renderSoon(): void {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      render(false);
    });
  }

  function show(seq: number): void {
    const at = size - 1 - Math.min(Math.max(0, seq), size - 1);
    const room = Math.max(1, track.clientHeight - view.clientHeight);
    const { count } = seen();
    const isWhole = size * rowHeight <= MOST_PIXELS;
    view.scrollTop = isWhole
      ? Math.max(0, (at - 2) * rowHeight)
      : (Math.max(0, at - 2) / Math.max(1, size - count + 1)) * room;
    render(false);
    for (const line of body.querySelectorAll('.sought')) line.classList.remove('sought');
    const line = body.querySelector(`tr[data-seq="${size - 1 - at}"]`);
    line?.classList.add('sought');
    line?.querySelector('a')?.focus({ preventScroll: true });
  }

  view.classList.add('scrolls');
  measure();
  render(false);
  view.addEventListener('scroll', renderSoon, { passive: true });
  addEventListener('resize', renderSoon);

  return {
    show,
    newest() {
      size = known;
      source.forget();
      tellNewer();
      measure();
      view.scrollTop = 0;
      render(true);
    },
    mark(seq, fault) {
      faults.set(seq, fault);
      render(true);
    },
  };
}
