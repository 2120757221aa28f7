import type { AwakeHours } from '../policy.ts';

const HALF_HOUR_MS = 1_800_000;
const WEEK_SLOTS = 336;
const days: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** A stretch of the week with nobody awake; wraps over its end. */
export interface Gap {
  /** `fri 18:00`, in the time zone asked for. */
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
}

/**
 * When in the week that begins at `fromMs` nobody of these is awake, to the half hour, told in the time zone of the first.
 * Weeks differ where clocks change; the one at hand stands for them.
 */
export function gapsOf(awake: readonly AwakeHours[], fromMs: number): readonly Gap[] {
  const [first] = awake;
  if (first === undefined) return [];
  const startMs = fromMs - (fromMs % HALF_HOUR_MS);
  const clocks = awake.map((hours) => ({ hours, localAt: localClock(hours.time_zone) }));
  const asleep = Array.from({ length: WEEK_SLOTS }, (_, slot) =>
    clocks.every(({ hours, localAt }) => !isAwake(hours, localAt(startMs + slot * HALF_HOUR_MS))),
  );
  const localAt = localClock(first.time_zone);
  const tell = (slot: number): string => {
    const { day, minute } = localAt(startMs + slot * HALF_HOUR_MS);
    return `${days[day]} ${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  };
  return runsOf(asleep).map(({ start, length }) => ({
    from: tell(start),
    to: tell(start + length),
    seconds: (length * HALF_HOUR_MS) / 1000,
  }));
}

interface Local {
  /** 0: Sunday. */
  readonly day: number;
  readonly minute: number;
}

function localClock(timeZone: string): (ms: number) => Local {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const weekday = (parts.get('weekday') ?? '').toLowerCase();
    return {
      day: days.indexOf(weekday),
      minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    };
  };
}

function isAwake({ from, to, days: on }: AwakeHours, { day, minute }: Local): boolean {
  const [begins, ends] = [minuteOf(from), minuteOf(to)];
  const isOn = (which: number): boolean => on.some((each) => each === days[(which + 7) % 7]);
  if (begins < ends) return isOn(day) && minute >= begins && minute < ends;
  return (isOn(day) && minute >= begins) || (isOn(day - 1) && minute < ends);
}

const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** Stretches of true, the one over the end of the week in one piece. */
function runsOf(slots: readonly boolean[]): readonly { readonly start: number; readonly length: number }[] {
  const awakeAt = slots.indexOf(false);
  if (awakeAt === -1) return [{ start: 0, length: slots.length }];
  const runs: { start: number; length: number }[] = [];
  for (let step = 1; step <= slots.length; step += 1) {
    const slot = (awakeAt + step) % slots.length;
    if (slots[slot] !== true) continue;
    const last = runs.at(-1);
    if (last !== undefined && (last.start + last.length) % slots.length === slot) last.length += 1;
    else runs.push({ start: slot, length: 1 });
  }
  return runs;
}
