import type { Notice } from '../../domain/notice/notice.ts';
import type { Channel } from '../../domain/policy/policy.ts';

const HOUR_MS = 3_600_000;
/** Of one person's requests to one group, by one channel, within an hour. */
export const FROM_ONE_PERSON = 6;
/** Of all requests. More than that wears out whoever reads them, and the list of what waits shows them all. */
export const TO_ONE_GROUP = 30;

/** Who was written to about a review that somebody asked for. */
export interface ReviewNotice {
  /** `noticeKey`: counted once, however often it is seen. */
  readonly key: string;
  readonly notice: Notice;
  readonly channel: Channel;
  /** Whoever asked. */
  readonly person: string;
}

export interface ReviewNoticeBound {
  /** One more would be too many just now; what still waits in an hour is told then. */
  isReached(asked: ReviewNotice, nowMs: number): boolean;
  count(told: ReviewNotice, atMs: number): void;
}

/** Requests and nudges must not wear reviewers down: who asks again and again is not read again and again. */
export function reviewNoticeBound(): ReviewNoticeBound {
  const counted = new Map<string, { readonly atMs: number; readonly to: string; readonly person: string }>();
  const forget = (nowMs: number) => {
    for (const [key, { atMs }] of counted) if (atMs + HOUR_MS <= nowMs) counted.delete(key);
  };
  return {
    isReached(asked, nowMs) {
      forget(nowMs);
      const same = [...counted.values()].filter(({ to }) => to === earsOf(asked));
      const ofPerson = same.filter(({ person }) => person === asked.person);
      return same.length >= TO_ONE_GROUP || ofPerson.length >= FROM_ONE_PERSON;
    },
    count(told, atMs) {
      if (!counted.has(told.key)) counted.set(told.key, { atMs, to: earsOf(told), person: told.person });
    },
  };
}

const earsOf = ({ notice, channel }: ReviewNotice): string => `${notice.group ?? ''}\n${channel}`;
