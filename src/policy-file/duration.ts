/** Days, hours, minutes, in that order, each once, none of them zero: `30m`, `1h30m`, `90d`. */
export const durationPattern = /^(?=[1-9])(?:[1-9]\d{0,2}d)?(?:[1-9]\d{0,3}h)?(?:[1-9]\d{0,4}m)?$/;

const secondsIn = { d: 86_400, h: 3_600, m: 60 } as const;

/** Seconds, at least 60; undefined when the text is not such a duration. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) {
    return undefined;
  }
  const amount = (unit: keyof typeof secondsIn) =>
    Number(new RegExp(`(\\d+)${unit}`).exec(text)?.[1] ?? 0) * secondsIn[unit];
  return amount('d') + amount('h') + amount('m');
}
