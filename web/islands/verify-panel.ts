import type { Fault } from '../../src/log/verify-range.ts';
import { logText, sayCount } from '../log-text.ts';
import { sayUtc } from '../said.ts';
import type { VerifyNews, VerifyReport, VerifyRequest } from '../verify/messages.ts';
import { startWorker, VERIFY_SCRIPT } from '../verify/start-worker.ts';
import { forget, keep, readKept, sizeOf } from './kept-checkpoint.ts';
import type { LinkFault } from './log-row.ts';

const words = logText.verify;
const MOST_THREADS = 8;

export interface FoundFault extends LinkFault {
  readonly seq: number;
}

/** The panel's live part: begins and ends a verification, and keeps checkpoints. */
export function verifyPanel(panel: HTMLElement, onFault: (fault: FoundFault) => void): void {
  const part = <E extends HTMLElement>(name: string): E => {
    const found = panel.querySelector<E>(`[data-${name}]`);
    if (found === null) throw new Error(`the page has no ${name}`);
    return found;
  };
  const [start, stop, keepIt, forgetIt] = [
    part<HTMLButtonElement>('start'),
    part<HTMLButtonElement>('stop'),
    part<HTMLButtonElement>('keep'),
    part<HTMLButtonElement>('forget'),
  ];
  const [said, count, progress, verdicts] = [part('said'), part('count'), part('progress'), part('verdicts')];
  const bar = progress.querySelector('progress');
  let worker: Worker | undefined;
  let last: VerifyReport | undefined;

  function tellKept(): void {
    const kept = readKept();
    part('kept').textContent =
      kept === null ? words.keptNone : words.kept(sayCount(sizeOf(kept)), sayUtc(kept.at, Date.now()));
    forgetIt.hidden = kept === null;
  }

  function begin(): void {
    verdicts.hidden = true;
    keepIt.hidden = true;
    progress.hidden = false;
    stop.hidden = false;
    start.disabled = true;
    bar?.removeAttribute('value');
    said.textContent = words.starting;
    count.textContent = '';
    worker = startWorker(VERIFY_SCRIPT);
    worker.addEventListener('message', ({ data }: MessageEvent<VerifyNews>) => hear(data));
    worker.addEventListener('error', ({ message }) => failed(message === '' ? VERIFY_SCRIPT : message));
    worker.postMessage(requestOf(part<HTMLTextAreaElement>('held'), part<HTMLTextAreaElement>('policy')));
  }

  function hear(news: VerifyNews): void {
    if (news.tell === 'failure') failed(news.why);
    else if (news.tell === 'report') show(news.report);
    else {
      if (bar !== null) bar.value = news.size === 0 ? 1 : news.done / news.size;
      count.textContent =
        news.done === news.size ? words.judging : words.progress(sayCount(news.done), sayCount(news.size));
    }
  }

  function end(sentence: string): void {
    worker?.terminate();
    worker = undefined;
    progress.hidden = true;
    stop.hidden = true;
    start.disabled = false;
    start.textContent = words.again;
    count.textContent = '';
    said.textContent = sentence;
  }

  const failed = (why: string): void => end(`${words.failed(why)} ${words.failedNext}`);

  function show(report: VerifyReport): void {
    last = report;
    const milliseconds = (value: number): string => sayCount(Math.round(value));
    end(
      `${words.took(sayCount(report.size), milliseconds(report.wholeMs))} ${words.checking(milliseconds(report.checkingMs))}. ${keyWords()}`,
    );
    panel.dataset['wholeMs'] = String(report.wholeMs);
    panel.dataset['checkingMs'] = String(report.checkingMs);
    const fault = faultIn(report);
    verdicts.replaceChildren(
      ...verdictElements(report.text),
      ...(fault === undefined ? [] : [toFault(fault)]),
    );
    verdicts.hidden = false;
    keepIt.hidden = !report.isIntact;
    if (fault !== undefined) onFault(fault);
  }

  const keyWords = (): string => {
    if (part<HTMLTextAreaElement>('policy').value.trim() !== '') return '';
    return readKept() === null ? words.selfDeclared : words.keyKept;
  };

  function toFault(fault: FoundFault): HTMLElement {
    const place = document.createElement('dd');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = words.goTo(fault.seq);
    button.addEventListener('click', () => onFault(fault));
    place.append(button);
    return place;
  }

  start.addEventListener('click', begin);
  stop.addEventListener('click', () => end(words.stopped));
  keepIt.addEventListener('click', () => {
    if (last === undefined) return;
    keep({ checkpoint: last.checkpoint, logKey: last.logKey, at: new Date().toISOString() });
    keepIt.hidden = true;
    said.textContent = words.keepDone;
    tellKept();
  });
  forgetIt.addEventListener('click', () => {
    forget();
    tellKept();
  });
  tellKept();
  part('verify-live').hidden = false;
}

function requestOf(held: HTMLTextAreaElement, policy: HTMLTextAreaElement): VerifyRequest {
  const kept = readKept();
  // A text area gives no final newline where none was pasted; a signed note always ends in one.
  const pasted = held.value.trim() === '' ? [] : [`${held.value.trimEnd()}\n`];
  return {
    ask: 'verify',
    held: [...(kept === null ? [] : [kept.checkpoint]), ...pasted],
    logKey: kept?.logKey ?? null,
    policy: policy.value.trim() === '' ? null : policy.value,
    judges: true,
    threads: Math.min(Math.max(1, navigator.hardwareConcurrency), MOST_THREADS),
    nowMs: Date.now(),
  };
}

/** Where to look: an entry is bound by the one after it, so a changed one shows there. */
export function faultIn({ fault, atFault, text }: VerifyReport): FoundFault | undefined {
  if (fault === undefined) {
    if (atFault === undefined) return undefined;
    const why = lineOf(text, 'conformant');
    return { seq: atFault, expected: undefined, found: undefined, why };
  }
  return { ...placeOf(fault), why: lineOf(text, 'intact') };
}

function placeOf({ seq, reason, expected, found }: Fault): Omit<FoundFault, 'why'> {
  // There, "expected" is what the bytes before make, and "found" what the next entry says they made when it was written.
  if (reason === 'wrong-prev' && seq > 0) return { seq: seq - 1, expected: found, found: expected };
  return { seq, expected, found };
}

const lineOf = (text: string, verdict: string): string =>
  text
    .split('\n')
    .find((line) => line.startsWith(verdict))
    ?.replace(/^\S+\s+/, '') ?? '';

/** The report's lines, as the command line prints them: a verdict each, and remarks that stand further in. */
function verdictElements(text: string): HTMLElement[] {
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const [, name, sign, sentence] = /^(\w+) +([✓✗?]) (.*)$/s.exec(line) ?? [];
      if (name === undefined || sign === undefined) return [item('dd', 'remark', line.trim())];
      return [verdictTerm(name, sign), item('dd', '', sentence ?? '')];
    });
}

function verdictTerm(name: string, sign: string): HTMLElement {
  const term = item('dt', { '✓': 'good', '✗': 'bad' }[sign] ?? 'open', '');
  const glyph = item('span', '', sign);
  glyph.setAttribute('aria-hidden', 'true');
  const known: Readonly<Record<string, string>> = words.names;
  const meant: Readonly<Record<string, string>> = words.signs;
  term.append(glyph, ` ${known[name] ?? name}`, item('span', 'sr', `: ${meant[sign] ?? ''}`));
  return term;
}

function item(tag: string, name: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  if (name !== '') made.className = name;
  made.textContent = content;
  return made;
}
