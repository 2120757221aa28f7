/**
 * A request's timeline, followed from entry to entry. The browser itself asks again after a lost connection and says, in
 * `Last-Event-ID`, which entry it had last; everything shown is built from JSON, never from markup.
 */
import { sayEntry, sayEntryWhole, sayUtc } from '../said.ts';

interface Item {
  readonly entry: number;
  readonly at: string;
  readonly sentence: string;
}

const article = document.querySelector<HTMLElement>('[data-live]');
const list = document.querySelector<HTMLElement>('[data-timeline]');
const state = document.querySelector<HTMLElement>('[data-live-state]');

function rowOf({ entry, at, sentence }: Item): HTMLElement {
  const row = document.createElement('li');
  row.dataset['entry'] = String(entry);
  row.className = 'new';
  const number = document.createElement('span');
  number.className = 'entry';
  number.title = sayEntryWhole(entry);
  number.textContent = sayEntry(entry);
  const said = document.createElement('span');
  said.className = 'said';
  said.textContent = sentence;
  const time = document.createElement('time');
  time.dateTime = at;
  time.dataset['moment'] = '';
  time.textContent = sayUtc(at, Date.now());
  row.append(number, said, time);
  return row;
}

/** What the entries changed beside the list is the server's to say: fetched once they have come to rest. */
let refreshing: ReturnType<typeof setTimeout> | undefined;

function refreshSoon(): void {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => location.reload(), 1_500);
}

function add(item: Item): void {
  if (list === null || list.querySelector(`[data-entry="${item.entry}"]`) !== null) return;
  list.append(rowOf(item));
  dispatchEvent(new Event('countersign:moments'));
  refreshSoon();
}

const lastEntry = (): string => {
  const rows = list?.querySelectorAll<HTMLElement>('[data-entry]') ?? [];
  return [...rows].at(-1)?.dataset['entry'] ?? '-1';
};

function follow(address: string): EventSource {
  const source = new EventSource(address);
  const say = (name: 'liveText' | 'lostText') => {
    if (state !== null) state.textContent = state.dataset[name] ?? '';
  };
  source.addEventListener('open', () => say('liveText'));
  source.addEventListener('error', () => say('lostText'));
  source.addEventListener('entry', (event) => add(JSON.parse(event.data) as Item));
  source.addEventListener('over', () => source.close());
  return source;
}

const address = article?.dataset['live'];
let source: EventSource | undefined;

/** A tab that nobody looks at asks nothing, and keeps nobody signed in. */
function followWhileSeen(): void {
  source?.close();
  source = address === undefined || document.hidden ? undefined : follow(`${address}?after=${lastEntry()}`);
}

followWhileSeen();
document.addEventListener('visibilitychange', followWhileSeen);
