/**
 * Words around numbers and moments: a part of the dictionary that stands apart, because the pieces that a browser runs need
 * it and nothing else of it.
 */

export const sayOver = 'over';
export const sayLeft = (duration: string): string => `${duration} left`;
export const sayEntry = (seq: number): string => `#${seq}`;
export const sayEntryWhole = (seq: number): string => `Entry ${seq} of the log`;

/** `1 grant`, `2 grants`. */
export function say(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `1 hour 30 minutes`; seconds only below a minute. */
export function sayLength(seconds: number): string {
  if (seconds < 60) return say(Math.max(0, Math.floor(seconds)), 'second', 'seconds');
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor((seconds % 86_400) / 3_600),
    Math.floor((seconds % 3_600) / 60),
  ];
  return [
    days === 0 ? '' : say(days, 'day', 'days'),
    hours === 0 ? '' : say(hours, 'hour', 'hours'),
    minutes === 0 ? '' : say(minutes, 'minute', 'minutes'),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** `30 min`, `1 h 30 min`: where there is little room. */
export function sayShortLength(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return [hours === 0 ? '' : `${hours} h`, minutes === 0 && hours > 0 ? '' : `${minutes} min`]
    .filter((part) => part !== '')
    .join(' ');
}

/** `a, b and c`. */
export function sayList(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `03:14 UTC`, with the day where it is another one than `nowMs` has. */
export function sayUtc(iso: string, nowMs: number): string {
  const at = new Date(iso);
  const time = `${iso.slice(11, 16)} UTC`;
  if (iso.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10)) return time;
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ''} ${at.getUTCFullYear()}, ${time}`;
}

/** `just now`, `4 minutes ago`. */
export function sayAgo(iso: string, nowMs: number): string {
  const seconds = Math.floor((nowMs - Date.parse(iso)) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3_600) return `${say(Math.floor(seconds / 60), 'minute', 'minutes')} ago`;
  if (seconds < 86_400) return `${say(Math.floor(seconds / 3_600), 'hour', 'hours')} ago`;
  return `${say(Math.floor(seconds / 86_400), 'day', 'days')} ago`;
}
