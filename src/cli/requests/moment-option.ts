import { parseDuration } from '../../policy-file/duration.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';

const written = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?$/;
const HALF_HOUR_MS = 1_800_000;

/**
 * A start as it is typed: `+2h` from now, or a date and time: with `Z` or an offset that very moment, without one what
 * the clock of this machine shows then.
 * @returns milliseconds since 1970
 * @throws Ending `usage` for what names no moment, or two because the clocks are set back there
 */
export function momentAsked(text: string, nowMs: number): number {
  if (text.startsWith('+')) {
    const seconds = parseDuration(text.slice(1));
    if (seconds === undefined) throw unclear(`“${text}” is no span of time`);
    return nowMs + seconds * 1000;
  }
  const [, day, clock, seconds = '00', zone] = written.exec(text) ?? [];
  if (day === undefined || clock === undefined) throw unclear(`“${text}” is no date and time`);
  const local = `${day}T${clock}:${seconds}`;
  return zone === undefined ? momentHere(text, local) : momentThere(text, local, zone);
}

/** The one moment at which this machine's clock shows it. */
function momentHere(text: string, local: string): number {
  const atMs = Date.parse(local);
  if (Number.isNaN(atMs) || shownHere(atMs) !== local)
    throw unclear(`there is no ${text} on this machine’s clock`);
  // Clocks are set back by an hour; in one place by half of one.
  const isTwice = [-2, -1, 1, 2].some((steps) => shownHere(atMs + steps * HALF_HOUR_MS) === local);
  if (isTwice) throw unclear(`this machine’s clock shows ${text} twice`);
  return atMs;
}

function momentThere(text: string, local: string, zone: string): number {
  const asUtcMs = Date.parse(`${local}Z`);
  const atMs = Date.parse(`${local}${zone}`);
  const isReal = !Number.isNaN(atMs) && new Date(asUtcMs).toISOString().startsWith(local);
  if (!isReal) throw unclear(`there is no ${text}`);
  return atMs;
}

function shownHere(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

const unclear = (what: string): Ending =>
  new Ending(
    exitCode.usage,
    `The start is not clear: ${what}.`,
    'Write --start +2h, --start 2026-12-01T22:00 (this machine’s clock), or with an offset: 2026-12-01T22:00+01:00.',
  );
