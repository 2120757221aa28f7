import type { LogRow } from '../../src/app/views/log-table.ts';
import { logText, shortHash } from '../log-text.ts';
import { sayUtc } from '../said.ts';

/** What verifying found at an entry. */
export interface LinkFault {
  /** undefined where it is not a hash that is wrong. */
  readonly expected: string | undefined;
  readonly found: string | undefined;
  readonly why: string;
}

const { table } = logText;

/** A line of the table, or the place of one that is on its way; the same cells as `parts/log-rows.tsx` writes. */
export function rowElement(seq: number, row: LogRow | undefined, fault: LinkFault | undefined): HTMLElement {
  const line = document.createElement('tr');
  line.dataset['seq'] = String(seq);
  const broken = fault ?? brokenLink(row);
  if (broken !== undefined) line.classList.add('broken');
  line.append(
    cell('chain', row === undefined ? '' : chainCell(row, broken !== undefined)),
    cell('seq', link(seq)),
    cell('when', row === undefined || row.at === '' ? '' : moment(row.at)),
    cell('what', saidOf(row, broken)),
  );
  return line;
}

const brokenLink = (row: LogRow | undefined): LinkFault | undefined =>
  row === undefined || row.bound === null || row.bound === row.hash
    ? undefined
    : { expected: row.bound, found: row.hash, why: table.brokenNote(row.seq) };

function saidOf(row: LogRow | undefined, broken: LinkFault | undefined): HTMLElement {
  const place = element('div', 'said', row === undefined ? table.loading : '');
  if (row === undefined) return place;
  const said = row.sentence === '' ? table.unreadable : row.sentence;
  place.append(broken === undefined ? element('span', 'kind', row.kind) : brokenWords(broken), ' ', said);
  return place;
}

function brokenWords({ expected, found, why }: LinkFault): HTMLElement {
  if (expected === undefined || found === undefined) return element('strong', '', why);
  const words = element('strong', '', table.broken(shortHash(expected), shortHash(found)));
  words.title = `${expected} ≠ ${found}`;
  return words;
}

function chainCell({ hash }: LogRow, isBroken: boolean): HTMLElement {
  const shown = element('code', 'cell', shortHash(hash));
  shown.title = hash;
  if (isBroken) {
    const sign = element('span', '', '✕ ');
    sign.setAttribute('aria-hidden', 'true');
    shown.prepend(sign);
  }
  return shown;
}

function link(seq: number): HTMLElement {
  const anchor = document.createElement('a');
  anchor.href = `/log/${seq}`;
  anchor.textContent = `#${seq}`;
  return anchor;
}

function moment(at: string): HTMLElement {
  const time = document.createElement('time');
  time.dateTime = at;
  time.dataset['moment'] = '';
  time.textContent = sayUtc(at, Date.now());
  return time;
}

function cell(name: string, ...content: (Node | string)[]): HTMLElement {
  const made = document.createElement('td');
  made.className = name;
  made.append(...content);
  return made;
}

function element(tag: string, name: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  if (name !== '') made.className = name;
  made.textContent = content;
  return made;
}
