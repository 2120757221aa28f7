/** `15 min`, `1 h 30 min`, `1 min 30 s`: nothing is rounded, because this is what somebody signs. */
export function sayDuration(seconds: number): string {
  const parts = [
    { amount: Math.floor(seconds / 3600), unit: 'h' },
    { amount: Math.floor((seconds % 3600) / 60), unit: 'min' },
    { amount: seconds % 60, unit: 's' },
  ].filter(({ amount }) => amount > 0);
  return parts.length === 0 ? '0 s' : parts.map(({ amount, unit }) => `${amount} ${unit}`).join(' ');
}

/** The clock on the wall: `03:31`; with its day when that is not the day of `nowMs`. */
export function sayMoment(time: string, nowMs: number): string {
  const at = new Date(time);
  const clock = `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
  return dayOf(at) === dayOf(new Date(nowMs)) ? clock : `${dayOf(at)} ${clock}`;
}

const dayOf = (at: Date): string =>
  `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;

const twoDigits = (value: number): string => String(value).padStart(2, '0');
