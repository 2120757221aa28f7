import { logText, sayCount } from '../log-text.ts';
import { rowElement } from './log-row.ts';
import { findRows } from './log-rows.ts';
import type { TableParts } from './log-table.ts';

/** Goes on where the page ended, until something fits: each answer looks at some thousands of entries only. */
export function goOnLooking(parts: TableParts, older: HTMLAnchorElement): void {
  let isLooking = false;
  older.addEventListener('click', (event) => {
    event.preventDefault();
    if (!isLooking) void look();
  });

  async function look(): Promise<void> {
    isLooking = true;
    older.setAttribute('aria-disabled', 'true');
    try {
      await lookOn();
    } catch {
      parts.looking.textContent = logText.table.failed;
    } finally {
      isLooking = false;
      older.removeAttribute('aria-disabled');
    }
  }

  async function lookOn(): Promise<void> {
    const query = new URL(older.href).searchParams;
    for (;;) {
      parts.looking.textContent = logText.table.looking(sayCount(Number(query.get('before'))));
      const { rows, next } = await findRows(query);
      parts.body.append(...rows.map((row) => rowElement(row.seq, row, undefined)));
      if (next === null || next === 0) return end(rows.length);
      query.set('before', String(next));
      older.href = `/log?${query}`;
      if (rows.length > 0) return say('');
    }
  }

  function end(found: number): void {
    older.remove();
    say(found === 0 ? logText.table.lookedTo('0') : '');
  }

  function say(words: string): void {
    parts.looking.textContent = words;
    dispatchEvent(new Event('countersign:moments'));
  }
}
